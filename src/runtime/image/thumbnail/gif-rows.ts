/** Hands the rows of a GIF's frame to the boxes of its thumbnails. */
import type { ImageDescriptor } from "../gif/image-descriptor.ts";
import { packColors, type PixelBoxes } from "./pixel-boxes.ts";
import type { GifRows } from "./thumbnail.ts";

export function createGifRows(
  { left, top, width }: ImageDescriptor,
  entries: Float32Array,
  boxes: PixelBoxes,
): GifRows {
  const colors = packColors(entries);
  return {
    addRow(pixels, from, y) {
      boxes.seek(top + y, left, 1, width);
      boxes.addIndexed(pixels, from, colors);
    },
  };
}
