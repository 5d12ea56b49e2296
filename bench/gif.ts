/**
 * What sampling a GIF costs against sharp's shrinking to 64 px on one thread: `node bench/gif.ts` prints a Markdown table. Linux
 * only (peak memory is read from /proc). Each competitor has a process of its own, all in one run.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type Sharp from "sharp";
import type { GifOptions } from "sharp";
import { createGifSampler } from "../src/image/gif/gif-sampler.ts";
import { defaultImageLimits } from "../src/image/image-tap.ts";

interface Measurement {
  readonly cpuMilliseconds: number;
  readonly peakMebibytes: number;
}

type Read = (file: Uint8Array) => Promise<void>;

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const photo = fileURLToPath(new URL("../test/photos/umang-8mp-baseline.jpg", import.meta.url));
const chunkBytes = 262_144;
const warmRuns = 9;

const pictures: readonly { name: string; options: GifOptions }[] = [
  { name: "4 MP, 256 colours, dithered", options: { dither: 1 } },
  { name: "4 MP, 256 colours, flat", options: { dither: 0 } },
  { name: "4 MP, 4 colours, flat", options: { dither: 0, colours: 4 } },
  { name: "4 MP, 256 colours, interlaced", options: { dither: 1, progressive: true } },
];

/** sharp is loaded only where it is used: it takes memory. */
function loadSharp(): typeof Sharp {
  const sharp = require("sharp") as typeof Sharp;
  sharp.concurrency(1);
  return sharp;
}

const competitors: Readonly<Record<string, () => Read>> = {
  sampler: () => async (file) => {
    const sampler = createGifSampler(defaultImageLimits);
    for (let at = 0; at < file.length; at += chunkBytes) await sampler.push(file.subarray(at, at + chunkBytes));
    if ((await sampler.finish()) === null) throw new Error(`no grid: ${sampler.fault}`);
  },
  sharp: () => {
    const sharp = loadSharp();
    return async (file) => {
      await sharp(file).resize(64, 64, { fit: "inside" }).raw().toBuffer();
    };
  },
};

function statusKibibytes(name: string): number {
  const line = readFileSync("/proc/self/status", "utf8").match(new RegExp(`^${name}:\\s+(\\d+)`, "m"));
  return Number(line?.[1]);
}

/** Peak memory of the first run, and CPU time of all threads of the median warm one. */
async function measure(read: Read, file: Uint8Array): Promise<Measurement> {
  globalThis.gc?.();
  const base = statusKibibytes("VmRSS");
  writeFileSync("/proc/self/clear_refs", "5"); // resets the peak, proc_pid_clear_refs(5)
  const times: number[] = [];
  let peakMebibytes = 0;
  for (let turn = 0; turn <= warmRuns; turn++) {
    const before = process.cpuUsage();
    await read(file);
    const { user, system } = process.cpuUsage(before);
    if (turn === 0) peakMebibytes = (statusKibibytes("VmHWM") - base) / 1024;
    else times.push((user + system) / 1000);
  }
  times.sort((one, other) => one - other);
  return { cpuMilliseconds: times[Math.floor(times.length / 2)] ?? Number.NaN, peakMebibytes };
}

async function measureApart(competitor: string, path: string): Promise<Measurement> {
  const { stdout } = await run(process.execPath, ["--expose-gc", fileURLToPath(import.meta.url), competitor, path]);
  return JSON.parse(stdout) as Measurement;
}

async function compare(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "sluice-gif-"));
  try {
    console.log("| picture | file | sampler CPU ms | sharp CPU ms | ratio | sampler peak MiB | sharp peak MiB |");
    console.log("| --- | --: | --: | --: | --: | --: | --: |");
    const sharp = loadSharp();
    const resized = await sharp(photo).resize(2310, 1732, { fit: "fill" }).png().toBuffer();
    for (const { name, options } of pictures) {
      const path = join(directory, "picture.gif");
      const { size } = await sharp(resized)
        .gif({ effort: 1, ...options })
        .toFile(path);
      const ours = await measureApart("sampler", path);
      const theirs = await measureApart("sharp", path);
      const times = [ours.cpuMilliseconds, theirs.cpuMilliseconds].map((time) => time.toFixed(1));
      const ratio = `${(ours.cpuMilliseconds / theirs.cpuMilliseconds).toFixed(2)} ×`;
      const peaks = [ours.peakMebibytes, theirs.peakMebibytes].map((peak) => peak.toFixed(1));
      console.log(`| ${[name, `${(size / 1e6).toFixed(2)} MB`, ...times, ratio, ...peaks].join(" | ")} |`);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

const [competitor, path = ""] = process.argv.slice(2);
const load = competitors[competitor ?? ""];
if (load === undefined) await compare();
else console.log(JSON.stringify(await measure(load(), Uint8Array.from(readFileSync(path)))));
