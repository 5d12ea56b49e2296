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
/** Of a block: one for each coefficient and one for its end. */
const mostSymbols = blockValues + 1;
/** Coefficients have 12 bits at most; what is added makes them positive, so that all are rounded alike. */
const roundingBias = 16384;

/** Made once: it is needed for one block at a time. */
const block = new Float64Array(blockValues);

/** A class, because its hot methods need a stable shape. */
export class BlockSymbols {
  /** How often each symbol comes, table after table. */
  readonly frequencies: Uint32Array;
  /** In the upper half of each a symbol and its table, as the frequencies have them; in the lower one the bits behind it. */
  readonly #entries: Uint32Array;
  #count = 0;

  /** @param scales what luma's coefficients are multiplied by, and chroma's, in rows */
  constructor(planes: readonly UprightPlane[], scales: readonly Float64Array[]) {
    const { width, height } = planes[0] as UprightPlane;
    // By block of a unit.
    const components = planes.length === 3 ? [0, 0, 0, 0, 1, 2] : [0];
    const side = components.length === 1 ? blockSide : 2 * blockSide;
    const units = Math.ceil(width / side) * Math.ceil(height / side);
    this.frequencies = new Uint32Array((components.length === 1 ? 2 : 4) * tableSymbols);
    this.#entries = new Uint32Array(units * components.length * mostSymbols);
    const predictions = [0, 0, 0];
    for (let top = 0; top < height; top += side) {
      for (let left = 0; left < width; left += side) {
        for (let part = 0; part < components.length; part++) {
          const component = components[part] as number;
          const x = component === 0 ? left + (part & 1) * blockSide : left >> 1;
          const y = component === 0 ? top + (part >> 1) * blockSide : top >> 1;
          const scale = scales[component === 0 ? 0 : 1] as Float64Array;
          const table = component === 0 ? 0 : 2 * tableSymbols;
          const predicted = predictions[component] as number;
          predictions[component] = this.#addBlock(planes[component] as UprightPlane, x, y, scale, table, predicted);
        }
      }
    }
  }

  /** Returns the block's DC. @param predicted the DC of the block before */
  #addBlock(
    plane: UprightPlane,
    left: number,
    top: number,
    scale: Float64Array,
    dcTable: number,
    predicted: number,
  ): number {
    readBlock(plane, left, top);
    transform(block, 1, blockSide);
    transform(block, blockSide, 1);
    for (let at = 0; at < blockValues; at++) {
      const exact = (block[at] as number) * (scale[at] as number);
      block[at] = ((exact + (roundingBias + 0.5)) | 0) - roundingBias;
    }
    // Nobody sees a block beyond the edges: what is like the block before takes the fewest bits.
    const isSeen = left < plane.width && top < plane.height;
    const dc = isSeen ? (block[0] as number) : predicted;
    let last = isSeen ? blockValues - 1 : 0;
    while (last > 0 && block[zigzag[last] as number] === 0) last--;
    const { frequencies } = this;
    const entries = this.#entries;
    const acTable = dcTable + tableSymbols;
    let count = this.#count;
    for (let index = 0, zeros = 0; index <= last; index++) {
      const level = index === 0 ? dc - predicted : (block[zigzag[index] as number] as number);
      // The symbol for sixteen zeros is the one for a zero behind fifteen.
      if (level === 0 && index > 0 && zeros < 15) {
        zeros++;
        continue;
      }
      const bits = 32 - Math.clz32(Math.abs(level));
      const symbol = (index === 0 ? dcTable : acTable) + (zeros << 4) + bits;
      frequencies[symbol] = (frequencies[symbol] as number) + 1;
      // Negative levels are written less 1.
      entries[count++] = (symbol << 16) | ((level + (level >> 31)) & ((1 << bits) - 1));
      zeros = 0;
    }
    if (last < blockValues - 1) {
      // Zeros to the end of the block.
      frequencies[acTable] = (frequencies[acTable] as number) + 1;
      entries[count++] = acTable << 16;
    }
    this.#count = count;
    return dc;
  }

  /** @param codes by symbol, table after table, as `huffmanCodeFor` has them */
  write(codes: Uint32Array, writer: BitWriter): void {
    for (let at = 0; at < this.#count; at++) {
      const entry = this.#entries[at] as number;
      const code = codes[entry >>> 16] as number;
      const bits = (entry >>> 16) & 15;
      writer.write(((code >> 5) << bits) | (entry & 0xffff), (code & 31) + bits);
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
