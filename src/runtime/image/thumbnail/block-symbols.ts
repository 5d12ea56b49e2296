/**
 * The symbols that a thumbnail's planes are written with, in the order of a JPEG, each with the bits behind it (ITU-T T.81,
 * F.1.2): DC as differences to the block before, other coefficients behind the zeros before them.
 */
import type { UprightWay } from "../upright.ts";
import type { BitWriter } from "./bit-writer.ts";
import { transform } from "./forward-dct.ts";
import { zigzag } from "./zigzag.ts";

/** A plane that is read as it is shown. */
export interface UprightPlane extends UprightWay {
  readonly values: Float32Array;
}

/** The symbols of a table, of which there are luma's for DC and AC, and then chroma's. */
export const tableSymbols = 256;
const blockSide = 8;
const blockValues = 64;
/** Coefficients have 12 bits at most; what is added makes them positive, so that all are rounded alike. */
const roundingBias = 16384;

/** Made once: they are needed for one block at a time. */
const block = new Float64Array(blockValues);
/** In the upper half of each a symbol and its table, in the lower one the bits behind it. The last is the end of the block. */
const symbols = new Uint32Array(blockValues + 1);

/** A class, because its hot methods need a stable shape. */
export class BlockSymbols {
  /** How often each symbol comes, table after table. */
  readonly frequencies: Uint32Array;
  /** By block of a unit. */
  readonly #components: readonly number[];
  /** In zigzag order, DC as it is written. Nobody sees blocks beyond the edges: zeros take the fewest bits. */
  readonly #levels: Int16Array;

  /** @param scales what luma's coefficients are multiplied by, and chroma's, in rows */
  constructor(planes: readonly UprightPlane[], scales: readonly Float64Array[]) {
    const { width, height } = planes[0] as UprightPlane;
    const components = planes.length === 3 ? [0, 0, 0, 0, 1, 2] : [0];
    const side = components.length === 1 ? blockSide : 2 * blockSide;
    const units = Math.ceil(width / side) * Math.ceil(height / side);
    this.#components = components;
    this.#levels = new Int16Array(units * components.length * blockValues);
    this.frequencies = new Uint32Array((components.length === 1 ? 2 : 4) * tableSymbols);
    const predictions = [0, 0, 0];
    let to = 0;
    for (let top = 0; top < height; top += side) {
      for (let left = 0; left < width; left += side) {
        for (let part = 0; part < components.length; part++, to += blockValues) {
          const component = components[part] as number;
          const x = component === 0 ? left + (part & 1) * blockSide : left >> 1;
          const y = component === 0 ? top + (part >> 1) * blockSide : top >> 1;
          const scale = scales[component === 0 ? 0 : 1] as Float64Array;
          const predicted = predictions[component] as number;
          predictions[component] = this.#quantize(planes[component] as UprightPlane, x, y, scale, to, predicted);
          this.#count(this.#readSymbols(to, component));
        }
      }
    }
  }

  /** Returns the block's DC. @param predicted the DC of the block before */
  #quantize(
    plane: UprightPlane,
    left: number,
    top: number,
    scale: Float64Array,
    to: number,
    predicted: number,
  ): number {
    if (left >= plane.width || top >= plane.height) return predicted;
    readBlock(plane, left, top);
    transform(block, 1, blockSide);
    transform(block, blockSide, 1);
    const levels = this.#levels;
    for (let index = 0; index < blockValues; index++) {
      const at = zigzag[index] as number;
      const exact = (block[at] as number) * (scale[at] as number);
      levels[to + index] = ((exact + (roundingBias + 0.5)) | 0) - roundingBias;
    }
    const dc = levels[to] as number;
    levels[to] = dc - predicted;
    return dc;
  }

  /** Those of the block whose coefficients begin at `from`; returns how many there are. */
  #readSymbols(from: number, component: number): number {
    const levels = this.#levels;
    const dcTable = component === 0 ? 0 : 2 * tableSymbols;
    const acTable = dcTable + tableSymbols;
    let last = blockValues - 1;
    while (last > 0 && levels[from + last] === 0) last--;
    let count = 0;
    for (let index = 0, zeros = 0; index <= last; index++) {
      const level = levels[from + index] as number;
      // The symbol for sixteen zeros is the one for a zero behind fifteen.
      if (level === 0 && index > 0 && zeros < 15) {
        zeros++;
        continue;
      }
      const bits = 32 - Math.clz32(Math.abs(level));
      const symbol = (index === 0 ? dcTable : acTable) + (zeros << 4) + bits;
      // Negative levels are written less 1.
      symbols[count++] = (symbol << 16) | ((level + (level >> 31)) & ((1 << bits) - 1));
      zeros = 0;
    }
    // Zeros to the end of the block.
    if (last < blockValues - 1) symbols[count++] = acTable << 16;
    return count;
  }

  #count(count: number): void {
    const { frequencies } = this;
    for (let index = 0; index < count; index++) {
      const symbol = (symbols[index] as number) >>> 16;
      frequencies[symbol] = (frequencies[symbol] as number) + 1;
    }
  }

  /** @param codes by symbol, table after table, as `huffmanCodeFor` has them */
  write(codes: Uint32Array, writer: BitWriter): void {
    const components = this.#components;
    for (let from = 0, part = 0; from < this.#levels.length; from += blockValues) {
      const count = this.#readSymbols(from, components[part] as number);
      for (let index = 0; index < count; index++) {
        const symbol = symbols[index] as number;
        const code = codes[symbol >>> 16] as number;
        const bits = (symbol >>> 16) & 15;
        writer.write(((code >> 5) << bits) | (symbol & 0xffff), (code & 31) + bits);
      }
      part = part + 1 < components.length ? part + 1 : 0;
    }
  }
}

/** Beyond the edges they are repeated. */
function readBlock({ width, height, values, start, right, down }: UprightPlane, left: number, top: number): void {
  const lastX = width - 1 - left;
  for (let at = 0; at < blockValues; at++) {
    const x = at & 7;
    const y = top + (at >> 3);
    const from = start + (y < height ? y : height - 1) * down + left * right;
    const value = values[from + (x < lastX ? x : lastX) * right] as number;
    block[at] = value < -128 ? -128 : value > 127 ? 127 : value;
  }
}
