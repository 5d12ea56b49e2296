/** Builds the Worker as a deployment would and fails when its gzip size is over the budget. */
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { runWrangler } from "../src/cli/local/wrangler.ts";

/** KiB by engine: a small Worker starts quickly; the platform's own limit is 3 MB. */
const engines: Readonly<Record<string, number>> = { d1: 85, hyperdrive: 110, neon: 135 };
/** KiB of what only some deployments need, by its name in .sluice/build.ts. */
const features: Readonly<Record<string, number>> = {
  background: 6,
  validate: 2.5,
  stripping: 7.5,
  structure: 4.5,
  documents: 150,
  fileApi: 4,
};

const generated = () => readFile(new URL("../.sluice/build.ts", import.meta.url), "utf8");

/** Of what wrangler has just built, which brings the generated files up to date. */
async function readBudget(): Promise<{ readonly bytes: number; readonly built: readonly string[] }> {
  const text = await generated();
  const engine = /engine: (\w+)/.exec(text)?.[1] ?? "none";
  const used = Object.keys(features).filter((name) => new RegExp(`\\b${name}: `).test(text));
  const parts = [engines[engine] ?? 0, ...used.map((name) => features[name] ?? 0)];
  const kibibytes = parts.reduce((sum, part) => sum + part, 0);
  return { bytes: kibibytes * 1024, built: [engine, ...used] };
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
