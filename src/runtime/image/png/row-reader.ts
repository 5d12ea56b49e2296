/** Unfilters the rows in a PNG's inflated bytes and samples them into a grid. Holds three rows. */
import { CellAverage, createAxis, maxPoints } from "../cell-average.ts";
import { gridSize, type Grid } from "../grid.ts";
import { gridFromAverage } from "../grid-from-average.ts";
import type { ToSrgb } from "../color/to-srgb.ts";
import { sampledPixel, sampleStep } from "../sample-lattice.ts";
import { planPasses, type Pass, type PassPlan, type PngHeader } from "./header.ts";
import { createPixelPicker, type PixelPicker, type PngColors } from "./pixel-picker.ts";
import type { Seat } from "../../admission/turns.ts";
import type { PngRows } from "../thumbnail/thumbnail.ts";
import { createRowBuffer, paethFilter, unfilterRow, type RowBuffer } from "./unfilter.ts";

/** Interlaced pictures are read until there are so many pixels to a point on each axis. */
const latticePerPoint = 2;
/** Work units of a row, however short it is. */
const rowWork = 30;

/** What reading a picture will take: known from the header, before anything is allocated. */
export interface RowPlan extends PassPlan {
  readonly header: PngHeader;
  readonly columns: number;
  readonly rows: number;
  /** Bytes to be inflated until the last row that is wanted. */
  readonly inflatedBytes: number;
  /** Work units of unfiltering them. */
  readonly work: number;
  readonly rowBytes: number;
  /** Pixels that are looked at, along the longer side. */
  readonly samples: number;
  /** Source pixels from a sample to the next, of the picture for a plain one, of the lattice (1) for an interlaced one. */
  readonly stepX: number;
  readonly stepY: number;
}

/** @param readsAll whether all pixels are needed */
export function planRows(header: PngHeader, readsAll: boolean): RowPlan {
  const { width, height, interlaced } = header;
  const { columns, rows } = gridSize(width, height, width, height);
  const points = gridSize(width, height, width, height, maxPoints);
  const plan = planPasses(header, points.columns * latticePerPoint, points.rows * latticePerPoint, readsAll);
  const stepX = interlaced ? 1 : sampleStep(width, points.columns);
  const stepY = interlaced ? 1 : sampleStep(height, points.rows);
  const inflatedBytes = plan.passes.reduce((sum, pass) => sum + (pass.rowBytes + 1) * pass.height, 0);
  return {
    ...plan,
    header,
    columns,
    rows,
    stepX,
    stepY,
    inflatedBytes,
    work: plan.passes.reduce((sum, pass) => sum + rowWork * pass.height, inflatedBytes),
    samples: Math.ceil(Math.max(width / stepX, height / stepY) / plan.spacing),
    rowBytes: Math.max(...plan.passes.map(({ rowBytes }) => rowBytes)),
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
  readonly #plan: RowPlan;
  readonly #seat: Seat;
  readonly #thumbnails: PngRows | null;
  readonly #pick: PixelPicker;
  readonly #average: CellAverage;
  readonly #pixels: Float32Array;
  readonly #pixelBytes: number;
  /** The filter of the row that is coming; −1 before it is known. */
  #filter = -1;
  #filtered: RowBuffer;
  /** Bytes of the row so far. */
  #filled = 0;
  #row: RowBuffer;
  #above: RowBuffer;
  #passIndex = 0;
  #y = 0;

  /** The seat is told of what was reserved for the plan. @throws UnreadableImage when the colours are incomplete */
  constructor(plan: RowPlan, colors: PngColors, seat: Seat, thumbnails: PngRows | null = null) {
    const { header, columns, rows, spacing, rowBytes, stepX, stepY } = plan;
    this.#plan = plan;
    this.#seat = seat;
    this.#thumbnails = thumbnails;
    this.#pick = createPixelPicker(header, colors);
    const across = createAxis(header.width, stepX * spacing, columns);
    this.#average = new CellAverage(across, createAxis(header.height, stepY * spacing, rows), 4);
    this.#pixels = new Float32Array(across.cell.length * 4);
    this.#pixelBytes = Math.max(1, header.bitsPerPixel >> 3);
    this.#filtered = createRowBuffer(rowBytes);
    this.#row = createRowBuffer(rowBytes);
    this.#above = createRowBuffer(rowBytes);
  }

  /** Takes inflated bytes; true once `done`. */
  push(bytes: Uint8Array): boolean {
    this.takenBytes += bytes.length;
    for (let at = 0; at < bytes.length && !this.done;) {
      const pass = this.#plan.passes[this.#passIndex] as Pass;
      if (this.#filter < 0) {
        this.#filter = bytes[at++] as number;
        if (this.#filter > paethFilter) this.damaged = this.done = true;
        continue;
      }
      const to = Math.min(bytes.length, at + pass.rowBytes - this.#filled);
      this.#filtered.bytes.set(bytes.subarray(at, to), this.#filled);
      this.#filled += to - at;
      at = to;
      if (this.#filled === pass.rowBytes) this.#endRow(pass);
    }
    return this.done;
  }

  toGrid(toSrgb: ToSrgb | null): Grid {
    return gridFromAverage(this.#average, toSrgb);
  }

  #endRow(pass: Pass): void {
    const [filtered, row] = [this.#filtered, this.#row];
    const isInPlace = unfilterRow(this.#filter, this.#pixelBytes, pass.rowBytes, filtered, this.#above, row);
    if (isInPlace) [this.#filtered, this.#row] = [row, filtered];
    if (pass.onLattice) this.#sample(pass);
    this.#thumbnails?.addRow(this.#row, pass, this.#y);
    this.#seat.count(pass.rowBytes + 1 + rowWork);
    [this.#row, this.#above] = [this.#above, this.#row];
    this.#filter = -1;
    this.#filled = 0;
    this.#y++;
    if (this.#y < pass.height) return;
    this.#y = 0;
    this.#above.bytes.fill(0);
    this.#passIndex++;
    this.done = this.#passIndex === this.#plan.passes.length;
  }

  #sample({ left, top, stepX, stepY, width, height }: Pass): void {
    const plan = this.#plan;
    const y = top + this.#y * stepY;
    const step = plan.stepY * plan.spacing;
    const row = Math.floor(y / step);
    if (plan.stepY > 1 && y !== sampledPixel(row, step, height)) return;
    const count = Math.ceil(width / plan.stepX);
    this.#pick(this.#row.bytes, plan.stepX >> 1, plan.stepX, width - 1, count, this.#pixels);
    this.#average.addRow(this.#pixels, 0, row, count, left / plan.spacing, stepX / plan.spacing);
    this.sampledRows++;
  }
}
