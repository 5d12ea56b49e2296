/**
 * Area-weighted averages of samples over the cells of a grid, fed row by row, and some of the samples as they are: an
 * average may be a colour that the picture has nowhere.
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
  /** The samples, in order, that are kept as points. */
  readonly points: Uint16Array;
}

/** Points of an axis, at most. */
export const maxPoints = 64;

/**
 * Splits an axis of `pixels` source pixels, `step` pixels to a sample, into `cells` cells. Its points are spread evenly;
 * axes of one picture whose samples differ have the same points when they are given the largest step as `pointStep`.
 */
export function createAxis(pixels: number, step: number, cells: number, pointStep = step): Axis {
  const samples = Math.ceil(pixels / step);
  const places = Math.ceil(pixels / pointStep);
  const length = Math.min(maxPoints, places);
  const points = Uint16Array.from({ length }, (_, index) => {
    const pixel = ((index + 0.5) * places * pointStep) / length;
    return Math.floor(Math.min(pixels - 1, pixel) / step);
  });
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
  return { cells, cell, share, spill, points };
}

/** The running averages of one channel or of four. A class, because its hot method needs a stable shape. */
export class CellAverage {
  readonly columns: number;
  readonly rows: number;
  readonly #across: Axis;
  readonly #down: Axis;
  readonly #channels: 1 | 4;
  /** The channels' sums and their weight for each cell of the current row. */
  readonly #line: Float64Array;
  /** The same for the whole grid. */
  readonly #sums: Float64Array;
  /** Sums of sample rows that lie wholly in one row of cells. Most do, so that few have to be spread over the columns. */
  readonly #gathered: Float64Array;
  #gatheredRows = 0;
  /** The channels of each point, in rows from the top left; NaN where nothing was added. */
  readonly points: Float32Array;
  /** The row that was gathered last: one that is like it can be added to it. */
  #row = 0;
  #count = 0;
  #first = 0;
  #every = 1;

  constructor(across: Axis, down: Axis, channels: 1 | 4) {
    this.columns = across.cells;
    this.rows = down.cells;
    this.#across = across;
    this.#down = down;
    this.#channels = channels;
    this.#line = new Float64Array(across.cells * (channels + 1));
    this.#sums = new Float64Array(down.cells * this.#line.length);
    this.#gathered = new Float64Array(across.cell.length * channels);
    this.points = new Float32Array(across.points.length * down.points.length * channels).fill(Number.NaN);
  }

  /**
   * Adds sample row `row`: `count` samples, the first of whose channels is `values[from]`, in columns `first`, `first +
   * every` … Rows may come in any order, and more than once.
   */
  addRow(values: Float32Array, from: number, row: number, count: number, first = 0, every = 1): void {
    const { cell, share } = this.#down;
    const isWhole = share[row] === 1;
    const isAlike = count === this.#count && first === this.#first && every === this.#every;
    if (!isWhole || !isAlike || cell[row] !== cell[this.#row]) this.#addGathered();
    this.#row = row;
    this.#count = count;
    this.#first = first;
    this.#every = every;
    const gathered = this.#gathered;
    const length = count * this.#channels;
    for (let index = 0; index < length; index++) {
      gathered[index] = (gathered[index] as number) + (values[from + index] as number);
    }
    this.#gatheredRows++;
    if (!isWhole) this.#addGathered();
    const pointRow = this.#down.points.indexOf(row);
    if (pointRow >= 0) this.#keepPoints(values, from, pointRow);
  }

  /** Keeps the points of the row that was added last. */
  #keepPoints(values: Float32Array, from: number, pointRow: number): void {
    const { points: columns } = this.#across;
    const kept = this.points;
    const channels = this.#channels;
    let to = pointRow * columns.length * channels;
    for (let point = 0; point < columns.length; point++, to += channels) {
      const offset = (columns[point] as number) - this.#first;
      const index = offset / this.#every;
      if (offset < 0 || offset % this.#every > 0 || index >= this.#count) continue;
      for (let channel = 0; channel < channels; channel++) {
        kept[to + channel] = values[from + index * channels + channel] as number;
      }
    }
  }

  #addGathered(): void {
    if (this.#gatheredRows === 0) return;
    this.#spread();
    this.#addLine();
  }

  /** Spreads the gathered rows over the cells. */
  #spread(): void {
    const { cell, share, spill } = this.#across;
    const line = this.#line;
    const gathered = this.#gathered;
    const rows = this.#gatheredRows;
    const channels = this.#channels;
    const length = this.#count * channels;
    const every = this.#every;
    let column = this.#first;
    for (let from = 0; from < length; from += channels, column += every) {
      const inside = share[column] as number;
      const beyond = spill[column] as number;
      const at = (cell[column] as number) * (channels + 1);
      // The last cell has none, and spills nothing.
      const next = beyond > 0 ? at + channels + 1 : at;
      for (let channel = 0; channel < channels; channel++) {
        const value = gathered[from + channel] as number;
        line[at + channel] = (line[at + channel] as number) + value * inside;
        line[next + channel] = (line[next + channel] as number) + value * beyond;
      }
      line[at + channels] = (line[at + channels] as number) + rows * inside;
      line[next + channels] = (line[next + channels] as number) + rows * beyond;
    }
    gathered.fill(0);
    this.#gatheredRows = 0;
  }

  #addLine(): void {
    const line = this.#line;
    const sums = this.#sums;
    const row = this.#row;
    const share = this.#down.share[row] as number;
    const spill = this.#down.spill[row] as number;
    const below = spill > 0 ? line.length : 0;
    let at = (this.#down.cell[row] as number) * line.length;
    for (let index = 0; index < line.length; index++, at++) {
      const value = line[index] as number;
      sums[at] = (sums[at] as number) + value * share;
      sums[at + below] = (sums[at + below] as number) + value * spill;
    }
    line.fill(0);
  }

  /** The channels of each cell's average, in rows from the top left; NaN where nothing was added. */
  means(): Float32Array {
    this.#addGathered();
    const sums = this.#sums;
    const channels = this.#channels;
    const means = new Float32Array(this.columns * this.rows * channels);
    for (let to = 0, at = 0; to < means.length; at++) {
      const weight = sums[at + channels] as number;
      for (let channel = 0; channel < channels; channel++) means[to++] = (sums[at++] as number) / weight;
    }
    return means;
  }
}
