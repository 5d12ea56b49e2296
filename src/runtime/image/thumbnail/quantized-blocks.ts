/**
 * The quantized coefficients of a thumbnail's planes, in the order of a JPEG, and the symbols that they are written with
 * (ITU-T T.81, F.1.2): DC as differences to the block before, other coefficients behind the zeros before them.
 */
import type { UprightWay } from "../upright.ts";
import type { BitWriter } from "./bit-writer.ts";
import { transformBlock } from "./forward-dct.ts";
import type { HuffmanCode } from "./huffman-code.ts";
import { zigzag } from "./zigzag.ts";

/** A plane that is read as it is shown. */
export interface UprightPlane extends UprightWay {
  readonly values: Float32Array;
}

const blockSide = 8;
const blockValues = 64;
/** Sixteen zeros, and zeros to the end of the block. */
const longRun = 0xf0;
const endOfBlock = 0;

/** Coefficients have 12 bits at most; what is added makes them positive, so that all are rounded alike. */
const roundingBias = 16384;

/** Made once: it is needed for one block at a time. */
const block = new Float64Array(blockValues);

/** A class, because its hot methods need a stable shape. */
export class QuantizedBlocks {
  /** How often each symbol comes: luma's DC and AC, and chroma's. */
  readonly frequencies: readonly Uint32Array[];
  readonly #components: number;
  /** Blocks of luma on each side of a unit, which has one of each other plane. */
  readonly #unitSide: number;
  readonly #unitBlocks: number;
  readonly #values: Int16Array;
  /** By block: the last coefficient that is not zero. */
  readonly #last: Uint8Array;

  /** @param scales what luma's coefficients are multiplied by, and chroma's */
  constructor(planes: readonly UprightPlane[], scales: readonly Float64Array[]) {
    const { width, height } = planes[0] as UprightPlane;
    const isColor = planes.length === 3;
    this.#components = planes.length;
    this.#unitSide = isColor ? 2 : 1;
    this.#unitBlocks = isColor ? 6 : 1;
    const across = Math.ceil(width / (this.#unitSide * blockSide));
    const units = across * Math.ceil(height / (this.#unitSide * blockSide));
    this.#values = new Int16Array(units * this.#unitBlocks * blockValues);
    this.#last = new Uint8Array(units * this.#unitBlocks);
    this.frequencies = Array.from({ length: isColor ? 4 : 2 }, () => new Uint32Array(256));
    for (const [component, plane] of planes.entries()) {
      this.#addPlane(plane, component, across, units, scales[component === 0 ? 0 : 1] as Float64Array);
    }
  }

  #addPlane(plane: UprightPlane, component: number, across: number, units: number, scale: Float64Array): void {
    const { width, height } = plane;
    const values = this.#values;
    const side = component === 0 ? this.#unitSide : 1;
    const [dcCounts, acCounts] = this.frequencies.slice(component === 0 ? 0 : 2) as [Uint32Array, Uint32Array];
    let previous = 0;
    for (let unit = 0; unit < units; unit++) {
      const x = (unit % across) * side;
      const y = Math.floor(unit / across) * side;
      const first = unit * this.#unitBlocks + (component === 0 ? 0 : component + 3);
      for (let part = 0; part < side * side; part++) {
        const left = (x + (part % side)) * blockSide;
        const top = (y + (part >> 1)) * blockSide;
        const to = (first + part) * blockValues;
        if (left < width && top < height) {
          readBlock(plane, left, top);
          transformBlock(block);
          this.#last[first + part] = quantizeBlock(scale, values, to, acCounts);
        } else {
          // Nobody sees it. What is like the block before takes the fewest bits; the first one is always seen.
          values[to] = previous;
          acCounts[endOfBlock] = (acCounts[endOfBlock] as number) + 1;
        }
        const bits = bitsOf((values[to] as number) - previous);
        dcCounts[bits] = (dcCounts[bits] as number) + 1;
        previous = values[to] as number;
      }
    }
  }

  /** @param codes for the symbols of each table */
  write(codes: readonly HuffmanCode[], writer: BitWriter): void {
    const values = this.#values;
    const words = codes.map((code) => code.codes);
    const previous = new Int32Array(this.#components);
    for (let at = 0, index = 0; at < values.length; at += blockValues, index++) {
      const component = Math.max(0, (index % this.#unitBlocks) - 3);
      const dcWords = words[component === 0 ? 0 : 2] as Uint32Array;
      const acWords = words[component === 0 ? 1 : 3] as Uint32Array;
      const level = values[at] as number;
      writeValue(writer, dcWords, 0, level - (previous[component] as number));
      previous[component] = level;
      this.#writeBlock(at, this.#last[index] as number, acWords, writer);
    }
  }

  #writeBlock(from: number, last: number, words: Uint32Array, writer: BitWriter): void {
    const values = this.#values;
    let run = 0;
    for (let at = from + 1; at <= from + last; at++) {
      const value = values[at] as number;
      if (value === 0) {
        run++;
        continue;
      }
      for (; run > 15; run -= 16) writeSymbol(writer, words, longRun);
      writeValue(writer, words, run, value);
      run = 0;
    }
    if (last < blockValues - 1) writeSymbol(writer, words, endOfBlock);
  }
}

/** Beyond the edges they are repeated. */
function readBlock({ width, height, values, start, right, down }: UprightPlane, left: number, top: number): void {
  const lastX = width - 1 - left;
  for (let y = 0, at = 0; y < blockSide; y++) {
    const from = start + Math.min(height - 1, top + y) * down + left * right;
    for (let x = 0; x < blockSide; x++, at++) {
      const value = values[from + (x < lastX ? x : lastX) * right] as number;
      block[at] = value < -128 ? -128 : value > 127 ? 127 : value;
    }
  }
}

/**
 * Counts the symbols of all but DC, and writes what is not zero. Returns the last coefficient of these.
 * @param scale in zigzag order
 */
function quantizeBlock(scale: Float64Array, values: Int16Array, to: number, counts: Uint32Array): number {
  // Most of the high ones are zero, and need nothing more than to be found so.
  let last = blockValues - 1;
  while (last > 0 && quantized(scale, last) === 0) last--;
  values[to] = quantized(scale, 0);
  for (let index = 1, before = 0; index <= last; index++) {
    const value = quantized(scale, index);
    if (value === 0) continue;
    values[to + index] = value;
    let run = index - before - 1;
    for (; run > 15; run -= 16) counts[longRun] = (counts[longRun] as number) + 1;
    const symbol = (run << 4) | bitsOf(value);
    counts[symbol] = (counts[symbol] as number) + 1;
    before = index;
  }
  if (last < blockValues - 1) counts[endOfBlock] = (counts[endOfBlock] as number) + 1;
  return last;
}

/** The coefficient of the block at a zigzag index. */
function quantized(scale: Float64Array, index: number): number {
  const exact = (block[zigzag[index] as number] as number) * (scale[index] as number);
  return ((exact + (roundingBias + 0.5)) | 0) - roundingBias;
}

function bitsOf(value: number): number {
  return 32 - Math.clz32(Math.abs(value));
}

function writeSymbol(writer: BitWriter, words: Uint32Array, symbol: number): void {
  const word = words[symbol] as number;
  writer.write(word >> 5, word & 31);
}

function writeValue(writer: BitWriter, words: Uint32Array, run: number, value: number): void {
  const bits = bitsOf(value);
  const word = words[(run << 4) | bits] as number;
  // Negative values are written less 1.
  writer.write(((word >> 5) << bits) | ((value + (value >> 31)) & ((1 << bits) - 1)), (word & 31) + bits);
}
