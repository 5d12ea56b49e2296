/**
 * Decodes one scan of a JPEG at 1:8: every block is read, of each only the DC coefficient is kept (the block's average).
 * It knows nothing of quantization and colours.
 */
import { marginBytes, type EntropyBuffer } from "./entropy-buffer.ts";
import { decodeSymbol, endOfBlock, extendSign, windowShift } from "./huffman.ts";
import type { ScanPart, ScanPlan } from "./scan-plan.ts";

/** A restart marker so far ahead of the expected one means lost segments; any further, and its number is the damage. */
const maxLostSegments = 2;
const noRestart = 0x7fffffff;

/**
 * Feeds the rows of blocks to the averages of the plan's parts. Bits that make no sense lose the rest of their restart
 * segment (without restarts: of the scan); rows that are missing are never filled in.
 */
export class ScanDecoder {
  readonly #plan: ScanPlan;
  readonly #predictions: Int32Array;
  #unitColumn = 0;
  #unitRow = 0;
  /** Units before the next restart marker must come. */
  #unitsLeft: number;
  #restarts = 0;
  /** Nothing makes sense before the next restart marker. */
  #lost = false;
  #damaged = false;

  constructor(plan: ScanPlan) {
    this.#plan = plan;
    this.#predictions = new Int32Array(plan.parts.length);
    this.#unitsLeft = plan.restartInterval || noRestart;
  }

  /** Whether every unit was passed. */
  get finished(): boolean {
    return this.#unitRow >= this.#plan.unitsDown;
  }

  /** Whether something was lost on the way. */
  get damaged(): boolean {
    return this.#damaged;
  }

  /**
   * Decodes the whole units in the buffer and forgets their bytes. Unless `last` (no more bytes before the next marker), a
   * unit that might not be whole is left for the next call.
   */
  decode(buffer: EntropyBuffer, last: boolean): void {
    if (!this.#idle) {
      buffer.bit = this.#decodeUnits(buffer, (last ? buffer.length : buffer.length - marginBytes) * 8);
    }
    // Between a segment's last unit and its marker there is only padding.
    if (last || this.#idle) buffer.clear();
    else buffer.dropRead();
  }

  get #idle(): boolean {
    return this.#lost || this.#unitsLeft === 0 || this.finished;
  }

  /** Goes on after RSTn, at the unit where the marker's number says that its segment begins. */
  restart(number: number): void {
    const { restartInterval, unitsAcross, unitsDown } = this.#plan;
    if (restartInterval === 0) {
      this.#lost = true;
      this.#damaged = true;
      return;
    }
    const ahead = (number - this.#restarts) & 7;
    this.#restarts += 1 + (ahead <= maxLostSegments ? ahead : 0);
    if (ahead > 0 || this.#unitsLeft > 0) this.#damaged = true;
    const unit = this.#restarts * restartInterval;
    const row = Math.min(unitsDown, Math.floor(unit / unitsAcross));
    if (row > this.#unitRow) {
      this.#finishRow();
      this.#unitRow = row;
    }
    this.#unitColumn = unit - row * unitsAcross;
    this.#unitsLeft = restartInterval;
    this.#lost = false;
    this.#predictions.fill(0);
  }

  /** Hands over the row that the end of the data cut. */
  end(): void {
    if (this.finished) return;
    this.#damaged = true;
    this.#finishRow();
  }

  /** Decodes the units that begin before bit `limit`; returns the bit after the last of them. */
  #decodeUnits({ view, length, bit: from }: EntropyBuffer, limit: number): number {
    const { unitsAcross, unitsDown } = this.#plan;
    const endBit = length * 8;
    let bit = from;
    while (bit < limit && this.#unitsLeft > 0) {
      const next = decodeUnit(this.#plan, this.#predictions, view, bit, endBit, this.#unitColumn);
      if (next < 0) {
        this.#lost = true;
        this.#damaged = true;
        break;
      }
      bit = next;
      this.#unitsLeft--;
      this.#unitColumn++;
      if (this.#unitColumn < unitsAcross) continue;
      this.#finishRow();
      this.#unitRow++;
      if (this.#unitRow >= unitsDown) break;
    }
    return bit;
  }

  /** Gives the decoded units of the current row to the averages. A lost segment in between shows the row above. */
  #finishRow(): void {
    for (const part of this.#plan.parts) addRows(part, this.#plan.rows, this.#unitRow, this.#unitColumn);
    this.#unitColumn = 0;
  }
}

function addRows(part: ScanPart, rows: Float32Array, unitRow: number, units: number): void {
  const { component, average, rowsStart, rowLength, across, down } = part;
  const blocks = Math.min(component.blocksAcross, units * across);
  if (blocks === 0) return;
  for (let line = 0; line < down; line++) {
    const row = unitRow * down + line;
    if (row < component.blocksDown) average.addRow(rows, rowsStart + line * rowLength, row, blocks);
  }
}

/** Decodes the unit at bit `from`; returns the bit after it, -1 when its bits make no sense or reach beyond `endBit`. */
function decodeUnit(
  plan: ScanPlan,
  predictions: Int32Array,
  view: DataView,
  from: number,
  endBit: number,
  unit: number,
): number {
  const { blockPart, blockOffset, blockStep, blockDcLookup, blockAcLookup, dcLookups, acLookups, dcOnly, rows } = plan;
  let bit = from;
  for (let block = 0; block < blockPart.length; block++) {
    const index = blockPart[block] as number;
    const word = view.getUint32(bit >>> 3) << (bit & 7);
    const entry = dcLookups[(blockDcLookup[block] as number) + (word >>> windowShift)] as number;
    let difference = entry >> 8;
    if (entry !== 0) bit += entry & 255;
    else {
      const symbol = decodeSymbol((plan.parts[index] as ScanPart).dcTable, word);
      const category = symbol >> 8;
      if (symbol === 0 || category > 16) return -1;
      bit += symbol & 255;
      difference = category === 0 ? 0 : readDifference(view, bit, category);
      bit += category;
    }
    const dc = (predictions[index] as number) + difference;
    if (!dcOnly) bit = passAc(view, acLookups, blockAcLookup[block] as number, plan.parts, index, bit);
    // Checked per block, so that what lies in the buffer beyond the data can never show in a result.
    if (bit < 0 || bit > endBit) return -1;
    predictions[index] = dc;
    rows[(blockOffset[block] as number) + unit * (blockStep[block] as number)] = dc;
  }
  return bit;
}

function readDifference(view: DataView, bit: number, category: number): number {
  const word = view.getUint32(bit >>> 3) << (bit & 7);
  return extendSign(word >>> (32 - category), category);
}

/** Passes over the AC coefficients of a block; returns the bit after them, -1 when its bits make no sense. */
function passAc(
  view: DataView,
  lookups: Int32Array,
  start: number,
  parts: readonly ScanPart[],
  part: number,
  from: number,
): number {
  let bit = from;
  let coefficient = 1;
  for (;;) {
    const word = view.getUint32(bit >>> 3) << (bit & 7);
    const entry = lookups[start + (word >>> windowShift)] as number;
    const next = coefficient + (entry >> 8);
    if (next < 64) {
      coefficient = next;
      bit += entry & 255;
      continue;
    }
    if (next === 64 || (next >= endOfBlock && next < endOfBlock + 64)) return bit + (entry & 255);
    // One symbol at a time: a code longer than the window, or a block that ends within the window.
    const table = parts[part]?.acTable ?? null;
    const symbol = table === null ? 0 : decodeSymbol(table, word);
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
