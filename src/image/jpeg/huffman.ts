/**
 * Huffman tables of JPEG (ITU-T T.81, annex C) as look-up tables for a reader that wants DC values and only the length of
 * everything else.
 */
import { UnreadableImage } from "../sampler.ts";

/** Bits of the window that indexes `HuffmanTable.windows`. */
export const windowBits = 11;
export const windowShift = 32 - windowBits;
const maxCodeBits = 16;

/** Added to the advance of an AC entry that contains an end-of-block code. */
export const endOfBlock = 128;
/** The advance of an AC entry for a code that is longer than the window: larger than any that stays within a block. */
const unknownAdvance = 255;

export interface HuffmanTable {
  /** By the next 16 bits: the value × 256 + the length of the code that they begin with, 0 when none does. */
  readonly codes: Uint16Array;
  /**
   * By the bits of the window. DC: the same, 0 also for a longer code. AC: coefficients passed × 256 + bits, over as many whole
   * symbols as the window holds, with `endOfBlock` added when the last of them is one. Passing over several symbols in one step is
   * what makes a 1:8 picture cheap.
   */
  readonly windows: Uint16Array;
}

/**
 * Cuts a DHT segment into its tables, keyed by the byte that names class and slot. Their contents are copied, not checked:
 * a file may define thousands of tables and use eight.
 * @throws UnreadableImage when the segment ends within a table
 */
export function* cutHuffmanTables(body: Uint8Array): Generator<readonly [key: number, definition: Uint8Array]> {
  for (let at = 0; at < body.length;) {
    const countsEnd = at + 1 + maxCodeBits;
    const end = body.subarray(at + 1, countsEnd).reduce((sum, count) => sum + count, countsEnd);
    if (end > body.length || end - countsEnd > 256) throw new UnreadableImage("a Huffman table");
    yield [body[at] as number, body.slice(at + 1, end)];
    at = end;
  }
}

/** @throws UnreadableImage when there are more codes than fit */
export function buildHuffmanTable(countsAndValues: Uint8Array, isAc: boolean): HuffmanTable {
  const codes = new Uint16Array(1 << maxCodeBits);
  let filled = 0;
  let index = maxCodeBits;
  for (let length = 1; length <= maxCodeBits; length++) {
    const span = 1 << (maxCodeBits - length);
    for (let left = countsAndValues[length - 1] as number; left > 0; left--) {
      if (filled + span > codes.length) throw new UnreadableImage("a Huffman table");
      codes.fill(((countsAndValues[index++] as number) << 8) | length, filled, (filled += span));
    }
  }
  const passed = isAc ? passSymbols : firstSymbol;
  return { codes, windows: new Uint16Array(1 << windowBits).map((_, window) => passed(codes, window)) };
}

function firstSymbol(codes: Uint16Array, window: number): number {
  const entry = codes[window << (maxCodeBits - windowBits)] as number;
  return (entry & 255) > windowBits ? 0 : entry;
}

function passSymbols(codes: Uint16Array, window: number): number {
  let bits = 0;
  let advance = 0;
  while (bits < windowBits) {
    const entry = codes[(window << (maxCodeBits - windowBits + bits)) & 0xffff] as number;
    const length = entry & 255;
    if (length === 0 || bits + length > windowBits) break;
    const extraBits = (entry >> 8) & 15;
    const run = entry >> 12;
    if (extraBits === 0 && run < 15) return ((advance + endOfBlock) << 8) | (bits + length);
    if (advance + run + 1 > 63) break;
    // The extra bits may reach beyond the window: they are only counted.
    bits += length + extraBits;
    advance += run + 1;
  }
  return bits === 0 ? unknownAdvance << 8 : (advance << 8) | bits;
}
