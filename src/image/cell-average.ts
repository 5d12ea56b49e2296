/**
 * Area-weighted averages of one channel over the cells of a grid, fed row by row. It knows nothing of colours.
 */

/**
 * Where the samples of one axis fall. Sample i stands for the source pixels from i × step to (i + 1) × step (cut at the
 * picture's edge) and covers at most two neighbouring cells.
 */
export interface Axis {
  readonly cells: number;
  /** Samples on this axis. */
  readonly samples: number;
  /** The first cell that a sample covers. */
  readonly cell: Uint16Array;
  /** How much of a sample lies in that cell … */
  readonly share: Float32Array;
  /** … and in the next one. Both are parts of a whole step. */
  readonly spill: Float32Array;
}

/** Splits an axis of `pixels` source pixels, `step` pixels to a sample, into `cells` cells. */
export function createAxis(pixels: number, step: number, cells: number): Axis {
  const samples = Math.ceil(pixels / step);
  const cell = new Uint16Array(samples);
  const share = new Float32Array(samples);
  const spill = new Float32Array(samples);
  for (let index = 0; index < samples; index++) {
    const from = index * step;
    const to = Math.min(pixels, from + step);
    const first = Math.min(cells - 1, Math.floor((from * cells) / pixels));
    const border = first + 1 === cells ? pixels : ((first + 1) * pixels) / cells;
    const inside = Math.min(to, border) - from;
    cell[index] = first;
    share[index] = inside / step;
    spill[index] = (to - from - inside) / step;
  }
  return { cells, samples, cell, share, spill };
}

/** One channel's running averages. A class, because its hot method wants a stable shape. */
export class CellAverage {
  readonly columns: number;
  readonly rows: number;
  readonly #across: Axis;
  readonly #down: Axis;
  /** Sum and weight of each cell of the current row, with one spare cell for the spill of the last. */
  readonly #line: Float64Array;
  /** The same for the whole grid, with one spare row. */
  readonly #sums: Float64Array;

  constructor(across: Axis, down: Axis) {
    this.columns = across.cells;
    this.rows = down.cells;
    this.#across = across;
    this.#down = down;
    this.#line = new Float64Array((across.cells + 1) * 2);
    this.#sums = new Float64Array((down.cells + 1) * this.#line.length);
  }

  /** Adds sample row `row`: `count` samples from `samples[from]`. Rows may come in any order, and more than once. */
  addRow(samples: Float32Array, from: number, row: number, count: number): void {
    const { cell, share, spill } = this.#across;
    const line = this.#line;
    for (let column = 0; column < count; column++) {
      const value = samples[from + column] as number;
      const inCell = share[column] as number;
      const inNext = spill[column] as number;
      const sum = (cell[column] as number) * 2;
      line[sum] = (line[sum] as number) + value * inCell;
      line[sum + 1] = (line[sum + 1] as number) + inCell;
      line[sum + 2] = (line[sum + 2] as number) + value * inNext;
      line[sum + 3] = (line[sum + 3] as number) + inNext;
    }
    this.#addLine(row);
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
      sums[at + line.length + index] = (sums[at + line.length + index] as number) + value * spill;
      line[index] = 0;
    }
  }

  /** The average of a cell (counted in rows from the top left), null where nothing was added. */
  mean(cell: number): number | null {
    const row = Math.floor(cell / this.columns);
    const at = row * this.#line.length + (cell - row * this.columns) * 2;
    const weight = this.#sums[at + 1] ?? 0;
    return weight > 0 ? (this.#sums[at] ?? 0) / weight : null;
  }
}
