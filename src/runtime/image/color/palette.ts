/** The few colours that make up a picture, and the share of each. */
import { distanceSquared, findPeak, weighColors, type Points, type WeightedColors } from "./dominant-color.ts";
import { oklabToHex, type Oklab } from "./oklab.ts";

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
  const visible = alphaOf(grid, colors.places);
  const palette: PaletteColor[] = [];
  while (palette.length < maxColors) {
    const peak = findPeak(colors);
    if (peak === null) break;
    const left = claim(colors, peak);
    const claimed = alphaOf(grid, colors.places.subarray(left));
    if (palette.length > 0 && claimed < visible * minimumShare) break;
    palette.push({ color: oklabToHex(peak), share: Math.floor((claimed / visible) * 1000) / 1000 });
    colors = { ...colors, places: colors.places.subarray(0, left) };
  }
  return palette.length > 0 ? palette : null;
}

/** Moves points that are near `peak` behind the others, whose order stays; returns how many are left. */
function claim({ values, places }: WeightedColors, peak: Oklab): number {
  let left = 0;
  for (let index = 0; index < places.length; index++) {
    const at = places[index] as number;
    if (distanceSquared(values, at, peak) <= claimRadiusSquared) continue;
    places[index] = places[left] as number;
    places[left++] = at;
  }
  return left;
}

function alphaOf({ points }: Points, places: Int32Array): number {
  let alpha = 0;
  for (let index = 0; index < places.length; index++) alpha += points[(places[index] as number) + 3] as number;
  return alpha;
}
