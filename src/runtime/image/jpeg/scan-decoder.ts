/** Decodes one scan of a JPEG at 1:8: every block is read, but only its DC coefficient (the block's average) is kept. */
import type { Seat } from "../../admission/turns.ts";
import { UnreadableImage } from "../sampler.ts";
import { marginBytes, type EntropyBuffer } from "./entropy-buffer.ts";
import type { CellAverage } from "../cell-average.ts";
import type { Component, Frame } from "./frame.ts";
import { endOfBlock, symbolAt, windowBits, windowShift, type HuffmanTable } from "./huffman.ts";

/** What a scan needs of one component. */
export interface ScanPart {
  readonly component: Component;
  /** Receives its DC values; null where the scan has none. */
  readonly average: CellAverage | null;
  readonly dcTable: HuffmanTable;
  /** Null in a DC scan of a progressive file, which holds nothing else. */
  readonly acTable: HuffmanTable | null;
}

/** One block of a unit. */
export interface Block {
  /** The part whose DC values predict each other. */
  readonly part: number;
  readonly line: Line;
  /** The place of its DC value is offset + unit × step. */
  readonly offset: number;
  readonly step: number;
  readonly dcTable: HuffmanTable;
  readonly acTable: HuffmanTable | null;
}

/** A row of a component's blocks in a row of units. */
interface Line {
  readonly component: Component;
  readonly average: CellAverage | null;
  /** Where it begins in the values of the row of units. */
  readonly start: number;
  /** Blocks of a unit, on this line and below each other, and which of these the line is. */
  readonly across: number;
  readonly down: number;
  readonly index: number;
}

/** Work units; see `ImageLimits`. */
export const blockWork = 5;
/** ITU-T T.81, B.2.3. */
const maxBlocksPerUnit = 10;
/** A restart marker so far ahead of the expected one means lost segments; any further, and its number is the damage. */
const maxLostSegments = 2;
/** Bits of a word that are available whichever of a byte's bits it begins with. */
const sureBits = 25;

/**
 * Feeds the rows of blocks to the averages of its components. Bits that make no sense lose the rest of their restart
 * segment (without restarts: of the scan); rows that are missing are never filled in.
 */
export class ScanDecoder {
  /** Blocks that the scan passes, padding included. */
  readonly blockCount: number;
  /** Whether something was lost on the way. */
  damaged = false;
  readonly #unitsAcross: number;
  readonly #unitsDown: number;
  readonly #restartInterval: number;
  readonly #blocks: readonly Block[];
  readonly #lines: readonly Line[];
  /** The DC values of one row of units, line after line. */
  readonly #values: Float32Array;
  /** By part, what its units hand on to the next: DC values, or blocks that are known to have ended. Zeros after a restart. */
  readonly #carried: Int32Array;
  readonly #seat: Seat;
  readonly #decodeUnit: DecodeUnit;
  #unitColumn = 0;
  #unitRow = 0;
  /** Units before the next restart marker must come. */
  #unitsLeft: number;
  #restarts = 0;
  /** Nothing makes sense before the next restart marker. */
  #lost = false;

  /**
   * The seat is told of the blocks.
   * @throws UnreadableImage when a unit would have more blocks than JPEG allows
   */
  constructor(frame: Frame, parts: readonly ScanPart[], restartInterval: number, seat: Seat, decode: DecodeUnit) {
    this.#seat = seat;
    this.#decodeUnit = decode;
    const alone = parts.length > 1 ? null : (parts[0]?.component ?? null);
    this.#unitsAcross = alone?.blocksAcross ?? Math.ceil(frame.width / (8 * frame.maxAcross));
    this.#unitsDown = alone?.blocksDown ?? Math.ceil(frame.height / (8 * frame.maxDown));
    this.#restartInterval = restartInterval;
    this.#unitsLeft = restartInterval || Infinity;
    const blocks: Block[] = [];
    const lines: Line[] = [];
    let start = 0;
    for (const [part, { component, average, dcTable, acTable }] of parts.entries()) {
      const { across, down } = alone === null ? component : { across: 1, down: 1 };
      for (let index = 0; index < down; index++) {
        const line = { component, average, start, across, down, index };
        lines.push(line);
        for (let column = 0; column < across; column++) {
          blocks.push({ part, line, offset: start + column, step: across, dcTable, acTable });
        }
        start += this.#unitsAcross * across;
      }
    }
    if (blocks.length > maxBlocksPerUnit) throw new UnreadableImage("a scan header");
    this.#blocks = blocks;
    this.#lines = lines;
    this.#values = new Float32Array(start);
    this.#carried = new Int32Array(parts.length);
    this.blockCount = this.#unitsAcross * this.#unitsDown * blocks.length;
  }

  /** Whether every unit was passed. */
  get finished(): boolean {
    return this.#unitRow >= this.#unitsDown;
  }

  /**
   * Decodes the whole units in the buffer and forgets their bytes. Unless `last` (no more bytes before the next marker), a
   * unit that might not be whole is left for the next call.
   */
  decode(buffer: EntropyBuffer, last: boolean): void {
    const limit = (last ? buffer.length : buffer.length - marginBytes) * 8;
    // A unit may take no bits at all.
    while (!this.#idle && buffer.bit <= limit) this.#decodeUnits(buffer, limit);
    // Between a segment's last unit and its marker there is only padding.
    if (last || this.#idle) buffer.bit = buffer.length * 8;
    buffer.dropRead();
  }

  get #idle(): boolean {
    return this.#lost || this.#unitsLeft === 0 || this.finished;
  }

  /** Goes on after RSTn, at the unit where the marker's number says that its segment begins. */
  restart(number: number): void {
    const interval = this.#restartInterval;
    if (interval === 0) {
      this.#lost = this.damaged = true;
      return;
    }
    const ahead = (number - this.#restarts) & 7;
    this.#restarts += 1 + (ahead <= maxLostSegments ? ahead : 0);
    if (ahead > 0 || this.#unitsLeft > 0) this.damaged = true;
    const unit = this.#restarts * interval;
    const row = Math.min(this.#unitsDown, Math.floor(unit / this.#unitsAcross));
    if (row > this.#unitRow) {
      this.#finishRow();
      this.#unitRow = row;
    }
    this.#unitColumn = unit - row * this.#unitsAcross;
    this.#unitsLeft = interval;
    this.#lost = false;
    this.#carried.fill(0);
  }

  /** Hands over the row that the end of the data cut. */
  end(): void {
    if (this.finished) return;
    this.damaged = true;
    this.#finishRow();
  }

  /** Decodes the units of the current row that begin at bit `limit` or before. */
  #decodeUnits(buffer: EntropyBuffer, limit: number): void {
    const endBit = buffer.length * 8;
    const units = Math.min(this.#unitsAcross, this.#unitColumn + this.#unitsLeft);
    const row = this.#unitRow;
    let { bit } = buffer;
    let unit = this.#unitColumn;
    while (bit <= limit && unit < units) {
      const next = this.#decodeUnit(this.#blocks, buffer.view, bit, endBit, unit, this.#carried, this.#values, row);
      if (next < 0) {
        this.#lost = this.damaged = true;
        break;
      }
      bit = next;
      unit++;
    }
    buffer.bit = bit;
    this.#seat.count((unit - this.#unitColumn) * this.#blocks.length * blockWork);
    this.#unitsLeft -= unit - this.#unitColumn;
    this.#unitColumn = unit;
    if (unit < this.#unitsAcross) return;
    this.#finishRow();
    this.#unitRow++;
  }

  /** Gives the decoded units of the current row to the averages. A lost segment in between shows the row above. */
  #finishRow(): void {
    for (const { component, average, start, across, down, index } of this.#lines) {
      const { blocksAcross, blocksDown } = component;
      const row = this.#unitRow * down + index;
      const blocks = Math.min(blocksAcross, this.#unitColumn * across);
      if (blocks <= 0 || row >= blocksDown) continue;
      average?.addRow(this.#values, start, row, blocks);
      component.reduction?.addRow(this.#values, start, row, blocks, index);
    }
    this.#unitColumn = 0;
  }
}

/** Decodes the unit at bit `from`; returns the bit after it, -1 when its bits make no sense or reach beyond `endBit`. */
export function decodeUnit(
  blocks: readonly Block[],
  view: DataView,
  from: number,
  endBit: number,
  unit: number,
  predictions: Int32Array,
  values: Float32Array,
  _row: number,
): number {
  let bit = from;
  for (let index = 0; index < blocks.length; index++) {
    const { part, offset, step, dcTable, acTable } = blocks[index] as Block;
    const word = view.getUint32(bit >>> 3) << (bit & 7);
    const entry = symbolAt(dcTable, word);
    const category = entry >> 8;
    if (entry === 0 || category > 16) return -1;
    bit += entry & 255;
    const dc = (predictions[part] as number) + differenceAt(view, bit, category);
    bit += category;
    if (acTable !== null) bit = passAc(view, acTable, bit, 1);
    // Checked per block, so that what lies in the buffer beyond the data can never show in a result.
    if (bit < 0 || bit > endBit) return -1;
    predictions[part] = dc;
    values[offset + unit * step] = dc;
  }
  return bit;
}

export type DecodeUnit = typeof decodeUnit;

/** The same for a scan of single bits (G.1.2.1.2). */
export const refineUnit: DecodeUnit = (blocks, view, from, endBit, unit, _predictions, values) => {
  if (from + blocks.length > endBit) return -1;
  for (let index = 0; index < blocks.length; index++) {
    const { offset, step } = blocks[index] as Block;
    const bit = from + index;
    values[offset + unit * step] = (view.getUint8(bit >>> 3) >> (7 - (bit & 7))) & 1;
  }
  return from + blocks.length;
};

/** The number of `category` bits, signed as JPEG does it (T.81, figure F.12). Without branches, which would be mispredicted. */
export function differenceAt(view: DataView, bit: number, category: number): number {
  const word = view.getUint32(bit >>> 3) << (bit & 7);
  return ((word >>> 1) >>> (31 - category)) + (~(word >> 31) & (1 - (1 << category)));
}

/** Passes over the coefficients of a block from `first` on; returns the bit after them, -1 when its bits make no sense. */
export function passAc(view: DataView, table: HuffmanTable, from: number, first: number): number {
  const { windows } = table;
  let bit = from;
  let coefficient = first;
  for (;;) {
    const word = view.getUint32(bit >>> 3) << (bit & 7);
    let entry = windows[word >>> windowShift] as number;
    let next = coefficient + (entry >> 8);
    if (next < 64) {
      const passed = entry & 255;
      bit += passed;
      coefficient = next;
      if (passed > sureBits - windowBits) continue;
      // The same word holds another window.
      entry = windows[(word << passed) >>> windowShift] as number;
      next = coefficient + (entry >> 8);
      if (next < 64) {
        bit += entry & 255;
        coefficient = next;
        continue;
      }
    }
    if (next === 64 || (next >= endOfBlock && next < endOfBlock + 64)) return bit + (entry & 255);
    // One symbol at a time: a code longer than the window, or a block that ends within the window.
    const symbol = symbolAt(table, view.getUint32(bit >>> 3) << (bit & 7));
    if (symbol === 0) return -1;
    const extraBits = (symbol >> 8) & 15;
    const run = symbol >> 12;
    bit += symbol & 255;
    if (extraBits === 0 && run < 15) return bit;
    coefficient += run + 1;
    bit += extraBits;
    if (coefficient >= 64) return coefficient === 64 ? bit : -1;
  }
}
