/** An example as its reader has it: in a folder of its own, with the packed package. */
import { existsSync } from "node:fs";
import { cp, readFile, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { check, npm, root, run } from "../package/commands.ts";
import { builtCommand } from "../package/project.ts";

export type Engine = "d1" | "neon";

export const examples = join(root, "examples");

/** Of what `sluice init` writes, what an example has as well: for D1. */
const ofTheEngine = ["package.json", "wrangler.toml", "migrations/0001_receipts.sql"] as const;

export async function makeExample(folder: string, engine: Engine, tarball: string): Promise<void> {
  const source = join(examples, basename(folder));
  await cp(source, folder, { recursive: true });
  if (engine !== "d1") {
    for (const name of ofTheEngine) await rm(join(folder, name), { force: true });
    await init(folder, engine);
    // The endpoints and the table that a new project begins with.
    for (const name of ["abis", "migrations"]) await keepOnly(join(folder, name), join(source, name));
  }
  await npm(folder, "install", tarball);
}

const init = (folder: string, engine: Engine): Promise<string> =>
  run(join(folder, ".."), process.execPath, [builtCommand, "init", folder, "--database", engine]);

async function keepOnly(folder: string, source: string): Promise<void> {
  const own: readonly string[] = await readdir(source).catch(() => []);
  for (const name of await readdir(folder)) if (!own.includes(name)) await rm(join(folder, name));
}

/** An example is a project that `sluice init` made, with endpoints and tests of its own. */
export async function checkOrigin(folder: string): Promise<void> {
  await init(folder, "d1");
  for (const name of [...ofTheEngine, ".gitignore"]) {
    if (!existsSync(join(examples, basename(folder), name))) continue;
    const [made, own] = await Promise.all([folder, join(examples, basename(folder))].map((from) => read(from, name)));
    check(made === own, `${name} is the one that sluice init writes`, own);
  }
}

async function read(folder: string, name: string): Promise<string> {
  const text = await readFile(join(folder, name), "utf8");
  if (name !== "package.json") return text;
  const manifest = JSON.parse(text) as { readonly scripts: Readonly<Record<string, string>> };
  const scripts = Object.entries(manifest.scripts).filter(([script]) => script !== "test");
  return JSON.stringify({ ...manifest, scripts: Object.fromEntries(scripts) });
}
