/**
 * Turns pixels of an unfiltered PNG row into red, green, blue and alpha, for every colour type and depth. It knows nothing of
 * rows' places in the picture.
 */
import { UnreadableImage } from "../sampler.ts";
import type { PngHeader } from "./header.ts";

/**
 * Writes `count` pixels of `row`, from pixel `first` and `every` apart (the last of them cut to pixel `last`), into `target`
 * as red, green, blue (each × alpha / 255) and alpha, 0 to 255. Of 16 bits the upper 8 count.
 */
export type PixelPicker = (
  row: Uint8Array,
  first: number,
  every: number,
  last: number,
  count: number,
  target: Float32Array,
) => void;

export interface PngColors {
  readonly palette: Uint8Array | null;
  readonly transparency: Uint8Array | null;
}

/** @throws UnreadableImage when indexes have no palette */
export function createPixelPicker(header: PngHeader, { palette, transparency }: PngColors): PixelPicker {
  switch (header.color) {
    case "palette":
      if (palette === null) throw new UnreadableImage("a palette picture without a palette");
      return pickEntries(header.depth, paletteEntries(palette, transparency));
    case "gray":
      return header.depth === 16
        ? pickChannels(2, [0, 0, 0], null, transparentSamples(transparency, 1, 2))
        : pickEntries(header.depth, grayEntries(header.depth, transparency));
    case "gray-alpha":
      return pickChannels(header.bitsPerPixel / 8, [0, 0, 0], header.depth / 8, null);
    case "rgb": {
      const bytes = header.depth / 8;
      return pickChannels(3 * bytes, [0, bytes, 2 * bytes], null, transparentSamples(transparency, 3, bytes));
    }
    case "rgba": {
      const bytes = header.depth / 8;
      return pickChannels(4 * bytes, [0, bytes, 2 * bytes], 3 * bytes, null);
    }
    default:
      return header.color satisfies never;
  }
}

/** One premultiplied colour per value of a pixel of up to 8 bits; opaque black beyond a short palette. */
function paletteEntries(palette: Uint8Array, transparency: Uint8Array | null): Float32Array {
  const entries = new Float32Array(256 * 4);
  for (let value = 0; value < 256; value++) {
    const alpha = transparency?.[value] ?? 255;
    for (let channel = 0; channel < 3; channel++) {
      entries[value * 4 + channel] = ((palette[value * 3 + channel] ?? 0) * alpha) / 255;
    }
    entries[value * 4 + 3] = alpha;
  }
  return entries;
}

function grayEntries(depth: number, transparency: Uint8Array | null): Float32Array {
  const most = 2 ** depth - 1;
  const hidden = transparency === null || transparency.length < 2 ? null : wordAt(transparency, 0);
  const entries = new Float32Array(256 * 4);
  for (let value = 0; value <= most; value++) {
    if (value !== hidden) entries.set([...Array<number>(3).fill((value * 255) / most), 255], value * 4);
  }
  return entries;
}

function pickEntries(depth: number, entries: Float32Array): PixelPicker {
  const mask = 2 ** depth - 1;
  return (row, first, every, last, count, target) => {
    for (let index = 0, pixel = first; index < count; index++, pixel += every) {
      const bit = Math.min(pixel, last) * depth;
      const value = ((row[bit >>> 3] as number) >> (8 - depth - (bit & 7))) & mask;
      const entry = value * 4;
      const to = index * 4;
      target[to] = entries[entry] as number;
      target[to + 1] = entries[entry + 1] as number;
      target[to + 2] = entries[entry + 2] as number;
      target[to + 3] = entries[entry + 3] as number;
    }
  };
}

/** The bytes of the one colour that tRNS makes transparent, as they are in a row. */
function transparentSamples(transparency: Uint8Array | null, channels: number, bytes: number): Uint8Array | null {
  if (transparency === null || transparency.length < channels * 2) return null;
  if (bytes === 2) return transparency.subarray(0, channels * 2);
  const words = Array.from({ length: channels }, (_, channel) => wordAt(transparency, channel * 2));
  // A word that does not fit the depth matches no pixel.
  return words.some((word) => word > 255) ? null : Uint8Array.from(words);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function pickChannels(
  pixelBytes: number,
  [red, green, blue]: readonly [number, number, number],
  alphaAt: number | null,
  hidden: Uint8Array | null,
): PixelPicker {
  return (row, first, every, last, count, target) => {
    for (let index = 0, pixel = first; index < count; index++, pixel += every) {
      const at = Math.min(pixel, last) * pixelBytes;
      let alpha = alphaAt === null ? 255 : (row[at + alphaAt] as number);
      if (hidden !== null && startsAt(row, at, hidden)) alpha = 0;
      const opacity = alpha / 255;
      const to = index * 4;
      target[to] = (row[at + red] as number) * opacity;
      target[to + 1] = (row[at + green] as number) * opacity;
      target[to + 2] = (row[at + blue] as number) * opacity;
      target[to + 3] = alpha;
    }
  };
}

function startsAt(row: Uint8Array, at: number, bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) if (row[at + index] !== bytes[index]) return false;
  return true;
}
