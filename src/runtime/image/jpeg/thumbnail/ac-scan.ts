/** Decodes the blocks of a progressive JPEG's AC scans (ITU-T T.81, G.1.2.2 and G.1.2.3). Such a scan has one component. */
import { symbolAt } from "../huffman.ts";
import { differenceAt, type Block, type DecodeUnit } from "../scan-decoder.ts";
import { unwanted } from "./precision.ts";

/** The blocks that a symbol ends, its own included. */
function runOf(view: DataView, bit: number, bits: number): number {
  return (1 << bits) + (bits === 0 ? 0 : (view.getUint32(bit >>> 3) << (bit & 7)) >>> (32 - bits));
}

/** The first scan of some coefficients. What is carried is how many of the next blocks have none. */
export const decodeAcUnit: DecodeUnit = (blocks, view, from, endBit, unit, carried, _values, row) => {
  const ended = carried[0] as number;
  if (ended > 0) {
    carried[0] = ended - 1;
    return from;
  }
  const { line, acTable } = blocks[0] as Block;
  const { component } = line;
  const { reduction } = component;
  if (reduction === null || acTable === null) return -1;
  const { side, held, history, last, lowBit } = reduction;
  const { places, lastWanted } = reduction.precision;
  const block = row * component.blocksAcross + unit;
  let bit = from;
  for (let index = reduction.first; index <= last; index++) {
    const symbol = symbolAt(acTable, view.getUint32(bit >>> 3) << (bit & 7));
    const run = symbol >> 12;
    const category = (symbol >> 8) & 15;
    if (symbol === 0) return -1;
    bit += symbol & 255;
    if (category === 0 && run < 15) {
      carried[0] = runOf(view, bit, run) - 1;
      bit += run;
      break;
    }
    index += run;
    // Checked before anything is written, so that what lies in the buffer beyond the data can never show in a result.
    if (bit + category > endBit || (index > last && category > 0)) return -1;
    if (category === 0) continue;
    const place = places[index] as number;
    if (index <= lastWanted && place !== unwanted) {
      held[block * side * side + place] = differenceAt(view, bit, category) << lowBit;
    }
    if (history !== null) {
      const word = block * 2 + (index >> 5);
      history[word] = (history[word] as number) | (1 << (index & 31));
    }
    bit += category;
  }
  return bit > endBit ? -1 : bit;
};

/**
 * One more bit of some coefficients: each symbol is for one that was zero, and between them lie the bits of those that
 * were not, which are passed over unless they are wanted.
 */
export const refineAcUnit: DecodeUnit = (blocks, view, from, endBit, unit, carried, _values, row) => {
  const { line, acTable } = blocks[0] as Block;
  const { component } = line;
  const { reduction } = component;
  if (reduction === null || reduction.history === null || acTable === null) return -1;
  const { side, held, history, last, lowBit } = reduction;
  const { places, lastWanted } = reduction.precision;
  const block = row * component.blocksAcross + unit;
  const start = block * side * side;
  const low = history[block * 2] as number;
  const high = history[block * 2 + 1] as number;
  let ended = carried[0] as number;
  let bit = from;
  for (let index = reduction.first; index <= last; index++) {
    let zeros = 64;
    let value = 0;
    if (ended === 0) {
      const symbol = symbolAt(acTable, view.getUint32(bit >>> 3) << (bit & 7));
      const run = symbol >> 12;
      const category = (symbol >> 8) & 15;
      if (symbol === 0 || category > 1) return -1;
      bit += symbol & 255;
      if (category === 0 && run < 15) {
        ended = runOf(view, bit, run);
        bit += run;
      } else {
        zeros = run;
        if (category === 1) value = differenceAt(view, bit++, 1);
      }
    }
    // To the zero behind as many others as the symbol says, from one that is not to the next.
    while (index <= last) {
      const ahead = (index < 32 ? low : high) >>> (index & 31);
      const gap = ahead === 0 ? 32 - (index & 31) : 31 - Math.clz32(ahead & -ahead);
      if (zeros < gap) {
        index += zeros;
        break;
      }
      zeros -= gap;
      index += gap;
      if (ahead === 0) continue;
      if (index > last) break;
      if (bit >= endBit) return -1;
      const at = start + (places[index] as number);
      if (index <= lastWanted && places[index] !== unwanted && (view.getUint8(bit >>> 3) << (bit & 7)) & 128) {
        const before = held[at] as number;
        held[at] = before + (before < 0 ? -1 : 1) * (1 << lowBit);
      }
      bit++;
      index++;
    }
    if (ended > 0) break;
    if (value === 0) continue;
    if (index > last || bit > endBit) return -1;
    const place = places[index] as number;
    if (index <= lastWanted && place !== unwanted) held[start + place] = value * (1 << lowBit);
    const word = block * 2 + (index >> 5);
    history[word] = (history[word] as number) | (1 << (index & 31));
  }
  carried[0] = Math.max(0, ended - 1);
  return bit > endBit ? -1 : bit;
};
