/**
 * One component of a JPEG on its way to thumbnails: its blocks at N/8 of their size, N = 1, 2, 3, 4 or 8, as rows of samples
 * for the planes of all thumbnails. The scans of a progressive file bring parts of the coefficients: where more than the
 * DC is wanted, the low ones are held until `finish`.
 */
import type { Seat } from "../../../admission/turns.ts";
import type { Plane } from "../../thumbnail/plane.ts";
import { invertRow, type BlockSide } from "./inverse-dct.ts";
import { Precision } from "./precision.ts";

/** Work units; see `ImageLimits`. */
export const sampleWork = 1;
/** Of an inverse DCT, for each coefficient. */
export const coefficientWork = 1;

/** What a scan does to a component. */
export type ScanKind = "dc" | "refineDc" | "blocks" | "ac" | "refineAc";

/** The blocks of a component. */
export interface BlockGrid {
  /** Those that show the picture. */
  readonly blocksAcross: number;
  readonly blocksDown: number;
  /** Rows of them in a unit. */
  readonly down: number;
}

/** A class, because the decoders of units need a stable shape. */
export class Reduction {
  readonly #grid: BlockGrid;
  readonly side: BlockSide;
  readonly precision: Precision;
  /**
   * The coefficients of a row of units times their factors, line after line, block after block: as they are decoded, or one
   * line of what is held. Blocks that were lost have those of the row before.
   */
  readonly coefficients: Float32Array;
  /** Blocks of a line of these: interleaved ones may fill up the last unit. */
  readonly across: number;
  readonly #between: Float32Array;
  /** The rows of samples of the last row of blocks. */
  readonly #samples: Float32Array;
  /** The coefficients of all blocks, place after place; empty where nothing is held. */
  readonly held: Int16Array;
  /** Two words for each block: a bit for each coefficient that is not zero. Null where refinements are not wanted. */
  history: Uint32Array | null = null;
  /** Whether nothing of the scans behind this one could be seen in thumbnails. DC values are the sampler's matter. */
  settled: boolean;
  /** Whether DC values of any row came. */
  hasCome = false;
  /** Of the scan that is being decoded. */
  first = 0;
  last = 0;
  lowBit = 0;
  #kind: ScanKind = "blocks";
  readonly #planes: readonly Plane[];
  /** Those of them that samples go to: others are made of these. */
  readonly fed: readonly Plane[];
  readonly #seat: Seat;
  /** The row of blocks that comes next in this scan. */
  #next = 0;
  /** The DC values of the last row that came: what is missing at the end looks like it. */
  #values: Float32Array = new Float32Array(0);
  #valuesAt = 0;

  /** @param holds whether several scans make up a block */
  constructor(grid: BlockGrid, side: BlockSide, holds: boolean, planes: readonly Plane[], seat: Seat) {
    const { blocksAcross, blocksDown, down } = grid;
    this.#grid = grid;
    this.side = side;
    this.#planes = planes;
    this.fed = planes.filter(({ source }) => source === null);
    this.#seat = seat;
    this.precision = new Precision(side);
    const size = side === 1 ? 0 : side * side;
    this.across = blocksAcross + maxPadding;
    this.coefficients = new Float32Array(this.across * size * (holds ? 1 : down));
    this.#between = new Float32Array(blocksAcross * size);
    this.#samples = new Float32Array(blocksAcross * size);
    this.settled = !holds;
    this.held = new Int16Array(holds ? blocksAcross * blocksDown * side * side : 0);
  }

  /** The bytes that would be held of a component, history included. */
  static heldBytes({ blocksAcross, blocksDown }: BlockGrid, side: BlockSide): number {
    return side === 1 ? 0 : blocksAcross * blocksDown * (side * side * 2 + 8);
  }

  /** Begins a scan that brings DC values, alone or with all others. */
  beginDc(kind: ScanKind, lowBit: number): void {
    this.#begin(kind, 0, 0, lowBit);
  }

  /** Begins the first scan of some AC coefficients; false when it is of no use. */
  beginAc(first: number, last: number, lowBit: number): boolean {
    const { precision } = this;
    if (this.held.length === 0 || !precision.isAt(first, last)) return false;
    if (precision.isAt(1, 63) && precision.isCoarseAt(lowBit)) {
      this.history = new Uint32Array(this.#grid.blocksAcross * this.#grid.blocksDown * 2);
    }
    if (this.history === null && !precision.isWanted(first, last)) return false;
    this.#begin("ac", first, last, lowBit);
    return true;
  }

  /** Begins a scan of one more bit of some AC coefficients; false when it is of no use, or others are missing before it. */
  refineAc(first: number, last: number, highBit: number, lowBit: number): boolean {
    if (this.history === null || lowBit !== highBit - 1 || !this.precision.isAt(first, last, highBit)) return false;
    this.#begin("refineAc", first, last, lowBit);
    return true;
  }

  #begin(kind: ScanKind, first: number, last: number, lowBit: number): void {
    this.endScan();
    this.#kind = kind;
    this.first = first;
    this.last = last;
    this.lowBit = lowBit;
    this.#next = 0;
    this.precision.begin(first, last, lowBit);
    // Asked for at every marker, and so not found out each time.
    this.settled = this.held.length === 0 || this.precision.hasAll(this.history !== null);
  }

  /**
   * Takes a row of blocks that was decoded: its DC values, or what its decoder wrote to `coefficients`, on line `index` of
   * the units. @param blocks those of them that came
   */
  addRow(values: Float32Array, start: number, row: number, blocks: number, index: number): void {
    if (this.#kind === "ac" || this.#kind === "refineAc") return;
    this.hasCome = true;
    const { blocksAcross } = this.#grid;
    const isFirst = row === index;
    if (this.#isInverted) this.#invert(index * this.across, isFirst ? blocks : blocksAcross);
    // The right part of the first row of units that was cut; any other row has those of the row above.
    else if (isFirst) values.fill(values[start + blocks - 1] as number, start + blocks, start + blocksAcross);
    this.#values = values;
    this.#valuesAt = start;
    // Rows that were lost look like the one behind them.
    while (this.#next <= row) this.#add();
  }

  /** Whether its decoder writes coefficients. */
  get #isInverted(): boolean {
    return this.#kind === "blocks" && this.side > 1;
  }

  /** Fills in the rows that a scan has not brought. */
  endScan(): void {
    if (this.#next > 0) {
      // Of the bits that refine, half are ones.
      if (this.#kind === "refineDc" && this.#next < this.#grid.blocksDown) this.#values.fill(0.5);
      while (this.#next < this.#grid.blocksDown) this.#add();
    }
    this.#next = 0;
  }

  /** Adds the row that came last, as the next one. */
  #add(): void {
    const row = this.#next++;
    const unit = 2 ** this.lowBit;
    const values = this.#values;
    const from = this.#valuesAt;
    const { held, side } = this;
    if (this.#isInverted) this.#addSamples(row);
    else if (held.length === 0) this.#addLine(values, from, row, unit * (this.precision.factors[0] as number));
    else {
      const { blocksAcross } = this.#grid;
      const size = side * side;
      for (let column = 0, at = row * blocksAcross * size; column < blocksAcross; column++, at += size) {
        held[at] = (held[at] as number) + (values[from + column] as number) * unit;
      }
    }
  }

  /** Makes samples of a line of coefficients. @param blocks those behind are like the last one */
  #invert(line: number, blocks: number): void {
    const { side, coefficients } = this;
    const { blocksAcross } = this.#grid;
    const size = side * side;
    const last = (line + blocks - 1) * size;
    for (let column = blocks; column < blocksAcross; column++) {
      coefficients.copyWithin((line + column) * size, last, last + size);
    }
    invertRow(side, coefficients, line * size, blocksAcross, this.#between, this.#samples);
    this.#seat.count(blocksAcross * size * coefficientWork);
  }

  #addSamples(row: number): void {
    const stride = this.#grid.blocksAcross * this.side;
    for (let line = 0; line < this.side; line++) this.#addLine(this.#samples, line * stride, row * this.side + line, 1);
  }

  #addLine(source: Float32Array, from: number, row: number, factor: number): void {
    for (const plane of this.fed) plane.addRow(source, from, row, factor);
    this.#seat.count(this.#grid.blocksAcross * this.side * this.fed.length * sampleWork);
  }

  /** Brings to the planes what is held, and what the bits that were not waited for are on average. Called once, at the end. */
  async finish(): Promise<readonly Plane[]> {
    this.endScan();
    if (this.held.length > 0) await this.#invertAll();
    const [[factor], [half]] = this.precision.byPlace();
    const offset = (half ?? 0) * (factor ?? 0);
    for (const plane of this.#planes) {
      plane.end();
      this.#seat.count((plane.source?.values.length ?? 0) * sampleWork);
      await this.#seat.pause();
      if (offset === 0 || this.held.length > 0 || plane.source !== null) continue;
      plane.values.forEach((value, at, all) => (all[at] = value + offset));
    }
    return this.#planes;
  }

  async #invertAll(): Promise<void> {
    const { blocksAcross, blocksDown } = this.#grid;
    const [factors, halves] = this.precision.byPlace();
    for (let row = 0; row < blocksDown; row++) {
      this.#dequantize(row, factors, halves);
      this.#invert(0, blocksAcross);
      this.#addSamples(row);
      await this.#seat.pause();
    }
  }

  /** One row of what is held. */
  #dequantize(row: number, factors: Float32Array, halves: Float32Array): void {
    const { coefficients, held } = this;
    const count = this.#grid.blocksAcross * factors.length;
    const from = row * count;
    for (let at = 0, place = 0; at < count; at++) {
      const value = held[from + at] as number;
      // AC coefficients were cut off towards zero.
      const half = place > 0 ? Math.sign(value) : 1;
      coefficients[at] = (value + half * (halves[place] as number)) * (factors[place] as number);
      place = place + 1 < factors.length ? place + 1 : 0;
    }
  }
}

/** Blocks of a unit beyond the last that shows the picture, at most. */
const maxPadding = 3;
