/**
 * Lays thumbnails beside sharp's, and beside the demo photographs: `node bench/thumbnail-sheet.ts` writes
 * docs/images/thumbnail-sheet.jpg, where each is enlarged one and a half times, and prints their likeness (SSIM of luma).
 */
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { picture, sheet, text } from "./support/drawing.ts";
import { compareThumbnails } from "../test/support/node/thumbnails.ts";

const photos = new URL("../test/support/photos/", import.meta.url);
const target = fileURLToPath(new URL("../docs/images/thumbnail-sheet.jpg", import.meta.url));
const cell = { width: 480, height: 360 } as const;
const [gap, headHeight, wordsHeight] = [16, 40, 28];
const titles = ["photograph", "sharp", "Sluice"] as const;

/** Enlarged without smoothing, so that every pixel can be seen. */
const shown = (file: Uint8Array): Promise<Buffer> =>
  sharp(file)
    .rotate()
    .resize({ ...cell, fit: "inside", kernel: "nearest" })
    .png()
    .toBuffer();

async function drawRow(name: string, top: number): Promise<string> {
  const file = new Uint8Array(await readFile(new URL(name, photos)));
  const compared = await compareThumbnails(file, name.endsWith(".png") ? "image/png" : "image/jpeg");
  const { ours, theirs } = compared;
  const likeness = compared.likeness.toFixed(4);
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
