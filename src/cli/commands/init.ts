/**
 * `sluice init [folder] [--gallery] [--database d1|neon|hyperdrive]`: writes a project that runs as it is. It asks nothing,
 * and touches nothing that exists.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { databaseNames, type DatabaseName } from "../../contract/database-names.ts";
import { findConfiguration } from "../configuration/file.ts";
import { projectFiles } from "../init/project-files.ts";
import { runCommand } from "../run-command.ts";

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

/** What stands in the way: of wrangler's configuration any file, for wrangler reads only one. */
function anotherConfiguration(folder: string, path: string): string | null {
  return path === "wrangler.toml" ? (findConfiguration(folder)?.name ?? null) : null;
}

/** False where something has the name already, or its folder's: also a link to nowhere. */
function create(path: string, text: string, mode: number): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: "wx", mode });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && ["EEXIST", "ENOTDIR"].includes(String(error.code))) return false;
    throw error;
  }
}

async function write({ folder, ...choice }: Options): Promise<true> {
  const kept: string[] = [];
  for (const [path, text] of projectFiles({ name: nameOf(folder), ...choice })) {
    const existing = anotherConfiguration(folder, path);
    const mode = path === ".dev.vars" ? 0o600 : 0o644;
    if (existing === null && create(join(folder, path), text, mode)) console.log(`  ${path}`);
    else kept.push(existing ?? path);
  }
  for (const path of kept) console.log(`  ${path}  was there: left as it is`);
  const way = relative(process.cwd(), folder);
  const enter = way === "" ? "" : `cd ${way} && `;
  console.log(`\nNext:  ${enter}npm install && npx sluice dev\n`);
  return true;
}

await runCommand(readOptions, write);
