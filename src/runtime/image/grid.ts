/** A picture reduced to a few thousand colours, from which whatever is told of its pixels is computed. */
import type { ToSrgb } from "./color/to-srgb.ts";

/** Red, green, blue and alpha of each colour, 0 to 255, not multiplied by alpha. */
type Rgba = Uint8ClampedArray;

/** Colours are those of sRGB, and alpha is 0 where nothing was seen. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  /** The average of each cell, in rows from the top left, in stored orientation. */
  readonly rgba: Rgba;
  /** Single pixels (of a large JPEG: blocks of 8 × 8) that are spread evenly over the picture. */
  readonly points: Rgba;
}

/** Lets the colour of each index be written, NaN for 0, and converts it. */
export function toRgba(
  count: number,
  write: (index: number, rgba: Float64Array, at: number) => void,
  toSrgb: ToSrgb | null,
): Rgba {
  const rgba = new Float64Array(count * 4);
  for (let index = 0; index < count; index++) {
    write(index, rgba, index * 4);
    toSrgb?.(rgba, index * 4);
  }
  return new Uint8ClampedArray(rgba);
}

const maxGridSide = 64;

/**
 * The grid for a picture: its proportions, at most `maxSide` cells a side, and no more cells a side than `maxColumns` and
 * `maxRows` (what the format can fill).
 */
export function gridSize(
  width: number,
  height: number,
  maxColumns: number,
  maxRows: number,
  maxSide = maxGridSide,
): { columns: number; rows: number } {
  const scale = Math.min(1, maxSide / Math.max(width, height));
  return {
    columns: Math.max(1, Math.min(maxColumns, Math.round(width * scale))),
    rows: Math.max(1, Math.min(maxRows, Math.round(height * scale))),
  };
}

/** The alpha of the most opaque colour, 0 to 255. */
export function mostAlpha(rgba: Rgba): number {
  let most = 0;
  for (let at = 3; at < rgba.length; at += 4) most = Math.max(most, rgba[at] ?? 0);
  return most;
}
