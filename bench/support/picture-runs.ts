/** Runs of bench/image-run.ts, each in a process of its own, and tables of what they measured. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Measurement } from "../image-run.ts";
import { bundleWorker } from "./bundle.ts";

const run = promisify(execFile);
const source = new URL("../image-run.ts", import.meta.url);

/** The runner as it stands: Node's work on TypeScript has left it memory that a picture can take, as an isolate's requests have. */
export const sourceRunner = fileURLToPath(source);

/** The runner as a Worker is bundled, where V8's own work is to be seen, cold and in memory, beside nobody else's. */
export async function bundleRunner(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "sluice-picture-runs-"));
  process.once("exit", () => rmSync(directory, { recursive: true }));
  const path = join(directory, "run.mjs");
  // It loads the competitors from where it was.
  const define = { "import.meta.url": JSON.stringify(source.href) };
  await writeFile(path, await bundleWorker(source, { define }));
  return path;
}

/** One process of a runner: a cold run, and then so many. */
export async function measureOnce(
  runner: string,
  competitor: string,
  path: string,
  runs: number,
): Promise<Measurement> {
  const { stdout } = await run(process.execPath, ["--expose-gc", runner, competitor, path, String(runs)]);
  return JSON.parse(stdout) as Measurement;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

/** Medians; of memory the most. */
export function merge(all: readonly Measurement[]): Measurement {
  return {
    coldMilliseconds: median(all.map(({ coldMilliseconds }) => coldMilliseconds)),
    coldThreadMilliseconds: median(all.map(({ coldThreadMilliseconds }) => coldThreadMilliseconds)),
    cpuMilliseconds: median(all.map(({ cpuMilliseconds }) => cpuMilliseconds)),
    peakMebibytes: Math.max(...all.map(({ peakMebibytes }) => peakMebibytes)),
    told: all[0]?.told ?? "",
  };
}

/** A row of a Markdown table. */
export function printRow(cells: readonly string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}

export function printHead(...heads: readonly string[]): void {
  printRow(heads);
  printRow(heads.map((_, index) => (index === 0 ? "---" : "--:")));
}
