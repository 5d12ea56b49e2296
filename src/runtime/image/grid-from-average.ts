/** Turns pixels with alpha into a grid. */
import { CellAverage, createAxis } from "./cell-average.ts";
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

/**
 * Reduces a whole picture of `width` × `height` pixels.
 * @param rgba of each, multiplied as above @param size of the grid
 */
export function gridFromPixels(
  width: number,
  height: number,
  rgba: ArrayLike<number>,
  size: { readonly columns: number; readonly rows: number },
  toSrgb: ToSrgb | null = null,
): Grid {
  const average = new CellAverage(createAxis(width, 1, size.columns), createAxis(height, 1, size.rows), 4);
  const values = Float32Array.from(rgba);
  for (let y = 0; y < height; y++) average.addRow(values, y * width * 4, y, width);
  return gridFromAverage(average, toSrgb);
}

function colorsOf(premultiplied: Float32Array, toSrgb: ToSrgb | null): Uint8ClampedArray {
  const values = new Float64Array(premultiplied);
  for (let at = 0; at < values.length; at += 4) {
    const alpha = values[at + 3] as number;
    for (let channel = at; channel < at + 3; channel++) values[channel] = ((values[channel] as number) * 255) / alpha;
  }
  return toRgba(values, toSrgb);
}
