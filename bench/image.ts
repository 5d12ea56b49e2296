/**
 * What it costs to know a picture's size and colour: the image tap against sharp (one thread, shrink-on-load to 100 px), jpeg-js
 * and upng-js. `node bench/image.ts [rounds [name]]` prints Markdown tables; Linux only (peak memory is read from /proc). Competitors
 * take turns in processes of their own, all in one run; ratios are of CPU time over all threads.
 */
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp, { type Sharp } from "sharp";
import { bombs, plainGif } from "./image-bombs.ts";
import type { Measurement } from "./image-run.ts";
import { measureOnce, merge, printHead, printRow, sourceRunner } from "./support/picture-runs.ts";

const photo = fileURLToPath(new URL("../test/support/photos/seeding-16mp-progressive.jpg", import.meta.url));
const ours = "sluice tap";
const raised = "sluice tap, limits raised";
const rounds = Number(process.argv[2] ?? 3);
/** Only pictures whose names begin so; then neither giants nor bombs. */
const only = process.argv[3] ?? "";
const directory = await mkdtemp(join(tmpdir(), "sluice-image-"));

interface Picture {
  readonly name: string;
  readonly pixels: readonly [width: number, height: number];
  readonly convert: (picture: Sharp) => Sharp;
  readonly comparisons: readonly Comparison[];
}

interface Comparison {
  readonly against: string;
  readonly cold?: boolean;
  /** The tap's share of the other's CPU at most, or how many times faster it is at least. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

const large = [4000, 3000] as const;
const huge = [8660, 5774] as const;
const jpeg = (picture: Sharp): Sharp => picture.jpeg({ quality: 90 });
const progressive = (picture: Sharp): Sharp => picture.jpeg({ quality: 90, progressive: true });
const png = (picture: Sharp): Sharp => picture.removeAlpha().png();

const pictures: readonly Picture[] = [
  {
    name: "JPEG 12 MP, baseline",
    pixels: large,
    convert: jpeg,
    comparisons: [
      { against: "sharp", atMost: 1 },
      { against: "jpeg-js", cold: true, atLeast: 8 },
      { against: "jpeg-js", atLeast: 20 },
    ],
  },
  {
    name: "JPEG 50 MP, baseline",
    pixels: huge,
    convert: jpeg,
    comparisons: [
      { against: "sharp", atMost: 1 },
      { against: "jpeg-js", cold: true, atLeast: 8 },
    ],
  },
  {
    name: "JPEG 12 MP, progressive",
    pixels: large,
    convert: progressive,
    comparisons: [
      { against: "sharp", atMost: 0.12 },
      { against: "jpeg-js", atLeast: 50 },
    ],
  },
  {
    name: "JPEG 50 MP, progressive",
    pixels: huge,
    convert: progressive,
    comparisons: [{ against: "sharp", atMost: 0.12 }],
  },
  {
    name: "PNG 12 MP, RGB8",
    pixels: large,
    convert: png,
    comparisons: [
      { against: "sharp", atMost: 1.4 },
      { against: "upng-js", atLeast: 3 },
    ],
  },
  { name: "PNG 50 MP, RGB8", pixels: huge, convert: png, comparisons: [{ against: "sharp", atMost: 1.4 }] },
  {
    name: "PNG 12 MP, RGB8, adaptive filters",
    pixels: large,
    convert: (picture) => picture.removeAlpha().png({ adaptiveFiltering: true }),
    comparisons: [{ against: "sharp" }],
  },
  {
    name: "PNG 12 MP, Adam7",
    pixels: large,
    convert: (picture) => picture.removeAlpha().png({ progressive: true }),
    comparisons: [{ against: "sharp", atMost: 0.05 }],
  },
  {
    name: "GIF 4 MP",
    pixels: [2310, 1732],
    convert: (picture) => picture.gif({ effort: 1 }),
    comparisons: [{ against: "sharp", atMost: 2 }],
  },
];

/** Pictures of 200 megapixels, for memory alone. */
const giants: readonly { name: string; maxMebibytes: number; make: (path: string) => Promise<unknown> }[] = [
  { name: "JPEG 200 MP", maxMebibytes: 8, make: async (path) => jpeg(enlarged()).toFile(path) },
  {
    name: "PNG 200 MP, RGB8",
    maxMebibytes: 24,
    make: async (path) => enlarged().png({ compressionLevel: 1 }).toFile(path),
  },
  { name: "GIF 200 MP, one colour", maxMebibytes: 24, make: async (path) => writeFile(path, plainGif(14_142)) },
];

const enlarged = (): Sharp => sharp(photo).resize(16_330, 12_247, { fit: "fill", kernel: "nearest" });

const verdict = (isReached: boolean): string => (isReached ? "reached" : "**missed**");

async function comparePicture({ name, pixels, convert, comparisons }: Picture, path: string): Promise<Measurement> {
  // Resized in two steps, because sharp merges resizes of one pipeline.
  const source = await sharp(photo)
    .resize(...pixels, { fit: "fill" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = source.info;
  await convert(sharp(source.data, { raw: { width, height, channels } })).toFile(path);
  const { size } = await stat(path);
  const runs = new Map<string, Measurement[]>();
  // Who is only compared cold needs no warm runs.
  const warm = new Map(comparisons.map(({ against }) => [against, 0]));
  for (const { against, cold } of comparisons) if (cold !== true) warm.set(against, 7);
  for (let round = 0; round < rounds; round++) {
    for (const competitor of [ours, ...warm.keys()]) {
      const measured = await measureOnce(
        sourceRunner,
        competitor,
        path,
        competitor === ours ? 15 : (warm.get(competitor) ?? 7),
      );
      runs.set(competitor, [...(runs.get(competitor) ?? []), measured]);
    }
  }
  const own = merge(runs.get(ours) ?? []);
  for (const { against, cold = false, atMost, atLeast } of comparisons) {
    const other = merge(runs.get(against) ?? []);
    const timeOf = (measured: Measurement): number => (cold ? measured.coldMilliseconds : measured.cpuMilliseconds);
    const [mine, theirs] = [timeOf(own), timeOf(other)];
    const ratio = atLeast === undefined ? mine / theirs : theirs / mine;
    printRow([
      `${name}${cold ? ", cold" : ""}`,
      `${(size / 1e6).toFixed(1)} MB`,
      mine.toFixed(1),
      `${against} ${theirs.toFixed(1)}`,
      atLeast === undefined ? `${ratio.toFixed(3)} ×` : `${ratio.toFixed(1)} × faster`,
      atLeast !== undefined ? `≥ ${atLeast} ×` : atMost !== undefined ? `≤ ${atMost} ×` : "–",
      atLeast !== undefined ? verdict(ratio >= atLeast) : atMost !== undefined ? verdict(ratio <= atMost) : "–",
    ]);
  }
  return own;
}

function printPeak(
  name: string,
  { peakMebibytes, cpuMilliseconds, coldMilliseconds }: Measurement,
  most: number,
): void {
  const milliseconds = Number.isNaN(cpuMilliseconds) ? coldMilliseconds : cpuMilliseconds;
  printRow([name, peakMebibytes.toFixed(1), `≤ ${most}`, verdict(peakMebibytes <= most), milliseconds.toFixed(0)]);
}

async function compareAll(): Promise<void> {
  printHead("picture", "file", "tap, CPU ms", "other, CPU ms", "ratio", "must reach", "");
  const peaks: [string, Measurement][] = [];
  for (const [index, picture] of pictures.entries()) {
    if (!picture.name.startsWith(only)) continue;
    peaks.push([picture.name, await comparePicture(picture, join(directory, `picture-${index}`))]);
  }
  console.log("\nPeak memory of the first run, above the process with the file loaded:\n");
  printHead("picture", "MiB", "must reach", "", "CPU ms");
  for (const [name, measured] of peaks) printPeak(name, measured, name.startsWith("JPEG") ? 8 : 24);
  if (only !== "") return;
  for (const { name, maxMebibytes, make } of giants) {
    const path = join(directory, "giant");
    await make(path);
    printPeak(name, await measureOnce(sourceRunner, raised, path, 0), maxMebibytes);
  }
}

async function throwBombs(): Promise<void> {
  console.log("\nBombs, with the limits as they are by default, in a cold process:\n");
  printHead("bomb", "file, bytes", "CPU ms", "peak MiB", "told");
  for (const { name, make } of bombs) {
    const path = join(directory, "bomb");
    const file = await make();
    await writeFile(path, file);
    const { coldMilliseconds, peakMebibytes, told } = await measureOnce(sourceRunner, ours, path, 0);
    printRow([name, String(file.length), coldMilliseconds.toFixed(0), peakMebibytes.toFixed(1), told]);
  }
}

try {
  console.log(`Made by \`node bench/image.ts\` with Node ${process.version}: CPU time of all threads, medians of`);
  console.log(`${rounds} processes, each the median of warm runs, or its first run where it says cold.\n`);
  await compareAll();
  if (only === "") await throwBombs();
} finally {
  await rm(directory, { recursive: true });
}
