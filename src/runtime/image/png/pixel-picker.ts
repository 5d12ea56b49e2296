/** Turns pixels of an unfiltered PNG row into red, green, blue and alpha, for every colour type and depth. */
import { UnreadableImage } from "../sampler.ts";
import type { PngHeader } from "./header.ts";

/**
 * Writes `count` pixels of `row`, from pixel `first` and `every` apart (the last of them cut to pixel `last`), into `target`
 * as red, green, blue (each × alpha / 255) and alpha, 0 to 255.
 */
export type PixelPicker = (
  row: Uint8Array,
  first: number,
  every: number,
  last: number,
  count: number,
  target: Float32Array,
) => void;

/** The bodies of PLTE and tRNS. */
export interface PngColors {
  palette: Uint8Array | null;
  transparency: Uint8Array | null;
}

/** @throws UnreadableImage when indexes have no palette */
export function createPixelPicker(header: PngHeader, { palette, transparency }: PngColors): PixelPicker {
  const { depth, isPalette, bitsPerPixel } = header;
  if (isPalette && palette === null) throw new UnreadableImage("no palette");
  // The one colour that tRNS makes transparent has two bytes a sample, whose bits beyond the depth mean nothing (11.3.1.1).
  const hidden = (transparency ?? new Uint8Array(0))
    .filter((_, index) => depth > 8 || index % 2 === 1)
    .map((byte) => byte & (2 ** depth - 1));
  if (bitsPerPixel > 8) return pickChannels(header, hidden);
  const entries = new Float32Array(256 * 4);
  for (let value = 0; value < 1 << depth; value++) {
    const alpha = isPalette ? (transparency?.[value] ?? 255) : value === hidden[0] ? 0 : 255;
    for (let channel = 0; channel < 3; channel++) {
      // Beyond a short palette is opaque black.
      const light = isPalette ? (palette?.[value * 3 + channel] ?? 0) : (value * 255) / (2 ** depth - 1);
      entries[value * 4 + channel] = (light * alpha) / 255;
    }
    entries[value * 4 + 3] = alpha;
  }
  return pickEntries(depth, entries);
}

/** One premultiplied colour per value of a pixel of up to 8 bits. */
export function pickEntries(depth: number, entries: Float32Array): PixelPicker {
  return (row, first, every, last, count, target) => {
    for (let index = 0, pixel = first; index < count; index++, pixel += every) {
      const bit = Math.min(pixel, last) * depth;
      const value = ((row[bit >>> 3] as number) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
      for (let channel = 0; channel < 4; channel++) {
        target[index * 4 + channel] = entries[value * 4 + channel] as number;
      }
    }
  };
}

/** A `hidden` colour of another length than a pixel's is none. */
function pickChannels({ depth, isColor, hasAlpha, bitsPerPixel }: PngHeader, hidden: Uint8Array): PixelPicker {
  const bytes = depth / 8;
  const pixelBytes = bitsPerPixel / 8;
  const [green, blue] = isColor ? [bytes, 2 * bytes] : [0, 0];
  // Of two bytes each has its share of the value; a lone one has all of it.
  const [high, low] = bytes === 2 ? [256 / 257, 1 / 257] : [1, 0];
  const valueAt = (row: Uint8Array, at: number): number =>
    (row[at] as number) * high + (row[at + bytes - 1] as number) * low;
  const hides = hidden.length === pixelBytes;
  if (bytes === 1 && !hasAlpha && !hides) return pickBytes(pixelBytes, green, blue);
  return (row, first, every, last, count, target) => {
    for (let index = 0, pixel = first; index < count; index++, pixel += every) {
      const at = Math.min(pixel, last) * pixelBytes;
      let alpha = hasAlpha ? valueAt(row, at + pixelBytes - bytes) : 255;
      if (hides && startsWith(row, at, hidden)) alpha = 0;
      const opacity = alpha / 255;
      const to = index * 4;
      target[to] = valueAt(row, at) * opacity;
      target[to + 1] = valueAt(row, at + green) * opacity;
      target[to + 2] = valueAt(row, at + blue) * opacity;
      target[to + 3] = alpha;
    }
  };
}

/** Opaque pixels of eight bits a channel, as most large pictures have. */
function pickBytes(pixelBytes: number, green: number, blue: number): PixelPicker {
  return (row, first, every, last, count, target) => {
    for (let to = 0, pixel = first; to < count * 4; to += 4, pixel += every) {
      const at = Math.min(pixel, last) * pixelBytes;
      target[to] = row[at] as number;
      target[to + 1] = row[at + green] as number;
      target[to + 2] = row[at + blue] as number;
      target[to + 3] = 255;
    }
  };
}

function startsWith(row: Uint8Array, at: number, bytes: Uint8Array): boolean {
  return bytes.every((byte, offset) => byte === row[at + offset]);
}
