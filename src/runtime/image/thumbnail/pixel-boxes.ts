/**
 * Sums all pixels of a picture in boxes, and feeds the boxes to the planes of its thumbnails as luma and chroma. One
 * number of 32 bits holds the sums of red and blue, or of green and alpha, sixteen bits each.
 */
import type { ThumbnailRule } from "../../../contract/plan/files.ts";
import type { Spend } from "../fuel.ts";
import type { Pass } from "../png/header.ts";
import type { StoredSize } from "../sampler.ts";
import { boxSide, createPlane, type Axes, type Plane } from "./plane.ts";
import { bluenessOf, lumaOf, rednessOf } from "./ycc.ts";

const lanes = 0x00ff00ff;
/** Work units of a thumbnail's column that boxes go to. */
const columnWork = 20;
/** Pixels of two rows whose sum a lane holds. */
const maxAcross = 128;

/** Planes of one thumbnail: luma, blueness and redness less those of the background, which is there where nothing is. */
interface Target {
  readonly background: readonly [number, number, number];
  readonly planes: readonly [Plane, Plane, Plane];
}

/** The pixels of a row that come, counted in those of the picture. */
type Span = Pick<Pass, "left" | "stepX" | "width">;

/** Rows may come in any order, and in parts. A class, because its hot methods need a stable shape. */
export class PixelBoxes {
  readonly #width: number;
  readonly #height: number;
  /** Pixels of a box on each axis; the last may have fewer. */
  readonly #across: number;
  readonly #down: number;
  readonly #targets: readonly Target[];
  readonly #spend: Spend;
  readonly #pixelWork: number;
  readonly #flushWork: number;
  /** Red, green, blue and alpha of the boxes of one row of boxes. */
  readonly #sums: Float64Array;
  /** Where the pixels of a row that belong to each box end, counted in those that come. */
  readonly #ends: Int32Array;
  #span: Span | null = null;
  /** The row of boxes whose sums these are; −1: none. */
  #boxRow = -1;
  /** Luma, blueness and redness of that row. */
  readonly #samples: readonly [Float32Array, Float32Array, Float32Array];

  /**
   * @param wanted the sizes of the thumbnails from the largest on, with the colour that is behind each
   * @param pixelWork work units of a pixel that is added
   */
  constructor(
    { width, height }: StoredSize,
    wanted: readonly (StoredSize & Pick<ThumbnailRule, "background">)[],
    spend: Spend,
    pixelWork: number,
  ) {
    this.#spend = spend;
    this.#pixelWork = pixelWork;
    this.#flushWork = wanted.reduce((sum, size) => sum + size.width * columnWork, 0);
    this.#width = width;
    this.#height = height;
    const [largest = { width, height }] = wanted;
    this.#across = Math.min(maxAcross, boxSide(width, largest.width));
    this.#down = boxSide(height, largest.height);
    const source = {
      samples: Math.ceil(width / this.#across),
      rows: Math.ceil(height / this.#down),
      lengthX: width / this.#across,
      lengthY: height / this.#down,
    };
    this.#sums = new Float64Array(source.samples * 4);
    this.#ends = new Int32Array(source.samples);
    const samples = (): Float32Array => new Float32Array(source.samples);
    this.#samples = [samples(), samples(), samples()];
    const axes: Axes = new Map();
    this.#targets = wanted.map(({ background, ...size }) => {
      const planes = [
        createPlane(size, 1, source, axes),
        createPlane(size, 2, source, axes),
        createPlane(size, 2, source, axes),
      ] as const;
      const [red, green, blue] = background;
      const luma = lumaOf(red, green, blue);
      planes[0].values.fill(luma - 128);
      planes[1].values.fill(bluenessOf(blue, luma));
      planes[2].values.fill(rednessOf(red, luma));
      return { background, planes };
    });
  }

  /** The planes of each thumbnail, in the order in which they were wanted. Called after the last row. */
  end(): readonly (readonly [Plane, Plane, Plane])[] {
    this.#flush();
    return this.#targets.map(({ planes }) => {
      for (const plane of planes) plane.end();
      return planes;
    });
  }

  /**
   * Says which pixels of row `y` come next. True: the row below goes to the same boxes, and both may be added at once when
   * it comes.
   */
  seek(y: number, span: Span): boolean {
    const down = this.#down;
    const boxRow = Math.floor(y / down);
    if (boxRow !== this.#boxRow) {
      this.#spend(this.#flushWork);
      this.#flush();
    }
    this.#boxRow = boxRow;
    this.#spend(span.width * this.#pixelWork);
    if (span !== this.#span) this.#place(span);
    this.#span = span;
    const inBox = y - boxRow * down;
    return inBox % 2 === 0 && inBox + 1 < down && y + 1 < this.#height;
  }

  #place({ left, stepX, width }: Span): void {
    for (let box = 0; box < this.#ends.length; box++) {
      const end = Math.ceil(((box + 1) * this.#across - left) / stepX);
      this.#ends[box] = Math.max(0, Math.min(width, end));
    }
  }

  /**
   * Red, green and blue, a byte each, of two rows at once: half the loops then, which have few rounds. A row that comes
   * alone is both of them.
   */
  addRgb(row: DataView, next: DataView): void {
    const ends = this.#ends;
    const share = row === next ? 0.5 : 1;
    for (let box = 0, at = 0; box < ends.length; box++) {
      const from = at;
      const end = (ends[box] as number) * 3;
      let all = 0;
      let redBlue = 0;
      for (; at < end; at += 3) {
        const pixel = row.getInt32(at, true);
        const other = next.getInt32(at, true);
        all = (all + pixel + other) | 0;
        redBlue = (redBlue + (pixel & lanes) + (other & lanes)) | 0;
      }
      this.#add(box, redBlue & 0xffff, greenOf(all, redBlue), redBlue >>> 16, ((end - from) / 3) * 510, share);
    }
  }

  /** The same with alpha behind blue. */
  addRgba(row: Int32Array, next: Int32Array): void {
    const ends = this.#ends;
    const share = row === next ? 0.5 : 1;
    for (let box = 0, at = 0; box < ends.length; box++) {
      const from = at;
      const end = ends[box] as number;
      let every = -1;
      let some = 0;
      let all = 0;
      let redBlue = 0;
      for (; at < end; at++) {
        const pixel = row[at] as number;
        const other = next[at] as number;
        every &= pixel & other;
        some |= pixel | other;
        all = (all + pixel + other) | 0;
        redBlue = (redBlue + (pixel & lanes) + (other & lanes)) | 0;
      }
      // The pixels of most boxes have one alpha, which can be left for their sum.
      const alpha = some >>> 24;
      if (every >>> 24 === alpha)
        this.#add(
          box,
          redBlue & 0xffff,
          greenOf(all, redBlue),
          redBlue >>> 16,
          (at - from) * 510,
          (alpha / 255) * share,
        );
      else if (at > from) {
        this.#addUneven(box, row, from, at, share);
        this.#addUneven(box, next, from, at, share);
      }
    }
  }

  #addUneven(box: number, row: Int32Array, from: number, end: number, share: number): void {
    let [red, green, blue, alphas] = [0, 0, 0, 0];
    for (let at = from; at < end; at++) {
      const pixel = row[at] as number;
      const alpha = pixel >>> 24;
      red += (pixel & 255) * alpha;
      green += ((pixel >>> 8) & 255) * alpha;
      blue += ((pixel >>> 16) & 255) * alpha;
      alphas += alpha;
    }
    this.#add(box, red / 255, green / 255, blue / 255, alphas, share);
  }

  /** Values of a byte each, from `pixels[from]` on. @param colors by value: red, green, blue and alpha, multiplied by it */
  addIndexed(pixels: Uint8Array, from: number, colors: Int32Array): void {
    const ends = this.#ends;
    for (let box = 0, at = from; box < ends.length; box++) {
      const end = from + (ends[box] as number);
      let redBlue = 0;
      let greenAlpha = 0;
      for (; at < end; at++) {
        const pixel = colors[pixels[at] as number] as number;
        redBlue = (redBlue + (pixel & lanes)) | 0;
        greenAlpha = (greenAlpha + ((pixel >>> 8) & lanes)) | 0;
      }
      this.#add(box, redBlue & 0xffff, greenAlpha & 0xffff, redBlue >>> 16, greenAlpha >>> 16);
    }
  }

  /** Red, green, blue, each multiplied by alpha, and alpha of each pixel of the row. */
  addPremultiplied(values: Float32Array): void {
    const ends = this.#ends;
    const sums = this.#sums;
    for (let box = 0, at = 0; box < ends.length; box++) {
      for (const end = (ends[box] as number) * 4; at < end; at++) {
        const sum = box * 4 + (at & 3);
        sums[sum] = (sums[sum] as number) + (values[at] as number);
      }
    }
  }

  /** @param share what the sums are multiplied by */
  #add(box: number, red: number, green: number, blue: number, alpha: number, share = 1): void {
    const sums = this.#sums;
    const at = box * 4;
    sums[at] = (sums[at] as number) + red * share;
    sums[at + 1] = (sums[at + 1] as number) + green * share;
    sums[at + 2] = (sums[at + 2] as number) + blue * share;
    sums[at + 3] = (sums[at + 3] as number) + alpha * share;
  }

  #flush(): void {
    if (this.#boxRow < 0) return;
    for (const { background, planes } of this.#targets) {
      this.#toYcc(background);
      for (const [index, plane] of planes.entries()) {
        plane.addRow(this.#samples[index] as Float32Array, 0, this.#boxRow, 1);
      }
    }
    this.#sums.fill(0);
    this.#boxRow = -1;
  }

  #toYcc([backRed, backGreen, backBlue]: Target["background"]): void {
    const sums = this.#sums;
    const [lumas, bluenesses, rednesses] = this.#samples;
    const down = Math.min(this.#down, this.#height - this.#boxRow * this.#down);
    for (let box = 0, at = 0; at < sums.length; box++, at += 4) {
      const across = Math.min(this.#across, this.#width - box * this.#across);
      const share = 1 / (across * down);
      const seen = (sums[at + 3] as number) / 255;
      const red = ((sums[at] as number) - backRed * seen) * share;
      const green = ((sums[at + 1] as number) - backGreen * seen) * share;
      const blue = ((sums[at + 2] as number) - backBlue * seen) * share;
      const luma = lumaOf(red, green, blue);
      lumas[box] = luma;
      bluenesses[box] = bluenessOf(blue, luma);
      rednesses[box] = rednessOf(red, luma);
    }
  }
}

/** The sum of green, of what all bytes of the pixels add up to: whatever has no room in the highest one is no part of it. */
function greenOf(all: number, redBlue: number): number {
  return ((all - redBlue) >>> 8) & 0xffff;
}
