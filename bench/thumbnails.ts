/**
 * What a thumbnail of 320 pixels costs beside colour, palette and hash, against sharp (one thread), which makes the
 * thumbnail alone: `node bench/thumbnails.ts [rounds [name]]` prints a Markdown table; Linux only (peak memory is read
 * from /proc). Competitors take turns in processes of their own, all in one run; ratios are of CPU time over all threads.
 */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp, { type Sharp } from "sharp";
import type { Measurement } from "./image-run.ts";
import { jpegCases, type Case } from "./support/jpeg-cases.ts";
import { bundleRunner, measureOnce, merge, printHead, printRow } from "./support/picture-runs.ts";

const photo = fileURLToPath(new URL("../test/support/photos/seeding-16mp-progressive.jpg", import.meta.url));
const rounds = Number(process.argv[2] ?? 3);
/** Only pictures whose names begin so. */
const only = process.argv[3] ?? "";

const large = [4000, 3000] as const;
const opaque = (picture: Sharp): Sharp => picture.removeAlpha();
const glass = (picture: Sharp): Sharp => picture.removeAlpha().ensureAlpha(0.75);

const cases: readonly Case[] = [
  ...jpegCases,
  { name: "PNG 12 MP, RGB8", pixels: large, convert: (picture) => opaque(picture).png(), atMost: 1.1 },
  {
    name: "PNG 12 MP, RGB8, adaptive filters",
    pixels: large,
    convert: (picture) => opaque(picture).png({ adaptiveFiltering: true }),
    atMost: 1.3,
  },
  {
    name: "PNG 12 MP, RGBA8, opaque, adaptive filters",
    pixels: large,
    convert: (picture) => opaque(picture).ensureAlpha().png({ adaptiveFiltering: true }),
    atMost: 1,
  },
  {
    name: "PNG 12 MP, RGBA8, transparent, adaptive filters",
    pixels: large,
    convert: (picture) => glass(picture).png({ adaptiveFiltering: true }),
    atMost: 1,
  },
  { name: "PNG 12 MP, palette", pixels: large, convert: (picture) => picture.png({ palette: true }), atMost: 1.2 },
  { name: "PNG 12 MP, Adam7", pixels: large, convert: (picture) => opaque(picture).png({ progressive: true }) },
  { name: "PNG 1 MP, RGB8", pixels: [1155, 866], convert: (picture) => opaque(picture).png() },
  { name: "GIF 4 MP", pixels: [2310, 1732], convert: (picture) => picture.gif({ effort: 1 }), atMost: 1.5 },
];

/** Runs of each, of which the later half counts: V8 still compiles in the first dozens. */
const competitors = { colours: 40, thumbnail: 50, "three thumbnails": 12, "sharp thumbnail": 10 } as const;
type Competitor = keyof typeof competitors;

async function writePicture({ pixels, convert }: Case, path: string): Promise<number> {
  // Resized in two steps, because sharp merges resizes of one pipeline.
  const { data, info } = await sharp(photo)
    .resize(...pixels, { fit: "fill" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  await convert(sharp(data, { raw: { width, height, channels } })).toFile(path);
  return (await stat(path)).size;
}

async function compare(one: Case, path: string): Promise<void> {
  const size = await writePicture(one, path);
  const runs: Record<Competitor, Measurement[]> = {
    colours: [],
    thumbnail: [],
    "three thumbnails": [],
    "sharp thumbnail": [],
  };
  for (let round = 0; round < rounds; round++) {
    for (const [competitor, count] of Object.entries(competitors)) {
      runs[competitor as Competitor].push(await measureOnce(runner, competitor, path, count));
    }
  }
  const [colours, thumbnail, three, other] = [
    merge(runs.colours),
    merge(runs.thumbnail),
    merge(runs["three thumbnails"]),
    merge(runs["sharp thumbnail"]),
  ];
  const ratio = thumbnail.cpuMilliseconds / other.cpuMilliseconds;
  const { atMost } = one;
  printRow([
    one.name,
    `${(size / 1e6).toFixed(1)} MB`,
    ...[colours, thumbnail, three, other].map(({ cpuMilliseconds }) => cpuMilliseconds.toFixed(1)),
    `${ratio.toFixed(2)} ×`,
    atMost === undefined ? "–" : `≤ ${atMost} × ${ratio <= atMost ? "reached" : "**missed**"}`,
    [colours, thumbnail, other].map(({ coldMilliseconds }) => coldMilliseconds.toFixed(0)).join(" / "),
    [colours, thumbnail].map(({ coldThreadMilliseconds }) => coldThreadMilliseconds.toFixed(0)).join(" / "),
    [colours, thumbnail, three, other].map(({ peakMebibytes }) => peakMebibytes.toFixed(1)).join(" / "),
  ]);
}

const runner = await bundleRunner();
const directory = await mkdtemp(join(tmpdir(), "sluice-thumbnails-"));
try {
  console.log(`Made by \`node bench/thumbnails.ts\` with Node ${process.version}: CPU milliseconds of all threads,`);
  console.log(
    `medians of ${rounds} processes, each the median of the later half of its runs; three thumbnails are of 1024, 640 and 320.\n`,
  );
  const four = "colours / thumbnail / three / sharp";
  printHead(
    "picture",
    "file",
    "colours",
    "thumbnail",
    "three",
    "sharp",
    "ratio",
    "must reach",
    "cold: colours / thumbnail / sharp",
    "its own thread",
    `peak MiB: ${four}`,
  );
  for (const [index, one] of cases.entries()) {
    if (one.name.startsWith(only)) await compare(one, join(directory, `picture-${index}`));
  }
} finally {
  await rm(directory, { recursive: true });
}
