/**
 * What the image code adds to a Worker: bundled and minified as a deployment is, part after part.
 * `node bench/image-size.ts` prints a Markdown table. Each row is what the part adds to those above it.
 */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const folder = fileURLToPath(new URL("../src/image/", import.meta.url));

/** Modules that nothing before them needs; the last row is everything that src/image has. */
const parts: readonly (readonly [name: string, ...modules: string[]])[] = [
  ["colour, palette, upright grid", "grid-colors", "upright", "orientation"],
  ["JPEG", "jpeg/jpeg-sampler"],
  ["PNG", "png/png-sampler"],
  ["GIF", "gif/gif-sampler"],
  ["WebP", "webp/webp-sampler"],
  ["AVIF, HEIC, HEIF", "heif/heif-sampler"],
  ["BMP, TIFF, ICO", "bmp/bmp-sampler", "tiff/tiff-sampler", "ico/ico-sampler"],
  ["the tap", "image-tap"],
  ["structure checks", "structure/structure-tap"],
  ["removal of metadata", "strip/strip-metadata"],
  ["IMAGES binding", "images-binding"],
];

interface Size {
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** jpeg-js and node:zlib are not ours; thumbhash is left out or taken in. */
async function measure(modules: readonly string[], external: readonly string[]): Promise<Size> {
  const { outputFiles } = await build({
    stdin: {
      contents: modules.map((name, index) => `export * as part${index} from "./${name}.ts";`).join("\n"),
      resolveDir: folder,
    },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
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
const modules: string[] = [];
let before: Size = { bytes: 0, gzipBytes: 0 };
function add(name: string, size: Size): void {
  const gzip = kibibytes(size.gzipBytes - before.gzipBytes);
  row(name, kibibytes(size.bytes - before.bytes), gzip, kibibytes(size.gzipBytes));
  before = size;
}
for (const [name, ...added] of parts) {
  modules.push(...added);
  add(name, await measure(modules, ["thumbhash"]));
}
add("thumbhash (package)", await measure(modules, []));
