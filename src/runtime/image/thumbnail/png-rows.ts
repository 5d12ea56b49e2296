/** Hands the rows of a PNG, of whatever kind, to the boxes of its thumbnails. */
import type { PngHeader } from "../png/header.ts";
import { createPixelPicker, type PngColors } from "../png/pixel-picker.ts";
import type { RowBuffer } from "../png/unfilter.ts";
import { packColors, type PixelBoxes } from "./pixel-boxes.ts";
import type { PngRows } from "./thumbnail.ts";

type AddPixels = (row: RowBuffer, count: number) => void;

/** @throws UnreadableImage when indexes have no palette */
export function createPngRows(header: PngHeader, colors: PngColors, boxes: PixelBoxes): PngRows {
  const add = addPixels(header, colors, boxes);
  return {
    addRow(row, { left, top, stepX, stepY, width }, y) {
      boxes.seek(top + y * stepY, left, stepX, width);
      add(row, width);
    },
  };
}

function addPixels(header: PngHeader, colors: PngColors, boxes: PixelBoxes): AddPixels {
  const { depth, width, isColor, hasAlpha, isPalette, bitsPerPixel } = header;
  if (depth === 8 && isColor && !isPalette && (hasAlpha || colors.transparency === null)) {
    return hasAlpha ? (row) => boxes.addRgba(row.view) : (row) => boxes.addRgb(row.view);
  }
  const pick = createPixelPicker(header, colors);
  if (bitsPerPixel > 8) {
    const picked = new Float32Array(width * 4);
    return ({ bytes }, count) => {
      pick(bytes, 0, 1, count - 1, count, picked);
      boxes.addPicked(picked);
    };
  }
  const values = 1 << depth;
  const entries = new Float32Array(values * 4);
  pick(everyValue(depth), 0, 1, values - 1, values, entries);
  const packed = packColors(entries);
  const indexes = new Uint8Array(width);
  return ({ bytes }, count) => {
    if (depth < 8) unpack(bytes, depth, count, indexes);
    boxes.addIndexed(depth < 8 ? indexes : bytes, 0, packed);
  };
}

/** A row whose pixels have all values, in order. */
function everyValue(depth: number): Uint8Array {
  const row = new Uint8Array(1 << depth);
  for (let value = 0; value < row.length; value++) {
    const bit = value * depth;
    row[bit >> 3] = (row[bit >> 3] ?? 0) | (value << (8 - depth - (bit & 7)));
  }
  return row;
}

function unpack(row: Uint8Array, depth: number, count: number, indexes: Uint8Array): void {
  for (let pixel = 0, bit = 0; pixel < count; pixel++, bit += depth) {
    indexes[pixel] = ((row[bit >> 3] as number) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
  }
}
