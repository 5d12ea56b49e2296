/** Computes a picture's colours from its grid: dominant colour, palette and placeholder hash. */
import { rgbaToThumbHash } from "thumbhash";
import type { ImageField } from "../../contract/plan/files.ts";
import { dominantColor } from "./color/dominant-color.ts";
import { reachesAlpha, type Grid } from "./grid.ts";
import { readPalette, type PaletteColor } from "./color/palette.ts";

/** Each is null when it was not wanted, or nothing is visible. */
export interface GridColors {
  /** `#rrggbb`; null also when nothing is at least half opaque. */
  readonly dominantColor: string | null;
  /** Up to five colours, the dominant one first; null also when nothing is at least half opaque. */
  readonly palette: readonly PaletteColor[] | null;
  /** A ThumbHash (https://evanw.github.io/thumbhash/), base64: about 25 bytes that decode to a blurred picture. */
  readonly thumbhash: string | null;
}

/** The fields that are made of pixels; unless one of them is wanted, no pixel needs to be decoded. */
export const gridFields: readonly ImageField[] = ["dominant_color", "palette", "thumbhash"];

/**
 * Computes what is wanted from `grid`, which must be upright for the hash to show the picture as a viewer does. Never
 * throws.
 */
export function readGridColors(grid: Grid, wanted: ReadonlySet<ImageField>): GridColors {
  const palette = wanted.has("palette") ? readPalette(grid) : null;
  return {
    // The palette begins with it.
    dominantColor: wanted.has("dominant_color") ? (palette?.[0]?.color ?? dominantColor(grid)) : null,
    palette,
    thumbhash: wanted.has("thumbhash") ? thumbhash(grid) : null,
  };
}

function thumbhash(grid: Grid): string | null {
  const { width, height, rgba } = grid;
  return reachesAlpha(rgba, 1) ? btoa(String.fromCharCode(...rgbaToThumbHash(width, height, rgba))) : null;
}
