/**
 * Averages rows of pixels with alpha into a grid, weighted by area. It knows nothing of where the rows come from.
 */
import type { Axis } from "./cell-average.ts";
import { toByte, type Grid } from "./grid.ts";

/** Sums of red, green, blue and alpha, and their weight. */
const sumsPerCell = 5;

/** Four channels over the same cells, in one go. A class, because its hot method wants a stable shape. */
export class RgbaAverage {
  readonly #across: Axis;
  readonly #down: Axis;
  /** The sums of the current row of cells, with one spare cell for the spill of the last. */
  readonly #line: Float64Array;
  /** The same for the whole grid, with one spare row. */
  readonly #sums: Float64Array;

  constructor(across: Axis, down: Axis) {
    this.#across = across;
    this.#down = down;
    this.#line = new Float64Array((across.cells + 1) * sumsPerCell);
    this.#sums = new Float64Array((down.cells + 1) * this.#line.length);
  }

  /**
   * Adds `count` pixels to sample row `row`, in columns `first`, `first + every` … Each is red, green and blue multiplied by
   * alpha / 255, and alpha (all 0 to 255). Rows may come in any order, and more than once with different columns.
   */
  addRow(premultiplied: Float32Array, row: number, count: number, first = 0, every = 1): void {
    const { cell, share, spill } = this.#across;
    for (let index = 0, column = first; index < count; index++, column += every) {
      const sum = (cell[column] as number) * sumsPerCell;
      const inNext = spill[column] as number;
      this.#addPixel(premultiplied, index * 4, sum, share[column] as number);
      if (inNext > 0) this.#addPixel(premultiplied, index * 4, sum + sumsPerCell, inNext);
    }
    this.#addLine(row);
  }

  #addPixel(premultiplied: Float32Array, from: number, sum: number, weight: number): void {
    const line = this.#line;
    line[sum] = (line[sum] as number) + (premultiplied[from] as number) * weight;
    line[sum + 1] = (line[sum + 1] as number) + (premultiplied[from + 1] as number) * weight;
    line[sum + 2] = (line[sum + 2] as number) + (premultiplied[from + 2] as number) * weight;
    line[sum + 3] = (line[sum + 3] as number) + (premultiplied[from + 3] as number) * weight;
    line[sum + 4] = (line[sum + 4] as number) + weight;
  }

  #addLine(row: number): void {
    const line = this.#line;
    const sums = this.#sums;
    const share = this.#down.share[row] ?? 0;
    const spill = this.#down.spill[row] ?? 0;
    const at = (this.#down.cell[row] ?? 0) * line.length;
    for (let index = 0; index < line.length; index++) {
      const value = line[index] as number;
      sums[at + index] = (sums[at + index] as number) + value * share;
      if (spill > 0) sums[at + line.length + index] = (sums[at + line.length + index] as number) + value * spill;
    }
    line.fill(0);
  }

  /** Divides by alpha again, so that colours hidden under transparent pixels do not count. */
  toGrid(): Grid {
    const width = this.#across.cells;
    const height = this.#down.cells;
    const rgba = new Uint8Array(width * height * 4);
    for (let cell = 0; cell < width * height; cell++) {
      // A spare cell ends every row.
      const at = (cell + Math.floor(cell / width)) * sumsPerCell;
      const alpha = this.#sums[at + 3] ?? 0;
      if (alpha === 0) continue;
      for (let channel = 0; channel < 3; channel++) {
        rgba[cell * 4 + channel] = toByte(((this.#sums[at + channel] ?? 0) * 255) / alpha);
      }
      rgba[cell * 4 + 3] = toByte(alpha / (this.#sums[at + 4] ?? 1));
    }
    return { width, height, rgba };
  }
}
