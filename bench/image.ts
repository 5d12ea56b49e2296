/**
 * What it costs to know a picture's size and colour: the image tap against full decodes. `node bench/image.ts` prints a
 * Markdown table; Linux only (peak memory is read from /proc). Each competitor has processes of its own, all in one run.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import sharp, { type Sharp } from "sharp";
import type { Measurement } from "./image-run.ts";

const run = promisify(execFile);
const photo = fileURLToPath(new URL("../test/photos/seeding-16mp-progressive.jpg", import.meta.url));
const runner = fileURLToPath(new URL("image-run.ts", import.meta.url));
const ours = "sluice tap";
const warmRuns = { [ours]: 15, other: 5 };

interface Picture {
  readonly name: string;
  readonly convert: (picture: Sharp) => Sharp;
  readonly against: readonly string[];
}

const jpegDecoders = ["jpeg-js", "sharp to 64 px"];
const pngDecoders = ["upng-js", "sharp to 64 px"];

const pictures: readonly Picture[] = [
  { name: "JPEG 12 MP, baseline", convert: (picture) => picture.jpeg({ quality: 90 }), against: jpegDecoders },
  {
    name: "JPEG 12 MP, progressive",
    convert: (picture) => picture.jpeg({ quality: 90, progressive: true }),
    against: jpegDecoders,
  },
  {
    name: "JPEG 12 MP, 4:4:4, quality 95",
    convert: (picture) => picture.jpeg({ quality: 95, chromaSubsampling: "4:4:4" }),
    against: jpegDecoders,
  },
  { name: "JPEG 0.1 MP", convert: (picture) => picture.resize(400, 300).jpeg({ quality: 85 }), against: jpegDecoders },
  { name: "PNG 12 MP, RGB", convert: (picture) => picture.removeAlpha().png(), against: pngDecoders },
  { name: "PNG 12 MP, RGBA", convert: (picture) => picture.ensureAlpha().png(), against: pngDecoders },
  {
    name: "PNG 12 MP, RGB, interlaced",
    convert: (picture) => picture.removeAlpha().png({ progressive: true }),
    against: pngDecoders,
  },
];

async function measure(competitor: string, path: string): Promise<Measurement> {
  const runs = competitor === ours ? warmRuns[ours] : warmRuns.other;
  const { stdout } = await run(process.execPath, ["--expose-gc", runner, competitor, path, String(runs)]);
  return JSON.parse(stdout) as Measurement;
}

function printRow(cells: readonly string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}

async function comparePicture({ name, convert, against }: Picture, path: string): Promise<void> {
  // Resized in two steps, because sharp merges resizes of one pipeline.
  const large = await sharp(photo).resize(4000, 3000, { fit: "fill" }).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = large.info;
  await convert(sharp(large.data, { raw: { width, height, channels } })).toFile(path);
  const { size } = await stat(path);
  const base = await measure(ours, path);
  for (const competitor of [ours, ...against]) {
    const { cpuMilliseconds, peakMebibytes } = competitor === ours ? base : await measure(competitor, path);
    printRow([
      competitor === ours ? name : "",
      competitor === ours ? `${(size / 1e6).toFixed(2)} MB` : "",
      competitor,
      cpuMilliseconds.toFixed(1),
      `${(cpuMilliseconds / base.cpuMilliseconds).toFixed(1)} ×`,
      peakMebibytes.toFixed(0),
    ]);
  }
}

const directory = await mkdtemp(join(tmpdir(), "sluice-image-"));
try {
  console.log(
    `Made by \`node bench/image.ts\` with Node ${process.version}. CPU time of all threads, median of warm runs;`,
  );
  console.log("resident memory of the first run above the process with the file loaded.\n");
  printRow(["picture", "file", "decoder", "CPU ms", "of the tap's", "peak MiB"]);
  printRow(["---", "--:", "---", "--:", "--:", "--:"]);
  for (const [index, picture] of pictures.entries()) await comparePicture(picture, join(directory, `picture-${index}`));
} finally {
  await rm(directory, { recursive: true });
}
