/** Decodes the units of a sequential JPEG that are wanted at more than 1:8: their low coefficients. */
import { symbolAt } from "../huffman.ts";
import { differenceAt, passAc, type Block, type DecodeUnit } from "../scan-decoder.ts";

/** Of one block, by place, and one for those that are not wanted. */
const read = new Float32Array(65);

/** One function, which V8 compiles once: its loops are the hottest of all. */
export const decodeLowUnit: DecodeUnit = (blocks, view, from, endBit, unit, carried, values) => {
  let bit = from;
  for (let index = 0; index < blocks.length; index++) {
    const { part, line, offset, step, dcTable, acTable } = blocks[index] as Block;
    const { reduction } = line.component;
    const entry = symbolAt(dcTable, view.getUint32(bit >>> 3) << (bit & 7));
    const category = entry >> 8;
    if (entry === 0 || category > 16 || acTable === null || reduction === null) return -1;
    bit += entry & 255;
    const dc = (carried[part] as number) + differenceAt(view, bit, category);
    bit += category;
    const { side } = reduction;
    const { places, factors, lastWanted } = reduction.precision;
    const size = side * side;
    for (let at = 0; at < size; at++) read[at] = 0;
    let last = 0;
    // Those that are wanted one by one, and then all others at once.
    while (last < lastWanted) {
      const symbol = symbolAt(acTable, view.getUint32(bit >>> 3) << (bit & 7));
      const bits = (symbol >> 8) & 15;
      if (symbol === 0) return -1;
      bit += symbol & 255;
      if (bits === 0 && symbol >> 12 < 15) {
        last = 63;
        break;
      }
      last += (symbol >> 12) + 1;
      if (last <= lastWanted) {
        read[places[last] as number] = differenceAt(view, bit, bits) * (factors[last] as number);
      }
      bit += bits;
    }
    if (last > 63) return -1;
    if (last < 63) bit = passAc(view, acTable, bit, last + 1);
    if (bit < 0 || bit > endBit) return -1;
    const place = offset + unit * step;
    carried[part] = dc;
    values[place] = dc;
    if (side === 1) continue;
    read[0] = dc * (factors[0] as number);
    const { coefficients, across } = reduction;
    const to = (line.index * across + place - line.start) * size;
    for (let at = 0; at < size; at++) coefficients[to + at] = read[at] as number;
  }
  return bit;
};
