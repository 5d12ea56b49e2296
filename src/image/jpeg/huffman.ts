/**
 * Huffman tables of JPEG (ITU-T T.81, annex C) as look-up tables for a reader that wants DC values and only the length of
 * everything else.
 */
import { UnreadableImage } from "../sampler.ts";

/** Bits of the window that indexes the look-up tables. */
const windowBits = 11;
export const lookupLength = 1 << windowBits;
export const windowShift = 32 - windowBits;

/** Added to the advance of an AC entry that contains an end-of-block code. */
export const endOfBlock = 128;
/** AC entry for a code that is longer than the window. It is larger than any advance that stays within a block. */
const oneSlowSymbol = 255 << 8;

export interface HuffmanTable {
  /** Codes of each length, 1 to 16 at index 0 to 15. */
  readonly counts: Uint8Array;
  readonly values: Uint8Array;
  /** The largest code of each length (index 1 to 16), -1 for none. */
  readonly maxCode: Int32Array;
  /** What to add to a code of each length to get the index of its value. */
  readonly valueOffset: Int32Array;
}

/**
 * Cuts a DHT segment into its tables, keyed by the byte that names class and slot. Their contents are copied, not checked:
 * a file may define thousands of tables and use eight.
 * @throws UnreadableImage when the segment ends within a table
 */
export function cutHuffmanTables(body: Uint8Array): Map<number, Uint8Array> {
  const tables = new Map<number, Uint8Array>();
  for (let at = 0; at < body.length;) {
    const countsEnd = at + 17;
    const values = body.subarray(at + 1, countsEnd).reduce((sum, count) => sum + count, 0);
    if (countsEnd + values > body.length || values > 256) throw new UnreadableImage("a cut Huffman table");
    tables.set(body[at] ?? 0, body.slice(at + 1, countsEnd + values));
    at = countsEnd + values;
  }
  return tables;
}

/** @throws UnreadableImage when there are more codes than fit */
export function buildHuffmanTable(countsAndValues: Uint8Array): HuffmanTable {
  const counts = countsAndValues.subarray(0, 16);
  const maxCode = new Int32Array(17).fill(-1);
  const valueOffset = new Int32Array(17);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1] ?? 0;
    valueOffset[length] = index - code;
    index += count;
    code += count;
    if (count > 0) maxCode[length] = code - 1;
    if (code > 1 << length) throw new UnreadableImage("an overfull Huffman table");
    code <<= 1;
  }
  return { counts, values: countsAndValues.subarray(16), maxCode, valueOffset };
}

/** Decodes the code at the top of a 32-bit word: value × 256 + length, or 0 when no code begins like this. */
export function decodeSymbol(table: HuffmanTable, word: number): number {
  for (let length = 1; length <= 16; length++) {
    const code = word >>> (32 - length);
    if (code <= (table.maxCode[length] ?? -1)) {
      return ((table.values[(table.valueOffset[length] ?? 0) + code] ?? 0) << 8) | length;
    }
  }
  return 0;
}

/** Calls `visit` for each code that fits the window, with the range of windows that begin with it. */
function eachCode(table: HuffmanTable, visit: (from: number, to: number, value: number, length: number) => void): void {
  let code = 0;
  let index = 0;
  for (let length = 1; length <= windowBits; length++) {
    const windows = 1 << (windowBits - length);
    for (let left = table.counts[length - 1] ?? 0; left > 0; left--) {
      visit(code * windows, (code + 1) * windows, table.values[index++] ?? 0, length);
      code++;
    }
    code <<= 1;
  }
}

/** DC: difference × 256 + bits of code and difference together; 0 where they do not fit the window. */
export function fillDcLookup(table: HuffmanTable, lookup: Int32Array): void {
  eachCode(table, (from, _to, category, length) => {
    const spareBits = windowBits - length - category;
    if (spareBits < 0) return;
    for (let bits = 0; bits < 1 << category; bits++) {
      const difference = extendSign(bits, category);
      const at = from + (bits << spareBits);
      lookup.fill((difference << 8) | (length + category), at, at + (1 << spareBits));
    }
  });
}

/** The value of `bits`, `category` of them, as JPEG codes signed numbers (T.81, figure F.12). */
export function extendSign(bits: number, category: number): number {
  return category > 0 && bits < 1 << (category - 1) ? bits - (1 << category) + 1 : bits;
}

/**
 * AC: coefficients passed × 256 + bits, over as many whole symbols as the window holds, with `endOfBlock` added when the
 * last of them is one. Passing over several symbols in one step is what makes a 1:8 picture cheap.
 */
export function fillAcLookup(table: HuffmanTable, lookup: Int32Array): void {
  const single = new Int32Array(lookupLength);
  eachCode(table, (from, to, value, length) => single.fill((value << 8) | length, from, to));
  for (let window = 0; window < lookupLength; window++) lookup[window] = passSymbols(single, window);
}

function passSymbols(single: Int32Array, window: number): number {
  let bits = 0;
  let advance = 0;
  while (bits < windowBits) {
    const entry = single[(window << bits) & (lookupLength - 1)] ?? 0;
    const length = entry & 255;
    if (length === 0 || bits + length > windowBits) break;
    const extraBits = (entry >> 8) & 15;
    const run = entry >> 12;
    if (extraBits === 0 && run < 15) {
      bits += length;
      advance += endOfBlock;
      break;
    }
    if (advance + run + 1 > 63) break;
    // The extra bits may reach beyond the window: they are only counted.
    bits += length + extraBits;
    advance += run + 1;
  }
  return bits === 0 ? oneSlowSymbol : (advance << 8) | bits;
}
