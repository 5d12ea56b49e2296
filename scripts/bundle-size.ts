/** Builds the Worker as a deployment would and fails when its gzip size is over the budget. */
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { runWrangler } from "./runtime/wrangler.ts";

/** KiB by engine: a small Worker starts quickly; the platform's own limit is 3 MB. */
const budgets: Readonly<Record<string, number>> = { "d1-engine": 90, "hyperdrive-engine": 120, "neon-engine": 150 };
/** MongoDB's driver, where the deployment has it. */
const MONGODB_KIBIBYTES = 180;

const generated = (name: string) => readFile(new URL(`../src/generated/${name}.ts`, import.meta.url), "utf8");
const engine = /\/([\w-]+-engine)\.ts"/.exec(await generated("engine"))?.[1] ?? "none";
const hasMongodb = !(await generated("documents")).includes("= null;");
const budgetBytes = ((budgets[engine] ?? 0) + (hasMongodb ? MONGODB_KIBIBYTES : 0)) * 1024;

const folder = await mkdtemp(join(tmpdir(), "sluice-bundle-"));
try {
  await runWrangler(["deploy", "--dry-run", "--outdir", folder]);
  const names = (await readdir(folder)).filter((name) => /\.(?:js|wasm)$/.test(name));
  if (names.length === 0) throw new Error("The dry run wrote no script");
  const sizes = await Promise.all(names.map(async (name) => gzipSync(await readFile(join(folder, name))).length));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const kibibytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  console.log(`Worker: ${kibibytes(total)} gzip, budget ${kibibytes(budgetBytes)}`);
  if (total > budgetBytes) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
