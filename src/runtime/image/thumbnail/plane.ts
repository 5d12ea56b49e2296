/**
 * One plane of a thumbnail, resampled from the rows of a larger plane. Everything is a sum: rows may come in any order
 * and several times (the scans of a progressive JPEG add up), and nothing of the larger plane is kept.
 */
import type { StoredSize } from "../sampler.ts";

/** The larger plane: `samples` × `rows`, of which `lengthX` × `lengthY` show the picture; what is beyond is padding. */
export interface PlaneSource {
  readonly samples: number;
  readonly rows: number;
  readonly lengthX: number;
  readonly lengthY: number;
  /** Where it is a plane itself, which is complete before the new one ends. */
  readonly plane?: Plane;
}

/**
 * How many pixels far Lanczos's kernel reaches, by the pixels that a plane's cover. Chroma is at half size, where nobody sees
 * that it is shorter.
 */
const reachOf = { 1: 3, 2: 2 } as const;
/** Samples are summed into boxes first, as long as so many boxes make a pixel: fewer would show in the picture. */
const boxesPerPixel = 1.5;
/** Rows that are resampled together: each weight, and each sum, is then read once for all of them. */
const batchRows = 4;

/** The samples of an axis that make each pixel: `taps` of them from `first` on, and their weights, which add up to 1. */
interface Axis {
  /** Samples that are summed into one before. */
  readonly side: number;
  readonly boxes: number;
  readonly taps: number;
  readonly first: Int32Array;
  readonly weights: Float32Array;
}

/** The most samples an axis may sum into a box for `pixels` to be made of the boxes; at least 1. */
export function boxSide(length: number, pixels: number): number {
  return Math.max(1, Math.floor(length / (pixels * boxesPerPixel)));
}

/** The axes of one picture's planes, by what they are made of: chroma's two have the same. */
export type Axes = Map<string, Axis>;

/**
 * A plane for a thumbnail of `size`, of which a pixel of this plane covers `every` on each axis: 2 for chroma at half
 * size, the last of which may lie half beyond the edge.
 */
export function createPlane({ width, height }: StoredSize, every: 1 | 2, source: PlaneSource, axes: Axes): Plane {
  const axisOf = (samples: number, length: number, pixels: number): Axis => {
    const key = `${samples} ${length} ${pixels} ${every}`;
    const axis = axes.get(key) ?? createAxis(samples, length, pixels, every);
    axes.set(key, axis);
    return axis;
  };
  const across = axisOf(source.samples, source.lengthX, width);
  return new Plane(across, axisOf(source.rows, source.lengthY, height), source);
}

/** Of how many pixels of a larger plane a pixel is made at least: of fewer it would be blurred. */
const leastReduction = 1.5;

/** A plane of each size, from the largest to the smallest. Small ones are made of larger ones, and others of `source`. */
export function createPlanes(
  sizes: readonly StoredSize[],
  every: 1 | 2,
  source: PlaneSource,
  axes: Axes,
): readonly Plane[] {
  const planes: Plane[] = [];
  for (const size of sizes) {
    const edge = Math.max(size.width, size.height);
    const at = sizes.findLastIndex(({ width, height }) => Math.max(width, height) >= edge * leastReduction);
    const plane = planes[at];
    const larger = plane && planeSource(plane, sizes[at] ?? size, every);
    planes.push(createPlane(size, every, larger ?? source, axes));
  }
  return planes;
}

/** @param size of the thumbnail whose plane it is */
export function planeSource(plane: Plane, { width, height }: StoredSize, every: 1 | 2): PlaneSource {
  return { samples: plane.width, rows: plane.height, lengthX: width / every, lengthY: height / every, plane };
}

function createAxis(samples: number, length: number, pixels: number, every: 1 | 2): Axis {
  const side = boxSide(length, pixels / every);
  const boxes = Math.ceil(samples / side);
  const step = (length / side / pixels) * every;
  const scale = Math.max(1, step);
  const reach = reachOf[every] * scale;
  const taps = Math.min(boxes, Math.ceil(2 * reach));
  const first = new Int32Array(Math.ceil(pixels / every));
  const weights = new Float32Array(first.length * taps);
  for (let pixel = 0; pixel < first.length; pixel++) {
    const center = (pixel + 0.5) * step;
    const from = Math.max(0, Math.min(boxes - taps, Math.ceil(center - reach - 0.5)));
    let total = 0;
    for (let tap = 0; tap < taps; tap++) {
      const distance = Math.abs(from + tap + 0.5 - center) / scale;
      const weight = lanczos(distance, reachOf[every]);
      weights[pixel * taps + tap] = weight;
      total += weight;
    }
    for (let tap = pixel * taps; tap < (pixel + 1) * taps; tap++) weights[tap] = (weights[tap] as number) / total;
    first[pixel] = from;
  }
  return { side, boxes, taps, first, weights };
}

/** Lanczos's kernel. */
function lanczos(x: number, reach: number): number {
  // Not 0, by which it could not be divided.
  const angle = Math.PI * Math.max(x, 1e-6);
  return x < reach ? (reach * Math.sin(angle) * Math.sin(angle / reach)) / (angle * angle) : 0;
}

/** A class, because its hot methods need a stable shape. Made by `createPlane`. */
export class Plane {
  readonly width: number;
  readonly height: number;
  /** The plane itself, row by row, once all rows were added and `end` was called. */
  readonly values: Float32Array;
  readonly #across: Axis;
  readonly #down: Axis;
  /** What it is made of; null: of rows that are added. */
  readonly source: Plane | null;
  readonly #rows: number;
  /** The sums of the rows of one box, and of the boxes themselves; empty where a box is a sample. */
  readonly #gathered: Float32Array;
  readonly #boxed: Float32Array;
  /** The row of boxes that is gathered; −1: none. */
  #boxRow = -1;
  /** Rows of boxes that wait for others, and the same at the plane's width. */
  readonly #waiting: Float32Array;
  readonly #lines: Float32Array;
  /** The row of boxes that waits first, and how many do. */
  #firstWaiting = 0;
  #waitingRows = 0;
  /** The first row of the plane that the last row of boxes went to. */
  #top = 0;

  constructor(across: Axis, down: Axis, { samples, rows, plane }: PlaneSource) {
    this.source = plane ?? null;
    this.width = across.first.length;
    this.height = down.first.length;
    this.values = new Float32Array(this.width * this.height);
    this.#across = across;
    this.#down = down;
    this.#rows = rows;
    const isBoxed = across.side * down.side > 1;
    this.#gathered = new Float32Array(isBoxed ? samples : 0);
    this.#boxed = new Float32Array(isBoxed ? across.boxes : 0);
    this.#waiting = new Float32Array(across.boxes * batchRows);
    this.#lines = new Float32Array(this.width * batchRows);
  }

  /** Adds row `row`, whose samples begin at `source[from]`, times `factor`. Rows beyond the last one are left out. */
  addRow(source: Float32Array, from: number, row: number, factor: number): void {
    if (row >= this.#rows) return;
    const gathered = this.#gathered;
    if (gathered.length === 0) {
      this.#wait(source, from, row, factor);
      return;
    }
    const boxRow = Math.floor(row / this.#down.side);
    if (boxRow !== this.#boxRow) this.#endBoxes();
    this.#boxRow = boxRow;
    for (let x = 0; x < gathered.length; x++) {
      gathered[x] = (gathered[x] as number) + (source[from + x] as number) * factor;
    }
  }

  /** Adds what is still held. Called after the last row. */
  end(): void {
    if (this.source !== null) this.#addPlane(this.source);
    this.#endBoxes();
    this.#spread();
  }

  #addPlane({ values, width, height }: Plane): void {
    for (let row = 0; row < height; row++) this.addRow(values, row * width, row, 1);
  }

  #endBoxes(): void {
    if (this.#boxRow < 0) return;
    const gathered = this.#gathered;
    const { side } = this.#across;
    const height = Math.min(this.#down.side, this.#rows - this.#boxRow * this.#down.side);
    for (let box = 0, x = 0; x < gathered.length; box++) {
      const end = Math.min(gathered.length, x + side);
      const pixels = (end - x) * height;
      let sum = 0;
      for (; x < end; x++) sum += gathered[x] as number;
      this.#boxed[box] = sum / pixels;
    }
    gathered.fill(0);
    this.#wait(this.#boxed, 0, this.#boxRow, 1);
    this.#boxRow = -1;
  }

  #wait(source: Float32Array, from: number, row: number, factor: number): void {
    const { boxes } = this.#across;
    if (row !== this.#firstWaiting + this.#waitingRows) this.#spread();
    if (this.#waitingRows === 0) this.#firstWaiting = row;
    const to = this.#waitingRows * boxes;
    for (let box = 0; box < boxes; box++) this.#waiting[to + box] = (source[from + box] as number) * factor;
    if (++this.#waitingRows === batchRows) this.#spread();
  }

  /** Adds the rows of boxes that wait to the rows of the plane that they reach. */
  #spread(): void {
    const count = this.#waitingRows;
    if (count === 0) return;
    this.#waitingRows = 0;
    const { first, taps, weights } = this.#down;
    const top = this.#firstWaiting;
    reduceRows(this.#waiting, this.#across, this.#lines, this.width);
    // Most rows come one after the other.
    let y = this.#top > 0 && top >= (first[this.#top - 1] as number) + taps ? this.#top : 0;
    while (top >= (first[y] as number) + taps) y++;
    this.#top = y;
    for (; y < first.length && top + count > (first[y] as number); y++) {
      for (let row = 0; row < batchRows; row++) {
        const tap = top + row - (first[y] as number);
        shares[row] = row < count && tap >= 0 && tap < taps ? (weights[y * taps + tap] as number) : 0;
      }
      addRows(this.values, y * this.width, this.#lines, this.width);
    }
  }
}

/** What each row of a batch counts in a row of the plane. */
const shares = new Float32Array(batchRows);

/** All of a batch, which may hold what waited before. */
function reduceRows(
  source: Float32Array,
  { boxes, taps, first, weights }: Axis,
  lines: Float32Array,
  width: number,
): void {
  for (let x = 0, w = 0; x < width; x++) {
    const end = w + taps;
    let one = 0;
    let two = 0;
    let three = 0;
    let four = 0;
    for (let at = first[x] as number; w < end; w++, at++) {
      const weight = weights[w] as number;
      one += (source[at] as number) * weight;
      two += (source[at + boxes] as number) * weight;
      three += (source[at + 2 * boxes] as number) * weight;
      four += (source[at + 3 * boxes] as number) * weight;
    }
    lines[x] = one;
    lines[x + width] = two;
    lines[x + 2 * width] = three;
    lines[x + 3 * width] = four;
  }
}

function addRows(values: Float32Array, at: number, lines: Float32Array, width: number): void {
  const one = shares[0] as number;
  const two = shares[1] as number;
  const three = shares[2] as number;
  const four = shares[3] as number;
  for (let x = 0; x < width; x++) {
    values[at + x] =
      (values[at + x] as number) +
      ((lines[x] as number) * one + (lines[x + width] as number) * two) +
      ((lines[x + 2 * width] as number) * three + (lines[x + 3 * width] as number) * four);
  }
}
