/** Decodes the units of a sequential JPEG that are wanted at more than 1:8: their low coefficients, to samples. */
import { symbolAt, type HuffmanTable } from "../huffman.ts";
import { differenceAt, passAc, type Block, type DecodeUnit } from "../scan-decoder.ts";
import { invert } from "./inverse-dct.ts";
import type { Reduction } from "./reduction.ts";

/** By place, and one for those that are not wanted. Zeros between two blocks. */
const coefficients = new Float32Array(65);

export const decodeLowUnit: DecodeUnit = (blocks, view, from, endBit, unit, carried, values) => {
  let bit = from;
  for (let index = 0; index < blocks.length; index++) {
    const { part, line, offset, step, dcTable, acTable } = blocks[index] as Block;
    const { reduction } = line.component;
    const entry = symbolAt(dcTable, view.getUint32(bit >>> 3) << (bit & 7));
    const category = entry >> 8;
    if (entry === 0 || category > 16) return -1;
    bit += entry & 255;
    const dc = (carried[part] as number) + differenceAt(view, bit, category);
    bit += category;
    const place = offset + unit * step;
    if (acTable !== null && (reduction === null || reduction.side === 1)) bit = passAc(view, acTable, bit, 1);
    else if (acTable !== null && reduction !== null) {
      bit = readLow(view, acTable, bit, reduction);
      const { side, stride, samples } = reduction;
      if (bit >= 0 && bit <= endBit) {
        coefficients[0] = dc * (reduction.factors[0] as number);
        invert(side, coefficients, samples, line.index * side * stride + (place - line.start) * side, stride);
      }
      for (let at = 0; at < side * side; at++) coefficients[at] = 0;
    }
    if (bit < 0 || bit > endBit) return -1;
    carried[part] = dc;
    values[place] = dc;
  }
  return bit;
};

/** Reads coefficients up to the last one that is wanted, and passes over the others. */
function readLow(view: DataView, table: HuffmanTable, from: number, reduction: Reduction): number {
  const { places, factors, lastWanted } = reduction;
  let bit = from;
  let index = 0;
  while (index < lastWanted) {
    const symbol = symbolAt(table, view.getUint32(bit >>> 3) << (bit & 7));
    const run = symbol >> 12;
    const category = (symbol >> 8) & 15;
    if (symbol === 0) return -1;
    bit += symbol & 255;
    if (category === 0 && run < 15) return bit;
    index += run + 1;
    if (index > 63) return -1;
    if (index <= lastWanted) {
      coefficients[places[index] as number] = differenceAt(view, bit, category) * (factors[index] as number);
    }
    bit += category;
  }
  return index === 63 ? bit : passAc(view, table, bit, index + 1);
}
