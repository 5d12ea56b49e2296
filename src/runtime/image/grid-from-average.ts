/** Turns averaged pixels with alpha into a grid. */
import type { CellAverage } from "./cell-average.ts";
import type { ToSrgb } from "./color/to-srgb.ts";
import { toRgba, type Grid } from "./grid.ts";

/**
 * Takes four channels: red, green and blue multiplied by alpha / 255, and alpha, all 0 to 255. Divides by alpha again,
 * so that colours hidden under transparent pixels do not count; where nothing was added it is transparent.
 */
export function gridFromAverage(average: CellAverage, toSrgb: ToSrgb | null = null): Grid {
  const { columns: width, rows: height, pointCount } = average;
  const colorsOf = (count: number, valueAt: (index: number, channel: number) => number): Uint8ClampedArray =>
    toRgba(
      count,
      (index, rgba, at) => {
        const alpha = valueAt(index, 3);
        for (let channel = 0; channel < 3; channel++) rgba[at + channel] = (valueAt(index, channel) * 255) / alpha;
        rgba[at + 3] = alpha;
      },
      toSrgb,
    );
  return {
    width,
    height,
    rgba: colorsOf(width * height, (cell, channel) => average.mean(cell, channel)),
    points: colorsOf(pointCount, (index, channel) => average.point(index, channel)),
  };
}
