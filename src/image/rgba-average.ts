/**
 * Averages rows of pixels with alpha into a grid. It knows nothing of where the rows come from.
 */
import { CellAverage, type Axis } from "./cell-average.ts";
import { toByte, type Grid } from "./grid.ts";

/** Four channels over the same cells. */
export class RgbaAverage {
  readonly #red: CellAverage;
  readonly #green: CellAverage;
  readonly #blue: CellAverage;
  readonly #alpha: CellAverage;

  constructor(across: Axis, down: Axis) {
    this.#red = new CellAverage(across, down);
    this.#green = new CellAverage(across, down);
    this.#blue = new CellAverage(across, down);
    this.#alpha = new CellAverage(across, down);
  }

  /**
   * Adds `count` pixels to sample row `row`, in columns `first`, `first + every` … Each is red, green and blue multiplied by
   * alpha / 255, and alpha (all 0 to 255).
   */
  addRow(premultiplied: Float32Array, row: number, count: number, first = 0, every = 1): void {
    this.#red.addRow(premultiplied, 0, 4, row, count, first, every);
    this.#green.addRow(premultiplied, 1, 4, row, count, first, every);
    this.#blue.addRow(premultiplied, 2, 4, row, count, first, every);
    this.#alpha.addRow(premultiplied, 3, 4, row, count, first, every);
  }

  /** Divides by alpha again, so that colours hidden under transparent pixels do not count. */
  toGrid(): Grid {
    const { columns: width, rows: height } = this.#alpha;
    const rgba = new Uint8Array(width * height * 4);
    for (let cell = 0; cell < width * height; cell++) {
      const alpha = this.#alpha.mean(cell) ?? 0;
      if (alpha === 0) continue;
      rgba[cell * 4] = toByte(((this.#red.mean(cell) ?? 0) * 255) / alpha);
      rgba[cell * 4 + 1] = toByte(((this.#green.mean(cell) ?? 0) * 255) / alpha);
      rgba[cell * 4 + 2] = toByte(((this.#blue.mean(cell) ?? 0) * 255) / alpha);
      rgba[cell * 4 + 3] = toByte(alpha);
    }
    return { width, height, rgba };
  }
}
