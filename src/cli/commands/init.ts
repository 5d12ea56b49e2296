/**
 * `sluice init [folder] [--gallery] [--database d1|neon|hyperdrive]`: writes a project that runs as it is. It asks nothing,
 * and touches nothing that exists.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { databaseNames, type DatabaseName } from "../../contract/database-names.ts";
import { findConfiguration } from "../configuration/file.ts";
import { projectFiles } from "../init/project-files.ts";

interface Options {
  readonly folder: string;
  readonly gallery: boolean;
  readonly database: DatabaseName;
}

const isDatabase = (name: string): name is DatabaseName => databaseNames.some((known) => known === name);

/** @throws Error with what was expected */
function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { gallery: { type: "boolean", default: false }, database: { type: "string", default: "d1" } },
  });
  if (positionals.length > 1) throw new Error("init takes one folder");
  if (!isDatabase(values.database)) throw new Error(`--database takes ${databaseNames.join(", ")}`);
  return { folder: resolve(positionals[0] ?? "."), gallery: values.gallery, database: values.database };
}

/** What a Worker, a bucket and a database may be called; `my-uploads` where the folder's name has nothing of it. */
function nameOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .replace(/-$/, "")
    .slice(0, 50);
  return name.length < 3 ? "my-uploads" : name;
}

/** What stands where the file would be: of wrangler's configuration any file, for wrangler reads only one. */
function existingOf(folder: string, path: string): string | null {
  if (path === "wrangler.toml") return findConfiguration(folder)?.name ?? null;
  return existsSync(join(folder, path)) ? path : null;
}

function write({ folder, ...choice }: Options): void {
  const kept: string[] = [];
  for (const [path, text] of projectFiles({ name: nameOf(folder), ...choice })) {
    const target = join(folder, path);
    const existing = existingOf(folder, path);
    if (existing !== null) {
      kept.push(existing);
      continue;
    }
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, { mode: path === ".dev.vars" ? 0o600 : 0o644 });
    console.log(`  ${path}`);
  }
  for (const path of kept) console.log(`  ${path}  was there: left as it is`);
  const way = relative(process.cwd(), folder);
  const enter = way === "" ? "" : `cd ${way} && `;
  console.log(`\nNext:  ${enter}npm install && npx sluice dev\n`);
}

try {
  write(readOptions());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
