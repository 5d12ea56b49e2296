/** Turns averaged pixels with alpha into a grid. */
import type { CellAverage } from "./cell-average.ts";
import type { ToSrgb } from "./color/to-srgb.ts";
import { toRgba, type Grid } from "./grid.ts";

/**
 * Takes four channels: red, green and blue multiplied by alpha / 255, and alpha, all 0 to 255. Divides by alpha again,
 * so that colours hidden under transparent pixels do not count; where nothing was added it is transparent.
 */
export function gridFromAverage(average: CellAverage, toSrgb: ToSrgb | null = null): Grid {
  const { columns: width, rows: height } = average;
  return { width, height, rgba: colorsOf(average.means(), toSrgb), points: colorsOf(average.points, toSrgb) };
}

function colorsOf(premultiplied: Float32Array, toSrgb: ToSrgb | null): Uint8ClampedArray {
  const values = new Float64Array(premultiplied);
  for (let at = 0; at < values.length; at += 4) {
    const alpha = values[at + 3] as number;
    for (let channel = at; channel < at + 3; channel++) values[channel] = ((values[channel] as number) * 255) / alpha;
  }
  return toRgba(values, toSrgb);
}
