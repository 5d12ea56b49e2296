/** Runs of bench/image-run.ts, each in a process of its own, and tables of what they measured. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Measurement } from "../image-run.ts";

const run = promisify(execFile);
const runner = fileURLToPath(new URL("../image-run.ts", import.meta.url));

/** One process of bench/image-run.ts: a cold run, and then so many. */
export async function measureOnce(competitor: string, path: string, runs: number): Promise<Measurement> {
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
