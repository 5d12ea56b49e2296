/**
 * One competitor on one picture, in a process of its own: `node --expose-gc bench/image-run.ts <competitor> <file> <runs>`.
 * Started by bench/image.ts; prints one line of JSON.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import type Sharp from "sharp";
import type { ThumbnailRule } from "../src/contract/plan/files.ts";
import { gridFields } from "../src/runtime/image/grid-colors.ts";
import { createImageTap, type ImageLimits } from "../src/runtime/image/image-tap.ts";
import { making } from "../src/runtime/image/thumbnail/making.ts";

export interface Measurement {
  /** Of the first run, and the median of the later half of those after it. */
  readonly coldMilliseconds: number;
  /** Of these, what the thread took that ran the code: the rest is V8's compilers and collectors. */
  readonly coldThreadMilliseconds: number;
  readonly cpuMilliseconds: number;
  readonly peakMebibytes: number;
  /** What was told of the picture, where that is of interest. */
  readonly told: string;
}

const chunkBytes = 262_144;
const require = createRequire(import.meta.url);

type Read = (file: Uint8Array) => unknown;

function typeOf(file: Uint8Array): string {
  if (file[0] === 0xff) return "image/jpeg";
  return file[0] === 0x89 ? "image/png" : "image/gif";
}

async function tapPicture(file: Uint8Array, limits: Partial<ImageLimits>): Promise<string> {
  const tap = createImageTap(typeOf(file), new Set(["width", "height", "dominant_color"]), limits);
  for (let at = 0; at < file.length; at += chunkBytes) await tap?.push(file.subarray(at, at + chunkBytes));
  const result = await tap?.finish();
  if (result === undefined) throw new Error("no tap");
  return `${result.width} × ${result.height}, ${result.dominantColor ?? result.fault}`;
}

const thumbnailRule: ThumbnailRule = { name: "small", maxEdge: 320, quality: 80, background: [255, 255, 255] };

/** Colour, palette and hash, and with `rules` thumbnails. */
async function readPicture(file: Uint8Array, rules: readonly ThumbnailRule[]): Promise<string> {
  const wish = rules.length === 0 ? null : { making, rules };
  const tap = createImageTap(typeOf(file), new Set(["width", "height", ...gridFields]), {}, undefined, wish);
  for (let at = 0; at < file.length; at += chunkBytes) await tap?.push(file.subarray(at, at + chunkBytes));
  const { fault = "no tap", thumbnails = null } = (await tap?.finish()) ?? {};
  if (fault !== null || (thumbnails === null) !== (wish === null)) throw new Error(fault ?? "no thumbnail");
  return (thumbnails ?? []).map(({ width, height, jpeg }) => `${width} × ${height}, ${jpeg?.length} bytes`).join("; ");
}

/** What each competitor does to know a picture; loaded only in its own process. */
const competitors: Readonly<Record<string, () => Read>> = {
  "sluice tap": () => (file) => tapPicture(file, {}),
  "sluice tap, limits raised": () => (file) => tapPicture(file, { maxPixels: 1e9, maxWork: 1e10 }),
  colours: () => (file) => readPicture(file, []),
  thumbnail: () => (file) => readPicture(file, [thumbnailRule]),
  "three thumbnails": () => {
    const rules = [1024, 640, 320].map((maxEdge) => ({ ...thumbnailRule, name: `at ${maxEdge}`, maxEdge }));
    return (file) => readPicture(file, rules);
  },
  "sharp thumbnail": () => {
    const sharp = require("sharp") as typeof Sharp;
    sharp.concurrency(1);
    const { maxEdge, quality } = thumbnailRule;
    return (file) => sharp(file).rotate().resize(maxEdge, maxEdge, { fit: "inside" }).jpeg({ quality }).toBuffer();
  },
  "jpeg-js": () => {
    const { decode } = require("jpeg-js") as { decode: (file: Uint8Array, options: object) => unknown };
    return (file) => decode(file, { useTArray: true, maxMemoryUsageInMB: 4096, maxResolutionInMP: 400 });
  },
  "upng-js": () => {
    const upng = require("upng-js") as { decode(file: ArrayBufferLike): object; toRGBA8(picture: object): unknown };
    return (file) => upng.toRGBA8(upng.decode(file.buffer));
  },
  sharp: () => {
    const sharp = require("sharp") as typeof Sharp;
    sharp.concurrency(1);
    return (file) => sharp(file).resize(100, 100, { fit: "inside" }).raw().toBuffer();
  },
};

function statusKibibytes(name: string): number {
  const line = readFileSync("/proc/self/status", "utf8").match(new RegExp(`^${name}:\\s+(\\d+)`, "m"));
  return Number(line?.[1]);
}

const millisecondsOf = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

/** Peak memory of the first run, then CPU time (of all threads) of the median of the later half. */
async function measure(read: Read, file: Uint8Array, runs: number): Promise<Measurement> {
  globalThis.gc?.();
  const baseKibibytes = statusKibibytes("VmRSS");
  writeFileSync("/proc/self/clear_refs", "5"); // resets the peak, proc_pid_clear_refs(5)
  const times: number[] = [];
  let peakKibibytes = 0;
  let coldMilliseconds = 0;
  let coldThreadMilliseconds = 0;
  let told: unknown = null;
  for (let run = 0; run <= runs; run++) {
    const before = process.cpuUsage();
    const threadBefore = process.threadCpuUsage();
    told = await read(file);
    const milliseconds = millisecondsOf(process.cpuUsage(before));
    if (run > 0) times.push(milliseconds);
    else {
      peakKibibytes = statusKibibytes("VmHWM");
      coldMilliseconds = milliseconds;
      coldThreadMilliseconds = millisecondsOf(process.threadCpuUsage(threadBefore));
    }
  }
  // In the first half V8's compiler threads are still at work.
  const warm = times.slice(times.length >> 1).toSorted((one, other) => one - other);
  return {
    coldMilliseconds,
    coldThreadMilliseconds,
    cpuMilliseconds: warm[warm.length >> 1] ?? coldMilliseconds,
    peakMebibytes: (peakKibibytes - baseKibibytes) / 1024,
    told: typeof told === "string" ? told : "",
  };
}

const [competitor = "", path = "", runs = "5"] = process.argv.slice(2);
const load = competitors[competitor];
if (load === undefined) throw new Error(`no competitor ${competitor}`);
const bytes = readFileSync(path);
const file = new Uint8Array(bytes.length);
file.set(bytes);
console.log(JSON.stringify(await measure(load(), file, Number(runs))));
