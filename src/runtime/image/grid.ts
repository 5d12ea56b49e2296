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

/** Rounds colours, NaN to 0, and first converts them: in place. */
export function toRgba(values: Float64Array, toSrgb: ToSrgb | null): Rgba {
  if (toSrgb !== null) for (let at = 0; at < values.length; at += 4) toSrgb(values, at);
  return new Uint8ClampedArray(values);
}

/** A finer one makes no better placeholder: a ThumbHash has seven waves a side at most. */
const maxGridSide = 32;

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

/** Whether a colour has an alpha of `least`, 0 to 255, or more. */
export function reachesAlpha(rgba: Rgba, least: number): boolean {
  return rgba.some((value, at) => at % 4 === 3 && value >= least);
}
