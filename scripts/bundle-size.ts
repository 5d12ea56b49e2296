/** Builds the Worker as a deployment would and fails when its gzip size is over the budget. */
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { runWrangler } from "./runtime/wrangler.ts";

/** A small Worker starts quickly; the platform's own limit is 3 MB. */
const BUDGET_BYTES = 90 * 1024;

const folder = await mkdtemp(join(tmpdir(), "sluice-bundle-"));
try {
  await runWrangler(["deploy", "--dry-run", "--outdir", folder]);
  const names = (await readdir(folder)).filter((name) => /\.(?:js|wasm)$/.test(name));
  if (names.length === 0) throw new Error("The dry run wrote no script");
  const sizes = await Promise.all(names.map(async (name) => gzipSync(await readFile(join(folder, name))).length));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const kibibytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  console.log(`Worker: ${kibibytes(total)} gzip, budget ${kibibytes(BUDGET_BYTES)}`);
  if (total > BUDGET_BYTES) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
