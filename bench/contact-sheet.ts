/**
 * Draws what the image tap tells of the demo photographs: `node bench/contact-sheet.ts` writes docs/images/contact-sheet.png.
 */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { thumbHashToRGBA } from "thumbhash";
import { picture, rectangle, sheet, text } from "./support/drawing.ts";
import { createImageTap, type ImageResult } from "../src/runtime/image/image-tap.ts";

const photos = new URL("../test/support/photos/", import.meta.url);
const target = new URL("../docs/images/contact-sheet.png", import.meta.url);
const rowHeight = 200;
const headHeight = 56;
const sheetWidth = 1180;
const column = { photo: 24, hash: 350, color: 676, palette: 850 } as const;
const thumb = { width: 300, height: 168 } as const;
const paletteWidth = 306;

async function readPhoto(file: Uint8Array, type: string): Promise<ImageResult> {
  const wanted = new Set(["width", "height", "dominant_color", "palette", "thumbhash"] as const);
  const tap = createImageTap(type, wanted);
  await tap?.push(file);
  const result = await tap?.finish();
  if (result === undefined) throw new Error(`no tap for ${type}`);
  return result;
}

async function renderHash(thumbhash: string): Promise<Buffer> {
  const { w: width, h: height, rgba } = thumbHashToRGBA(Buffer.from(thumbhash, "base64"));
  // Enlarged smoothly, as a browser does; to the size the photograph is shown in.
  return sharp(rgba, { raw: { width, height, channels: 4 } })
    .resize(thumb.width * 2, thumb.height * 2, { fit: "inside", kernel: "cubic" })
    .png()
    .toBuffer();
}

/** Bars of the colours, as wide as their shares; what no colour claims stays white. */
function drawPalette(palette: NonNullable<ImageResult["palette"]>, top: number): string {
  let x = column.palette;
  const parts: string[] = [];
  for (const [index, { color, share }] of palette.entries()) {
    const width = Math.max(2, share * paletteWidth);
    parts.push(rectangle(x, top, width, 56, color), rectangle(column.palette, top + 66 + index * 20, 14, 14, color));
    parts.push(text(column.palette + 24, top + 78 + index * 20, `${color} · ${(share * 100).toFixed(1)} %`));
    x += width;
  }
  return [`<rect x="${column.palette}" y="${top}" width="${paletteWidth}" height="56" fill="#fff"/>`, ...parts].join(
    "",
  );
}

async function drawRow(name: string, top: number): Promise<string> {
  const file = new Uint8Array(await readFile(new URL(name, photos)));
  const { width, height, dominantColor, palette, thumbhash, fault } = await readPhoto(
    file,
    name.endsWith(".png") ? "image/png" : "image/jpeg",
  );
  if (dominantColor === null || palette === null || thumbhash === null) throw new Error(`${name}: ${fault}`);
  const shown = await sharp(file)
    .rotate()
    .resize(thumb.width * 2, thumb.height * 2, { fit: "inside" })
    .png()
    .toBuffer();
  return [
    picture(column.photo, top, thumb, shown),
    picture(column.hash, top, thumb, await renderHash(thumbhash)),
    rectangle(column.color, top, 140, 110, dominantColor),
    text(column.color, top + 130, dominantColor, `font-weight="bold"`),
    text(column.color, top + 148, `${width} × ${height}`),
    text(column.color, top + 166, `hash: ${Buffer.from(thumbhash, "base64").length} bytes`),
    drawPalette(palette, top),
  ].join("");
}

const names = (await readdir(photos)).filter((name) => /\.(?:jpg|png)$/.test(name)).toSorted();
const rows = await Promise.all(names.map((name, index) => drawRow(name, headHeight + index * rowHeight)));
const sheetHeight = headHeight + names.length * rowHeight;
const heads = [
  [column.photo, "photograph"],
  [column.hash, "thumbhash"],
  [column.color, "dominant_color"],
  [column.palette, "palette"],
] as const;
await mkdir(new URL(".", target), { recursive: true });
const head = heads.map(([x, name]) => text(x, 34, name, `font-size="15" font-weight="bold"`)).join("");
await sharp(sheet({ width: sheetWidth, height: sheetHeight }, 13, head + rows.join("")))
  .png({ palette: true, quality: 92 })
  .toFile(fileURLToPath(target));
console.log(`${names.length} photographs in ${fileURLToPath(target)}`);
