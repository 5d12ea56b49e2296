/**
 * Takes a PNG's inflated bytes, unfilters its rows and samples them into a grid. Holds three rows. It knows nothing of chunks
 * and of inflating.
 */
import { createAxis } from "../cell-average.ts";
import { gridSize, type Grid } from "../grid.ts";
import { RgbaAverage } from "../rgba-average.ts";
import type { Pass, PassPlan, PngHeader } from "./header.ts";
import { planPasses } from "./header.ts";
import { createPixelPicker, type PixelPicker, type PngColors } from "./pixel-picker.ts";
import { unfilterRow } from "./unfilter.ts";

/** Pixels looked at on each axis of a cell, at least; all of them in small pictures. */
const samplesPerCell = 8;
/** Interlaced pictures are read until a cell has so many pixels on each axis. */
const latticePerCell = 2;

/** What reading a picture will take: known from the header, before anything is allocated. */
export interface RowPlan {
  readonly header: PngHeader;
  readonly columns: number;
  readonly rows: number;
  readonly passPlan: PassPlan;
  /** Bytes to be inflated until the last row that is wanted. */
  readonly inflatedBytes: number;
  readonly rowBytes: number;
  /** Pixels that are looked at, along the longer side. */
  readonly samples: number;
  /** Source pixels from a sample to the next, of the picture for a plain one, of the lattice (1) for an interlaced one. */
  readonly stepX: number;
  readonly stepY: number;
}

export function planRows(header: PngHeader): RowPlan {
  const { columns, rows } = gridSize(header.width, header.height, header.width, header.height);
  const passPlan = planPasses(header, columns * latticePerCell, rows * latticePerCell);
  const stepX = header.interlaced ? 1 : sampleStep(header.width, columns);
  const stepY = header.interlaced ? 1 : sampleStep(header.height, rows);
  return {
    header,
    columns,
    rows,
    passPlan,
    stepX,
    stepY,
    samples: Math.ceil(Math.max(header.width / stepX, header.height / stepY) / passPlan.spacing),
    inflatedBytes: passPlan.passes.reduce((sum, { rowBytes, height }) => sum + (rowBytes + 1) * height, 0),
    rowBytes: Math.max(...passPlan.passes.map(({ rowBytes }) => rowBytes)),
  };
}

/** Samples every `step`-th pixel of each axis, from the middle of the first step. */
export class RowReader {
  /** Whether every wanted row was read, or a row made no sense: more bytes change nothing. */
  done = false;
  /** Whether a row had a filter that PNG lacks. */
  damaged = false;
  /** Rows sampled so far. */
  sampledRows = 0;
  /** Bytes taken so far. */
  takenBytes = 0;
  readonly #passes: readonly Pass[];
  readonly #pick: PixelPicker;
  readonly #average: RgbaAverage;
  readonly #pixels: Float32Array;
  readonly #pixelBytes: number;
  readonly #stepX: number;
  readonly #stepY: number;
  readonly #spacing: number;
  /** A row with its filter byte that is not yet whole. */
  readonly #partial: Uint8Array;
  #partialBytes = 0;
  #row: Uint8Array;
  #above: Uint8Array;
  #passIndex = 0;
  #y = 0;

  /** @throws UnreadableImage when the colours are incomplete */
  constructor({ header, columns, rows, passPlan, rowBytes, stepX, stepY }: RowPlan, colors: PngColors) {
    const { width, height, bitsPerPixel } = header;
    this.#pick = createPixelPicker(header, colors);
    this.#passes = passPlan.passes;
    this.#spacing = passPlan.spacing;
    this.#stepX = stepX;
    this.#stepY = stepY;
    const across = createAxis(width, this.#stepX * this.#spacing, columns);
    this.#average = new RgbaAverage(across, createAxis(height, this.#stepY * this.#spacing, rows));
    this.#pixels = new Float32Array(across.samples * 4);
    this.#pixelBytes = Math.max(1, bitsPerPixel >> 3);
    this.#partial = new Uint8Array(rowBytes + 1);
    this.#row = new Uint8Array(rowBytes);
    this.#above = new Uint8Array(rowBytes);
  }

  /** Takes inflated bytes; true once `done`. */
  push(bytes: Uint8Array): boolean {
    this.takenBytes += bytes.length;
    let at = 0;
    while (at < bytes.length && !this.done) {
      const needed = (this.#passes[this.#passIndex]?.rowBytes ?? 0) + 1;
      if (this.#partialBytes === 0 && bytes.length - at >= needed) {
        this.#readRow(bytes, at);
        at += needed;
        continue;
      }
      const to = Math.min(bytes.length, at + needed - this.#partialBytes);
      this.#partial.set(bytes.subarray(at, to), this.#partialBytes);
      this.#partialBytes += to - at;
      at = to;
      if (this.#partialBytes < needed) continue;
      this.#partialBytes = 0;
      this.#readRow(this.#partial, 0);
    }
    return this.done;
  }

  toGrid(): Grid {
    return this.#average.toGrid();
  }

  /** Reads the row whose filter byte is `source[start]`. */
  #readRow(source: Uint8Array, start: number): void {
    const pass = this.#passes[this.#passIndex];
    if (pass === undefined) return;
    const filtered = {
      filter: source[start] ?? 0,
      source,
      start: start + 1,
      length: pass.rowBytes,
      pixelBytes: this.#pixelBytes,
    };
    if (!unfilterRow(filtered, this.#above, this.#row)) {
      this.damaged = true;
      this.done = true;
      return;
    }
    this.#sample(pass);
    [this.#row, this.#above] = [this.#above, this.#row];
    this.#y++;
    if (this.#y < pass.height) return;
    this.#y = 0;
    this.#passIndex++;
    this.#above.fill(0);
    this.done = this.#passIndex === this.#passes.length;
  }

  #sample(pass: Pass): void {
    const y = pass.top + this.#y * pass.stepY;
    const step = this.#stepY * this.#spacing;
    const row = Math.floor(y / step);
    if (this.#stepY > 1 && y !== Math.min(pass.height - 1, row * step + (this.#stepY >> 1))) return;
    const count = Math.ceil(pass.width / this.#stepX);
    this.#pick(this.#row, this.#stepX >> 1, this.#stepX, pass.width - 1, count, this.#pixels);
    this.#average.addRow(this.#pixels, row, count, pass.left / this.#spacing, pass.stepX / this.#spacing);
    this.sampledRows++;
  }
}

/** Odd, so that pixels which alternate between two colours are not all seen as one. */
function sampleStep(pixels: number, cells: number): number {
  return Math.max(1, (Math.floor(pixels / (cells * samplesPerCell)) - 1) | 1);
}
