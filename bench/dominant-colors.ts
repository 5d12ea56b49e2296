/**
 * Draws the colours of thirty pictures beside those of libraries, and prints how much of a picture each one's colour looks
 * like: `node bench/dominant-colors.ts` writes docs/images/dominant-colors.webp.
 */
import { fileURLToPath } from "node:url";
import { DefaultGenerator, DefaultOpts } from "@vibrant/generator-default";
import { MMCQ } from "@vibrant/quantizer-mmcq";
import { getColor, getPalette } from "colorthief";
import { extractColors } from "extract-colors";
import sharp from "sharp";
import { createImageTap } from "../src/runtime/image/image-tap.ts";
import { nearShare } from "../test/support/node/color-share.ts";
import { paintGallery, type Painting } from "../test/support/node/gallery.ts";
import { picture, rectangle, sheet, text } from "./support/drawing.ts";

const target = new URL("../docs/images/dominant-colors.webp", import.meta.url);
/** Nearer colours look alike. */
const alike = 0.08;
const sheetPictures = 30;

/** Red, green, blue and alpha of each pixel. */
interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

interface Colors {
  /** Null where the library finds none. */
  readonly dominant: string | null;
  readonly palette: readonly string[];
}

type Library = (png: Buffer, pixels: Pixels) => Promise<Colors>;

async function readOurs(png: Buffer): Promise<Colors> {
  const tap = createImageTap("image/png", new Set(["dominant_color", "palette"] as const));
  await tap?.push(new Uint8Array(png));
  const { dominantColor = null, palette = null } = (await tap?.finish()) ?? {};
  return { dominant: dominantColor, palette: palette?.map(({ color }) => color) ?? [] };
}

/** As node-vibrant does by itself, but for its reader of files: 64 colours of what is neither transparent nor white. */
async function readVibrant({ data }: Pixels): Promise<Colors> {
  const counted = Uint8ClampedArray.from(data);
  for (let at = 0; at < counted.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = counted.subarray(at, at + 4);
    if (alpha < 125 || Math.min(red, green, blue) > 250) counted[at + 3] = 0;
  }
  const swatches = await DefaultGenerator(MMCQ(counted, { colorCount: 64 }), DefaultOpts);
  const found = Object.values(swatches).flatMap((swatch) => (swatch === null ? [] : [swatch.hex]));
  return { dominant: swatches.Vibrant?.hex ?? null, palette: found };
}

const hexOf = (...levels: readonly number[]): string => `#${Buffer.from(levels).toString("hex")}`;

const libraries: Readonly<Record<string, Library>> = {
  Sluice: (png) => readOurs(png),
  "colorthief 3.5.0": async (png) => ({
    dominant: (await getColor(png))?.hex() ?? null,
    palette: ((await getPalette(png, { colorCount: 5 })) ?? []).map((color) => color.hex()),
  }),
  "node-vibrant 4.0.4": (_, pixels) => readVibrant(pixels),
  "extract-colors 4.2.1": async (_, pixels) => {
    const found = await extractColors({ ...pixels, data: Uint8ClampedArray.from(pixels.data) });
    const byArea = found.toSorted((one, other) => other.area - one.area).map(({ hex }) => hex);
    return { dominant: byArea[0] ?? null, palette: byArea.slice(0, 5) };
  },
  "sharp 0.35.5 (stats)": async (png) => {
    const { r, g, b } = (await sharp(png).stats()).dominant;
    return { dominant: hexOf(r, g, b), palette: [] };
  },
};

interface Row {
  readonly painting: Painting;
  readonly colors: readonly (Colors & { readonly share: number })[];
}

async function readPainting(painting: Painting): Promise<Row> {
  const { data, info } = await sharp(painting.png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const pixels = { data: new Uint8Array(data), width: info.width, height: info.height };
  const colors = await Promise.all(
    Object.values(libraries).map(async (read) => {
      const found = await read(painting.png, pixels);
      return { ...found, share: found.dominant === null ? 0 : nearShare(found.dominant, pixels.data, alike) };
    }),
  );
  return { painting, colors };
}

const thumb = { width: 84, height: 52 } as const;
const columns = 2;
const headHeight = 40;
const rowHeight = 60;
const libraryWidth = 104;
const swatchWidth = libraryWidth - 14;
/** node-vibrant names six colours. */
const barWidth = swatchWidth / 6;
const columnWidth = thumb.width + 24 + libraryWidth * Object.keys(libraries).length;

async function drawRow({ painting, colors }: Row, left: number, top: number): Promise<string> {
  const shown = await sharp(painting.png)
    .resize(thumb.width * 2, thumb.height * 2, { fit: "inside" })
    .png()
    .toBuffer();
  const drawn = colors.map(({ dominant, palette, share }, index) => {
    const x = left + thumb.width + 12 + index * libraryWidth;
    const color = dominant === null ? "" : rectangle(x, top, swatchWidth, 30, dominant);
    const bars = palette.map((one, place) => rectangle(x + place * barWidth, top + 32, barWidth, 8, one));
    const mark = share >= 0.1 ? "" : ` font-weight="bold" fill="#c00"`;
    return color + bars.join("") + text(x, top + 52, `${(share * 100).toFixed(0)} %`, mark);
  });
  return picture(left, top, thumb, shown) + drawn.join("");
}

async function drawSheet(rows: readonly Row[]): Promise<void> {
  const perColumn = Math.ceil(rows.length / columns);
  const lefts = Array.from({ length: columns }, (_, column) => 16 + column * columnWidth);
  const heads = lefts.flatMap((left) =>
    Object.keys(libraries).map((name, index) =>
      text(left + thumb.width + 12 + index * libraryWidth, 24, name.split(" ")[0] ?? "", `font-weight="bold"`),
    ),
  );
  const drawn = await Promise.all(
    rows.map((row, index) => {
      const left = lefts[Math.floor(index / perColumn)] ?? 0;
      return drawRow(row, left, headHeight + (index % perColumn) * rowHeight);
    }),
  );
  const size = { width: 16 + columns * columnWidth, height: headHeight + perColumn * rowHeight };
  await sharp(sheet(size, 11, heads.join("") + drawn.join("")))
    .webp({ quality: 82 })
    .toFile(fileURLToPath(target));
}

function describe(rows: readonly Row[]): string {
  const lines = Object.keys(libraries).map((name, index) => {
    const shares = rows.map(({ colors }) => colors[index]?.share ?? 0).toSorted((one, other) => one - other);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const held = shares.filter((share) => share >= 0.1).length;
    const percent = [mean, shares[Math.floor(shares.length / 2)] ?? 0, shares[0] ?? 0].map((share) =>
      (share * 100).toFixed(0),
    );
    return `| ${name} | ${held} of ${shares.length} | ${percent.join(" % | ")} % |`;
  });
  return [
    "| library | in a tenth of the pixels | mean | median | least |",
    "| --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

const rows: Row[] = [];
for (const painting of await paintGallery()) rows.push(await readPainting(painting));
// Spread over the gallery, whose pictures lie in it by kind.
await drawSheet(rows.filter((_, index) => (index * sheetPictures) % rows.length < sheetPictures));
console.log(describe(rows));
