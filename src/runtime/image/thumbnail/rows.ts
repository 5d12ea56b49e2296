/** Hands the rows of PNGs, of whatever kind, and of GIFs to the boxes of their thumbnails. */
import type { ImageDescriptor } from "../gif/image-descriptor.ts";
import type { PngHeader } from "../png/header.ts";
import { createPixelPicker, type PixelPicker, type PngColors } from "../png/pixel-picker.ts";
import type { RowBuffer } from "../png/unfilter.ts";
import type { PixelBoxes } from "./pixel-boxes.ts";
import type { GifRows, PngRows } from "./thumbnail.ts";

/** Adds a row of `count` pixels. @param isFirst of two that may be added at once: the other one comes next */
type AddRow = (row: RowBuffer, count: number, isFirst: boolean) => void;

/** @throws UnreadableImage when indexes have no palette */
export function createPngRows(header: PngHeader, colors: PngColors, boxes: PixelBoxes): PngRows {
  const { depth, isColor, isPalette, hasAlpha, bitsPerPixel } = header;
  const isPlain = depth === 8 && isColor && !isPalette && (hasAlpha || colors.transparency === null);
  const addOthers = bitsPerPixel > 8 ? addPicked : addIndexed;
  const add = isPlain ? addPairs(header, boxes) : addOthers(header, createPixelPicker(header, colors), boxes);
  return {
    addRow(row, pass, y) {
      const { top, stepY, width } = pass;
      add(row, width, boxes.seek(top + y * stepY, pass) && stepY === 1);
    },
  };
}

export function createGifRows(
  { left, top, width }: ImageDescriptor,
  entries: Float32Array,
  boxes: PixelBoxes,
): GifRows {
  const colors = packed(entries);
  const span = { left, stepX: 1, width };
  return {
    addRow(pixels, from, y) {
      boxes.seek(top + y, span);
      boxes.addIndexed(pixels, from, colors);
    },
  };
}

/** The reader keeps a row until the one after the next. Of a picture that is cut off, the last one may be left out. */
function addPairs({ hasAlpha }: PngHeader, boxes: PixelBoxes): AddRow {
  let first: RowBuffer | null = null;
  return (row, _, isFirst) => {
    if (isFirst) first = row;
    else {
      const other = first ?? row;
      if (hasAlpha) boxes.addRgba(row.words, other.words);
      else boxes.addRgb(row.view, other.view);
      first = null;
    }
  };
}

function addPicked({ width }: PngHeader, pick: PixelPicker, boxes: PixelBoxes): AddRow {
  const picked = new Float32Array(width * 4);
  return ({ bytes }, count) => {
    pick(bytes, 0, 1, count - 1, count, picked);
    boxes.addPremultiplied(picked);
  };
}

function addIndexed({ depth, width }: PngHeader, pick: PixelPicker, boxes: PixelBoxes): AddRow {
  const entries = new Float32Array(4 << depth);
  for (let value = 0; value < 1 << depth; value++) {
    pick(Uint8Array.of(value << (8 - depth)), 0, 1, 0, 1, entries.subarray(value * 4));
  }
  const colors = packed(entries);
  const indexes = new Uint8Array(width);
  return ({ bytes }, count) => {
    if (depth < 8) unpack(bytes, depth, count, indexes);
    boxes.addIndexed(depth < 8 ? indexes : bytes, 0, colors);
  };
}

const packed = (colors: Float32Array): Int32Array => new Int32Array(Uint8ClampedArray.from(colors).buffer);

function unpack(row: Uint8Array, depth: number, count: number, indexes: Uint8Array): void {
  for (let pixel = 0, bit = 0; pixel < count; pixel++, bit += depth) {
    indexes[pixel] = ((row[bit >> 3] as number) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
  }
}
