/**
 * Huffman tables of JPEG (ITU-T T.81, annex C) as look-up tables for a reader that wants DC values and only the length of
 * everything else.
 */
import { UnreadableImage } from "../sampler.ts";

/** Bits of the window that indexes `HuffmanTable.windows`. */
export const windowBits = 11;
export const windowShift = 32 - windowBits;
const maxCodeBits = 16;
const spareBits = maxCodeBits - windowBits;

/** Added to the advance of an AC entry that contains an end-of-block code. */
export const endOfBlock = 128;
/** The advance of an AC entry for a code that is longer than the window: larger than any that stays within a block. */
const unknownAdvance = 255;

export interface HuffmanTable {
  /** By the bits of the window: the value × 256 + the length of the code that they begin with, 0 for a longer code. */
  readonly symbols: Uint16Array;
  /** The same by the next 16 bits, less the first of these that a longer code has. */
  readonly longSymbols: Uint16Array;
  readonly firstLong: number;
  /**
   * AC, by the bits of the window: coefficients passed × 256 + bits, over as many whole symbols as the window holds, with
   * `endOfBlock` added when the last of them is one. Passing over several symbols in one step is what makes a 1:8 picture cheap.
   */
  readonly windows: Uint16Array;
}

/** The value × 256 + the length of the code that a 32-bit word begins with, 0 when none begins like this. */
export function symbolAt({ symbols, longSymbols, firstLong }: HuffmanTable, word: number): number {
  return (symbols[word >>> windowShift] as number) || (longSymbols[(word >>> 16) - firstLong] ?? 0);
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
  const symbols = new Uint16Array(1 << windowBits);
  let target = symbols;
  let firstLong = 0;
  // As if each code stood for all words of 16 bits that begin with it; the shortest codes come first.
  let filled = 0;
  let index = maxCodeBits;
  for (let length = 1; length <= maxCodeBits; length++) {
    if (length === windowBits + 1) {
      firstLong = filled;
      target = new Uint16Array((1 << maxCodeBits) - filled);
    }
    const span = 1 << (maxCodeBits - length);
    const shift = length > windowBits ? 0 : spareBits;
    for (let left = countsAndValues[length - 1] as number; left > 0; left--) {
      const from = (filled - firstLong) >> shift;
      filled += span;
      if (filled > 1 << maxCodeBits) throw new UnreadableImage("a Huffman table");
      target.fill(((countsAndValues[index++] as number) << 8) | length, from, (filled - firstLong) >> shift);
    }
  }
  const windows = isAc ? symbols.map((_, window) => passSymbols(symbols, window)) : symbols;
  return { symbols, longSymbols: target, firstLong, windows };
}

function passSymbols(symbols: Uint16Array, window: number): number {
  let bits = 0;
  let advance = 0;
  while (bits < windowBits) {
    const entry = symbols[(window << bits) & (symbols.length - 1)] as number;
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
