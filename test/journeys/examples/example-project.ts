/** An example as its reader has it: in a folder of its own, with the packed package. */
import { existsSync } from "node:fs";
import { appendFile, cp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { check, refusal, root, run } from "../package/commands.ts";
import { builtCommand, copyModules } from "../package/project.ts";
import { blocksToAdd } from "../package/rate-limit.ts";

export type Engine = "d1" | "neon";

export const examples = join(root, "examples");

/** Of what `sluice init` writes, what an example has as well: for D1. */
const ofTheEngine = ["package.json", "wrangler.toml", "migrations/0001_receipts.sql"] as const;

export interface Setting {
  readonly engine: Engine;
  /** Of the package. */
  readonly tarball: string;
  /** Another project of the engine, whose packages need not be unpacked once more; null: there is none yet. */
  readonly like: string | null;
}

/** What its page's `npm install` then installs is the packed package. */
export async function makeExample(name: string, folder: string, { engine, tarball, like }: Setting): Promise<void> {
  const source = join(examples, name);
  await cp(source, folder, { recursive: true });
  if (engine !== "d1") {
    for (const file of ofTheEngine) await rm(join(folder, file), { force: true });
    await init(source, folder, engine);
  }
  const path = join(folder, "package.json");
  const manifest = JSON.parse(await readFile(path, "utf8")) as { readonly dependencies: object };
  const dependencies = { ...manifest.dependencies, sluice: `file:${relative(folder, tarball)}` };
  await writeFile(path, JSON.stringify({ ...manifest, dependencies }));
  if (like === null) return;
  await cp(join(like, "package-lock.json"), join(folder, "package-lock.json"));
  await copyModules(like, folder);
}

/** As its author began: what `sluice init` writes, the example's endpoints and tables, and what the build says that they lack. */
async function init(source: string, folder: string, engine: Engine): Promise<void> {
  const configuration = await read(source, "wrangler.toml");
  const flags = configuration.includes("[assets]") ? ["--gallery"] : [];
  const command = [builtCommand, "init", folder, "--database", engine, ...flags];
  await run(join(folder, ".."), process.execPath, command);
  for (const name of ["abis", "migrations"]) await takeOver(join(source, name), join(folder, name));
  if (!configuration.includes("RATE_LIMITS")) return;
  const said = await refusal(run(folder, process.execPath, [builtCommand, "build"]));
  await appendFile(join(folder, "wrangler.toml"), blocksToAdd(said) ?? "");
}

/** The source's files, but for those of the same name that the engine has in another form. */
async function takeOver(source: string, folder: string): Promise<void> {
  const own: readonly string[] = await readdir(source).catch(() => []);
  for (const name of await readdir(folder)) if (!own.includes(name)) await rm(join(folder, name));
  if (own.length > 0) await cp(source, folder, { recursive: true, force: false });
}

/** An example is a project that `sluice init` made, with endpoints and tests of its own. */
export async function checkOrigin(folder: string): Promise<void> {
  const source = join(examples, basename(folder));
  await init(source, folder, "d1");
  for (const name of [...ofTheEngine, ".gitignore"]) {
    if (!existsSync(join(source, name))) continue;
    const [made, own] = await Promise.all([folder, source].map((from) => read(from, name)));
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
