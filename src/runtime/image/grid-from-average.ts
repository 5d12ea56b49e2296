/** Turns averaged pixels with alpha into a grid. */
import type { CellAverage } from "./cell-average.ts";
import type { Grid } from "./grid.ts";

/**
 * Takes four channels: red, green and blue multiplied by alpha / 255, and alpha, all 0 to 255. Divides by alpha again,
 * so that colours hidden under transparent pixels do not count; a cell to which nothing was added is transparent.
 */
export function gridFromAverage(average: CellAverage): Grid {
  const { columns: width, rows: height } = average;
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let cell = 0; cell < width * height; cell++) {
    const alpha = average.mean(cell, 3);
    // NaN is written as 0.
    for (let channel = 0; channel < 3; channel++) {
      rgba[cell * 4 + channel] = (average.mean(cell, channel) * 255) / alpha;
    }
    rgba[cell * 4 + 3] = alpha;
  }
  return { width, height, rgba };
}
