/**
 * One component of a JPEG on its way to thumbnails: its blocks at N/8 of their size, N = 1, 2, 3, 4 or 8, as rows of samples
 * for the planes of all thumbnails. The scans of a progressive file bring parts of the coefficients: where more than the
 * DC is wanted, the low ones are held until `finish`.
 */
import type { Seat } from "../../../admission/turns.ts";
import type { Plane } from "../../thumbnail/plane.ts";
import { zigzag } from "../../thumbnail/zigzag.ts";
import { axisWeight, invert, type BlockSide } from "./inverse-dct.ts";

/** Work units; see `ImageLimits`. */
export const sampleWork = 1;
/** Of an inverse DCT, for each coefficient. */
export const coefficientWork = 1;

/** The place of a coefficient that is not wanted. */
export const unwanted = 64;
/** The bits that are missing of a coefficient that has not come. */
const nothingYet = 255;
/**
 * Of 256: how far a coefficient may be off in a sample, before it is worth decoding the scans that refine it. They cost
 * more than all others together.
 */
const maxMissingLevels = 1.5;

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
  /** By zigzag index: the place in side × side coefficients. */
  readonly places = new Uint8Array(64);
  /** By zigzag index: what 1 of a coefficient counts in an inverse DCT. */
  readonly factors = new Float32Array(64);
  /** The last zigzag index that is wanted. */
  readonly lastWanted: number;
  /** Where the samples of a row of units begin, line after line, and how far the rows of samples are apart. */
  readonly samples: Float32Array;
  readonly stride: number;
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
  /** By zigzag index: the lowest bit that came. */
  readonly #missing = new Uint8Array(64).fill(nothingYet);
  readonly #planes: readonly Plane[];
  /** Those of them that samples go to: others are made of these. */
  readonly fed: readonly Plane[];
  readonly #seat: Seat;
  readonly #sampleRows: number;
  /** The row of samples, or where coefficients are held, of blocks, that comes next in this scan. */
  #next = 0;
  /** The last row that came: what is missing at the end looks like it. */
  #source: Float32Array = new Float32Array(0);
  #sourceAt = 0;

  /** @param holds whether several scans make up a block */
  constructor(grid: BlockGrid, side: BlockSide, holds: boolean, planes: readonly Plane[], seat: Seat) {
    const { blocksAcross, blocksDown, down } = grid;
    this.#grid = grid;
    this.side = side;
    this.#planes = planes;
    this.fed = planes.filter(({ source }) => source === null);
    this.#seat = seat;
    for (const [index, place] of zigzag.entries()) {
      const [u, v] = [place & 7, place >> 3];
      this.places[index] = u < side && v < side ? v * side + u : unwanted;
    }
    this.lastWanted = this.places.findLastIndex((place) => place < unwanted);
    this.#sampleRows = blocksDown * side;
    // Interleaved blocks may fill up the last unit.
    this.stride = side === 1 ? 0 : (blocksAcross + maxPadding) * side;
    this.samples = new Float32Array(this.stride * side * (holds ? 1 : down));
    this.settled = !holds;
    this.held = new Int16Array(holds ? blocksAcross * blocksDown * side * side : 0);
  }

  /** The bytes that would be held of a component, history included. */
  static heldBytes({ blocksAcross, blocksDown }: BlockGrid, side: BlockSide): number {
    return side === 1 ? 0 : blocksAcross * blocksDown * (side * side * 2 + 8);
  }

  #wanted(first: number, last: number): readonly number[] {
    const indexes = Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => first + offset);
    return indexes.filter((index) => this.places[index] !== unwanted);
  }

  #isSettled(index: number): boolean {
    const missing = this.#missing[index] as number;
    return missing !== nothingYet && (this.history === null || !this.#isCoarse(index, missing));
  }

  #isCoarse(index: number, missing: number): boolean {
    return (2 ** missing - 1) * (this.factors[index] as number) > maxMissingLevels;
  }

  /** Takes the steps of quantization, by zigzag index; later scans may replace their table. */
  quantize(stepAt: (index: number) => number): void {
    for (const index of this.#wanted(0, this.lastWanted)) {
      const place = zigzag[index] as number;
      this.factors[index] = stepAt(index) * axisWeight(this.side, place & 7) * axisWeight(this.side, place >> 3);
    }
  }

  /** Begins a scan that brings DC values, alone or with all others. */
  beginDc(kind: ScanKind, lowBit: number): void {
    this.#begin(kind, 0, 0, lowBit);
  }

  /** Begins the first scan of some AC coefficients; false when it is of no use. */
  beginAc(first: number, last: number, lowBit: number): boolean {
    const band = this.#missing.subarray(first, last + 1);
    if (this.held.length === 0 || band.some((missing) => missing !== nothingYet)) return false;
    const wanted = this.#wanted(first, last);
    const isFirst = this.#missing.subarray(1).every((missing) => missing === nothingYet);
    if (isFirst && lowBit > 0 && this.#wanted(1, this.lastWanted).some((index) => this.#isCoarse(index, lowBit))) {
      this.history = new Uint32Array(this.#grid.blocksAcross * this.#grid.blocksDown * 2);
    }
    if (this.history === null && wanted.length === 0) return false;
    this.#begin("ac", first, last, lowBit);
    return true;
  }

  /** Begins a scan of one more bit of some AC coefficients; false when it is of no use, or others are missing before it. */
  refineAc(first: number, last: number, highBit: number, lowBit: number): boolean {
    const band = this.#missing.subarray(first, last + 1);
    if (this.history === null || lowBit !== highBit - 1 || band.some((missing) => missing !== highBit)) return false;
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
    this.#missing.fill(lowBit, first, last + 1);
    // Asked for at every marker, and so not found out each time.
    this.settled = this.held.length === 0 || this.#wanted(1, this.lastWanted).every((index) => this.#isSettled(index));
  }

  /**
   * Takes a row of blocks that was decoded: its DC values, or what its decoder wrote to `samples`, on line `index` of the
   * units. @param blocks those of them that came
   */
  addRow(values: Float32Array, start: number, row: number, blocks: number, index: number): void {
    if (this.#kind === "ac" || this.#kind === "refineAc") return;
    this.hasCome = true;
    if (this.#kind !== "blocks" || this.side === 1) {
      const { blocksAcross } = this.#grid;
      if (row === 0) values.fill(values[start + blocks - 1] as number, start + blocks, start + blocksAcross);
      this.#put(values, start, row, 1, 0);
      return;
    }
    const from = index * this.side * this.stride;
    if (row === 0) this.#repeatLast(from, blocks);
    this.#put(this.samples, from, row * this.side, this.side, this.stride);
  }

  /** The right part of a first row that was cut; any other row has those of the row above. */
  #repeatLast(from: number, blocks: number): void {
    const { samples, side, stride } = this;
    const end = blocks * side;
    for (let at = from; at < from + side * stride; at += stride) {
      samples.fill(samples[at + end - 1] as number, at + end, at + stride);
    }
  }

  /** Rows that were lost look like the one behind them. */
  #put(source: Float32Array, from: number, row: number, rows: number, stride: number): void {
    while (this.#next < row) this.#add(source, from, this.#next++);
    for (let line = 0; line < rows; line++) this.#add(source, from + line * stride, this.#next++);
    this.#source = source;
    this.#sourceAt = from + (rows - 1) * stride;
  }

  /** Fills in the rows that a scan has not brought. */
  endScan(): void {
    const rows = this.held.length > 0 ? this.#grid.blocksDown : this.#sampleRows;
    if (this.#next > 0 && this.#next < rows) {
      // Of the bits that refine, half are ones.
      if (this.#kind === "refineDc") this.#source.fill(0.5);
      while (this.#next < rows) this.#add(this.#source, this.#sourceAt, this.#next++);
    }
    this.#next = 0;
  }

  #add(source: Float32Array, from: number, row: number): void {
    const unit = 2 ** this.lowBit;
    if (this.held.length === 0) {
      this.#addSamples(source, from, row, this.side === 1 ? unit * (this.factors[0] as number) : 1);
      return;
    }
    const { held, side } = this;
    const { blocksAcross } = this.#grid;
    const size = side * side;
    for (let column = 0, at = row * blocksAcross * size; column < blocksAcross; column++, at += size) {
      held[at] = (held[at] as number) + (source[from + column] as number) * unit;
    }
  }

  #addSamples(source: Float32Array, from: number, row: number, factor: number): void {
    for (const plane of this.fed) plane.addRow(source, from, row, factor);
    this.#seat.count(this.#grid.blocksAcross * this.side * this.fed.length * sampleWork);
  }

  /** Brings to the planes what is held, and what the bits that were not waited for are on average. Called once, at the end. */
  async finish(): Promise<readonly Plane[]> {
    this.endScan();
    if (this.held.length > 0) await this.#invertAll();
    const missing = this.#missing[0] as number;
    // Half of their range: they were cut off.
    const offset = ((2 ** missing - 1) / 2) * (this.factors[0] as number);
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
    const { samples, side, stride, held } = this;
    const { blocksAcross, blocksDown } = this.#grid;
    const size = side * side;
    const [factors, halves] = this.#byPlace();
    const coefficients = new Float32Array(size);
    for (let row = 0, at = 0; row < blocksDown; row++) {
      for (let column = 0; column < blocksAcross; column++) {
        for (let place = 0; place < size; place++) {
          const value = held[at++] as number;
          const half = place > 0 ? Math.sign(value) : 1;
          coefficients[place] = (value + half * (halves[place] as number)) * (factors[place] as number);
        }
        invert(side, coefficients, samples, column * side, stride);
      }
      for (let line = 0; line < side; line++) this.#addSamples(samples, line * stride, row * side + line, 1);
      this.#seat.count(blocksAcross * size * coefficientWork);
      await this.#seat.pause();
    }
  }

  /** The factors, and half of what each coefficient misses; AC coefficients were cut off towards zero. */
  #byPlace(): readonly [factors: Float32Array, halves: Float32Array] {
    const factors = new Float32Array(this.side ** 2);
    const halves = new Float32Array(factors.length);
    for (const index of this.#wanted(0, this.lastWanted)) {
      const place = this.places[index] as number;
      const missing = this.#missing[index] as number;
      factors[place] = this.factors[index] as number;
      halves[place] = missing === nothingYet ? 0 : (2 ** missing - 1) / 2;
    }
    return [factors, halves];
  }
}

/** Blocks of a unit beyond the last that shows the picture, at most. */
const maxPadding = 3;
