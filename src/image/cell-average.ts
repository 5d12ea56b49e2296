/**
 * Area-weighted averages of samples over the cells of a grid, fed row by row. It knows nothing of colours.
 */

/**
 * Where the samples of one axis fall. Sample i stands for the source pixels from i × step to (i + 1) × step (cut at the
 * picture's edge) and covers at most two neighbouring cells.
 */
export interface Axis {
  readonly cells: number;
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
  return { cells, cell, share, spill };
}

/** The running averages of one channel or of four. A class, because its hot method wants a stable shape. */
export class CellAverage {
  readonly columns: number;
  readonly rows: number;
  readonly #across: Axis;
  readonly #down: Axis;
  readonly #channels: 1 | 4;
  /** The channels' sums and their weight for each cell of the current row, with one spare cell for the spill of the last. */
  readonly #line: Float64Array;
  /** The same for the whole grid, with one spare row. */
  readonly #sums: Float64Array;

  constructor(across: Axis, down: Axis, channels: 1 | 4) {
    this.columns = across.cells;
    this.rows = down.cells;
    this.#across = across;
    this.#down = down;
    this.#channels = channels;
    this.#line = new Float64Array((across.cells + 1) * (channels + 1));
    this.#sums = new Float64Array((down.cells + 1) * this.#line.length);
  }

  /**
   * Adds sample row `row`: `count` samples, the first of whose channels is `values[from]`, in columns `first`, `first + every` …
   * Rows may come in any order, and more than once.
   */
  addRow(values: Float32Array, from: number, row: number, count: number, first = 0, every = 1): void {
    const { cell, share, spill } = this.#across;
    const channels = this.#channels;
    for (let index = 0, column = first; index < count; index++, column += every) {
      const sum = (cell[column] as number) * (channels + 1);
      const inNext = spill[column] as number;
      this.#addSample(values, from + index * channels, sum, share[column] as number);
      if (inNext > 0) this.#addSample(values, from + index * channels, sum + channels + 1, inNext);
    }
    this.#addLine(row);
  }

  #addSample(values: Float32Array, from: number, sum: number, weight: number): void {
    const line = this.#line;
    const channels = this.#channels;
    line[sum] = (line[sum] as number) + (values[from] as number) * weight;
    // Written out, because it is much faster than a loop.
    if (channels > 1) {
      line[sum + 1] = (line[sum + 1] as number) + (values[from + 1] as number) * weight;
      line[sum + 2] = (line[sum + 2] as number) + (values[from + 2] as number) * weight;
      line[sum + 3] = (line[sum + 3] as number) + (values[from + 3] as number) * weight;
    }
    line[sum + channels] = (line[sum + channels] as number) + weight;
  }

  #addLine(row: number): void {
    const line = this.#line;
    const sums = this.#sums;
    const share = this.#down.share[row] as number;
    const spill = this.#down.spill[row] as number;
    const at = (this.#down.cell[row] as number) * line.length;
    for (let index = 0; index < line.length; index++) {
      const value = line[index] as number;
      sums[at + index] = (sums[at + index] as number) + value * share;
      sums[at + line.length + index] = (sums[at + line.length + index] as number) + value * spill;
    }
    line.fill(0);
  }

  /** The average of a cell (counted in rows from the top left), NaN where nothing was added. */
  mean(cell: number, channel: number): number {
    // A spare cell ends every row.
    const at = (cell + Math.floor(cell / this.columns)) * (this.#channels + 1);
    return (this.#sums[at + channel] as number) / (this.#sums[at + this.#channels] as number);
  }
}
