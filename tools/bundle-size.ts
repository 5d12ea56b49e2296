/** Builds the Worker as a deployment would and fails when its gzip size is over the budget. */
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { runWrangler } from "../src/cli/local/wrangler.ts";
import { budgetOf, featureNames } from "./bundle-budget.ts";

const generated = () => readFile(new URL("../.sluice/build.ts", import.meta.url), "utf8");

/** Of what wrangler has just built, which brings the generated files up to date. */
async function readBudget(): Promise<{ readonly bytes: number; readonly built: readonly string[] }> {
  const text = await generated();
  const engine = /engine: (\w+)/.exec(text)?.[1] ?? "none";
  const used = featureNames.filter((name) => new RegExp(`\\b${name}: `).test(text));
  return { bytes: budgetOf(engine, used), built: [engine, ...used] };
}

const folder = await mkdtemp(join(tmpdir(), "sluice-bundle-"));
try {
  await runWrangler(["deploy", "--dry-run", "--outdir", folder]);
  const names = (await readdir(folder)).filter((name) => /\.(?:js|wasm)$/.test(name));
  if (names.length === 0) throw new Error("The dry run wrote no script");
  const sizes = await Promise.all(names.map(async (name) => gzipSync(await readFile(join(folder, name))).length));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const kibibytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  const budget = await readBudget();
  console.log(`Worker: ${kibibytes(total)} gzip with ${budget.built.join(", ")}; budget ${kibibytes(budget.bytes)}`);
  if (total > budget.bytes) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
