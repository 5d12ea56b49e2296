/** One photograph in the sizes that people upload, as files of a form. */
import { readFile } from "node:fs/promises";
import sharp from "sharp";
import type { FormFile } from "./post-form.ts";

const photograph = new URL("../../test/support/photos/umang-8mp-baseline.jpg", import.meta.url);

export interface Photograph {
  readonly title: string;
  readonly file: FormFile;
}

function toPhotograph(title: string, bytes: Buffer): Photograph {
  return {
    title: `${title}, ${(bytes.length / 1000).toFixed(0)} kB`,
    file: { name: "a.jpg", type: "image/jpeg", head: bytes, block: bytes, bytes: bytes.length },
  };
}

/** JPEGs of 0.3, 1 and 8 megapixels. */
export async function makePhotographs(): Promise<readonly Photograph[]> {
  const original = await readFile(photograph);
  const scaled = (width: number) => sharp(original).resize(width).jpeg({ quality: 85 }).toBuffer();
  return [
    toPhotograph("0.3 MP", await scaled(730)),
    toPhotograph("1 MP", await scaled(1333)),
    toPhotograph("8 MP", original),
  ];
}
