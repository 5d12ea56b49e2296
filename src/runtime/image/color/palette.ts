/** The few colours that make up a picture, and the share of each. */
import { distanceSquared, findPeak, weighColors, type Points } from "./dominant-color.ts";
import { oklabToHex } from "./oklab.ts";

export interface PaletteColor {
  /** `#rrggbb`. */
  readonly color: string;
  /** The part of the visible picture that looks like it: 0 to 1, cut to three digits, so that shares never exceed 1 together. */
  readonly share: number;
}

const maxColors = 5;
const claimRadiusSquared = 0.12 ** 2;
const minimumShare = 0.01;

/**
 * Up to five colours. The first is the dominant colour. It claims every point within 0.12 of it in OKLab; the second is the
 * dominant colour of the points that are left, and so on, until five are found, no point is left, or a colour would claim less
 * than a hundredth (the first is always listed). Shares are the claimed points' alpha, of all that are at least half
 * opaque. No two colours are nearer to each other than 0.1, because each is the mean of points within 0.06 of one point, all of
 * them unclaimed. Deterministic; null when no point is at least half opaque.
 */
export function readPalette(grid: Points): readonly PaletteColor[] | null {
  let colors = weighColors(grid);
  const { values, visible } = colors;
  const palette: PaletteColor[] = [];
  while (palette.length < maxColors) {
    const peak = findPeak(colors);
    if (peak === null) break;
    const { places } = colors;
    let [claimed, left] = [0, 0];
    for (let index = 0; index < places.length; index++) {
      const at = places[index] as number;
      if (distanceSquared(values, at, peak) > claimRadiusSquared) places[left++] = at;
      else claimed += grid.points[at + 3] as number;
    }
    if (palette.length > 0 && claimed < visible * minimumShare) break;
    palette.push({ color: oklabToHex(peak), share: Math.floor((claimed / visible) * 1000) / 1000 });
    colors = { ...colors, places: places.subarray(0, left) };
  }
  return palette.length > 0 ? palette : null;
}
