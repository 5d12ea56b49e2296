/**
 * Lays thumbnails beside sharp's, and beside the demo photographs: `node bench/thumbnail-sheet.ts` writes
 * docs/images/thumbnail-sheet.jpg, where each is enlarged one and a half times, and prints their likeness (SSIM of luma).
 */
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { picture, sheet, text } from "./support/drawing.ts";
import { createImageTap } from "../src/runtime/image/image-tap.ts";
import { making } from "../src/runtime/image/thumbnail/making.ts";
import { lumaPicture, meanSsim, type LumaPicture } from "../test/support/node/ssim.ts";

const photos = new URL("../test/support/photos/", import.meta.url);
const target = fileURLToPath(new URL("../docs/images/thumbnail-sheet.jpg", import.meta.url));
const rule = { name: "small", maxEdge: 320, quality: 80, background: [255, 255, 255] as const };
const cell = { width: 480, height: 360 } as const;
const [gap, headHeight, wordsHeight] = [16, 40, 28];
const titles = ["photograph", "sharp", "Sluice"] as const;

async function makeThumbnail(file: Uint8Array, type: string): Promise<Uint8Array> {
  const tap = createImageTap(type, new Set(), {}, undefined, { making, rules: [rule] });
  await tap?.push(file);
  const result = await tap?.finish();
  const jpeg = result?.thumbnails?.[0]?.jpeg ?? null;
  if (jpeg === null) throw new Error(result?.fault ?? "no thumbnail");
  return jpeg;
}

async function lumaOf(file: Uint8Array): Promise<LumaPicture> {
  const { data, info } = await sharp(file).toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return lumaPicture(data, info.width, info.height, info.channels);
}

/** Enlarged without smoothing, so that every pixel can be seen. */
const shown = (file: Uint8Array): Promise<Buffer> =>
  sharp(file)
    .rotate()
    .resize({ ...cell, fit: "inside", kernel: "nearest" })
    .png()
    .toBuffer();

async function drawRow(name: string, top: number): Promise<string> {
  const file = new Uint8Array(await readFile(new URL(name, photos)));
  const ours = await makeThumbnail(file, name.endsWith(".png") ? "image/png" : "image/jpeg");
  const luma = await lumaOf(ours);
  const theirs = await sharp(file)
    .rotate()
    .flatten({ background: "#fff" })
    .resize(luma.width, luma.height, { fit: "fill" })
    .jpeg({ quality: rule.quality })
    .toBuffer();
  const likeness = meanSsim(luma, await lumaOf(theirs)).toFixed(4);
  const words = [`${name}, ${file.length} bytes`, `${theirs.length} bytes`, `${ours.length} bytes, SSIM ${likeness}`];
  console.log(`| ${name} | ${theirs.length} | ${ours.length} | ${likeness} |`);
  const original = await sharp(file)
    .rotate()
    .resize({ ...cell, fit: "inside" })
    .png()
    .toBuffer();
  const pictures = [original, await shown(theirs), await shown(ours)];
  return pictures
    .map((one, index) => {
      const x = gap + index * (cell.width + gap);
      return picture(x, top, cell, one) + text(x, top + cell.height + 18, words[index] ?? "");
    })
    .join("");
}

const names = (await readdir(photos)).filter((name) => /\.(?:jpg|png)$/.test(name)).toSorted();
const rows: string[] = [];
for (const [index, name] of names.entries()) {
  rows.push(await drawRow(name, headHeight + index * (cell.height + wordsHeight)));
}
const size = {
  width: gap + titles.length * (cell.width + gap),
  height: headHeight + names.length * (cell.height + wordsHeight) + gap,
};
const head = titles.map((title, index) =>
  text(gap + index * (cell.width + gap), 26, title, `font-size="16" font-weight="bold"`),
);
await sharp(sheet(size, 13, head.join("") + rows.join("")))
  .jpeg({ quality: 82 })
  .toFile(target);
