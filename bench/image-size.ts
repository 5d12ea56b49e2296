/**
 * What the image code adds to a Worker: bundled and minified as a deployment is, part after part.
 * `node bench/image-size.ts` prints a Markdown table. Each row is what the part adds to those above it.
 */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const folder = fileURLToPath(new URL("../src/runtime/image/", import.meta.url));

/** What the rest of the runtime, or the next part, imports of a part. */
const parts: readonly (readonly [name: string, ...exports: string[]])[] = [
  [
    "colours, palette, upright grid, EXIF",
    `{ readGridColors } from "./grid-colors.ts"`,
    `{ uprightGrid } from "./upright.ts"`,
    `{ readOrientation } from "./orientation.ts"`,
  ],
  ["JPEG", `{ createJpegSampler } from "./jpeg/jpeg-sampler.ts"`],
  ["PNG", `{ createPngSampler } from "./png/png-sampler.ts"`],
  ["GIF", `{ createGifSampler } from "./gif/gif-sampler.ts"`],
  ["WebP", `{ createWebpSampler } from "./webp/webp-sampler.ts"`],
  ["AVIF, HEIC, HEIF", `{ createHeifSampler } from "./heif/heif-sampler.ts"`],
  [
    "BMP, TIFF, ICO",
    `{ createBmpSampler } from "./bmp/bmp-sampler.ts"`,
    `{ createTiffSampler } from "./tiff/tiff-sampler.ts"`,
    `{ createIcoSampler } from "./ico/ico-sampler.ts"`,
  ],
  [
    "raw files of cameras",
    `{ createCr3Sampler } from "./raw/cr3-sampler.ts"`,
    `{ createRafSampler } from "./raw/raf-sampler.ts"`,
  ],
  ["the tap", `{ createImageTap } from "./image-tap.ts"`],
  ["structure checks", `{ createStructureTap } from "./structure/tap.ts"`],
  ["removal of metadata", `{ stripMetadata } from "./strip/strip.ts"`],
  ["IMAGES binding", `{ readRendered } from "./images-binding.ts"`],
];

interface Size {
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** jpeg-js and node:zlib are not ours; thumbhash is left out or taken in. */
async function measure(exports: readonly string[], external: readonly string[]): Promise<Size> {
  const { outputFiles } = await build({
    stdin: {
      contents: exports.map((names) => `export ${names};`).join("\n"),
      resolveDir: folder,
    },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    external: ["node:*", "jpeg-js", ...external],
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array(0);
  return { bytes: contents.length, gzipBytes: gzipSync(contents, { level: 9 }).length };
}

const row = (...cells: readonly string[]): void => console.log(`| ${cells.join(" | ")} |`);
const kibibytes = (bytes: number): string => (bytes / 1024).toFixed(2);

row("part", "adds, KiB", "adds, KiB gzip", "together, KiB gzip");
row("---", "--:", "--:", "--:");
const all: string[] = [];
let before: Size = { bytes: 0, gzipBytes: 0 };
function add(name: string, size: Size): void {
  const gzip = kibibytes(size.gzipBytes - before.gzipBytes);
  row(name, kibibytes(size.bytes - before.bytes), gzip, kibibytes(size.gzipBytes));
  before = size;
}
for (const [name, ...added] of parts) {
  all.push(...added);
  add(name, await measure(all, ["thumbhash"]));
}
add("thumbhash (package)", await measure(all, []));
const tap = [`{ createImageTap } from "./image-tap.ts"`];
const whole = await measure(tap, ["thumbhash"]);
const alone = await measure(tap, ["thumbhash", "./small-jpeg.ts"]);
console.log(
  `\nThe tap, with all formats, without packages: ${kibibytes(whole.gzipBytes)} KiB gzip; without the file that`,
);
console.log(`feeds small pictures to jpeg-js, too: ${kibibytes(alone.gzipBytes)} (must reach 14 without jpeg-js).`);
