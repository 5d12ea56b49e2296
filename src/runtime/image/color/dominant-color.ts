/**
 * The dominant colour of a picture: the most populated neighbourhood in OKLab of single pixels, never a mixture of two
 * distant colours, not even of two that lie side by side in a cell of the grid. Deterministic.
 */
import type { Grid } from "../grid.ts";
import { oklabToHex, toOklab, type Oklab } from "./oklab.ts";

const lightnessBins = 16;
const chromaBins = 20;
const chromaBinWidth = 0.04;
/** The histogram has one empty bin around it on every side, so that smoothing needs no edge cases. */
const aStride = chromaBins + 2;
const lightnessStride = aStride * aStride;
const histogramLength = (lightnessBins + 2) * lightnessStride;
/** Made once: it is needed for one search at a time. */
const histogram = new Float64Array(histogramLength);
const meanShiftRadius = 0.06;
const meanShiftSteps = 2;
/** How much more a colour counts than gray, per unit of its chroma (0.3 for the purest): people name it first. */
const chromaWeight = 2;
/** Points with a lower alpha do not count. */
export const minimumAlpha = 128;

/** The points that count, one after the other. Of each: L, a and b, and at the places below what is told there. */
export type WeightedColors = Float64Array;
export const colorStride = 6;
const weightPlace = 3;
/** 0 to 255. */
export const alphaPlace = 4;
/** The point's bin of the histogram. */
const binPlace = 5;

/** What is read of a grid here. */
export type Points = Pick<Grid, "points">;

/** `#rrggbb`, or null when no point is at least half opaque. */
export function dominantColor(grid: Points): string | null {
  const peak = findPeak(weighColors(grid));
  return peak === null ? null : oklabToHex(peak);
}

/** The middle of the most populated neighbourhood of `colors`; null without any. */
export function findPeak(colors: WeightedColors): Oklab | null {
  const bin = peakBin(colors);
  let center: Oklab | null = null;
  // Rounding could leave out colours that all lie exactly on the border.
  for (let step = 0; step <= meanShiftSteps; step++) center = meanOf(colors, bin, center) ?? center;
  return center;
}

/** Colourful points count more than gray ones; those that are less than half opaque do not count. */
export function weighColors({ points }: Points): WeightedColors {
  const colors = new Float64Array((points.length / 4) * colorStride);
  let to = 0;
  for (let from = 0; from < points.length; from += 4) {
    const alpha = points[from + 3] as number;
    if (alpha < minimumAlpha) continue;
    const { L, a, b } = toOklab(points[from] as number, points[from + 1] as number, points[from + 2] as number);
    colors[to] = L;
    colors[to + 1] = a;
    colors[to + 2] = b;
    colors[to + weightPlace] = (alpha / 255) * (1 + chromaWeight * Math.sqrt(a * a + b * b));
    colors[to + alphaPlace] = alpha;
    colors[to + binPlace] = binOf(L, a, b);
    to += colorStride;
  }
  return colors.subarray(0, to);
}

function binOf(L: number, a: number, b: number): number {
  // The colours of sRGB stay well within the bins of a and b, but white's L may be a little over 1.
  const lightnessBin = Math.min(lightnessBins, Math.floor(L * lightnessBins) + 1);
  const aBin = Math.floor(a / chromaBinWidth + chromaBins / 2) + 1;
  const bBin = Math.floor(b / chromaBinWidth + chromaBins / 2) + 1;
  return lightnessBin * lightnessStride + aBin * aStride + bBin;
}

/** The occupied bin whose neighbourhood, weighted 1-2-1 in each direction, is heaviest; the lowest index of equals. */
function peakBin(colors: WeightedColors): number {
  histogram.fill(0);
  const occupied: number[] = [];
  for (let at = 0; at < colors.length; at += colorStride) {
    const bin = colors[at + binPlace] as number;
    const weight = histogram[bin] as number;
    if (weight === 0) occupied.push(bin);
    histogram[bin] = weight + (colors[at + weightPlace] as number);
  }
  let peak = 0;
  let peakWeight = 0;
  for (const bin of occupied) {
    const weight = smoothedWeight(bin);
    if (weight < peakWeight || (weight === peakWeight && bin > peak)) continue;
    peak = bin;
    peakWeight = weight;
  }
  return peak;
}

function smoothedWeight(bin: number): number {
  let weight = 0;
  for (let l = -1; l <= 1; l++) {
    for (let a = -1; a <= 1; a++) {
      const at = bin + l * lightnessStride + a * aStride;
      const factor = (2 - Math.abs(l)) * (2 - Math.abs(a));
      weight += (histogram[at - 1] as number) * factor;
      weight += (histogram[at] as number) * factor * 2;
      weight += (histogram[at + 1] as number) * factor;
    }
  }
  return weight;
}

/** The weighted mean of the points around `center`, or, without one, of those in `bin`; null without any. */
function meanOf(colors: WeightedColors, bin: number, center: Oklab | null): Oklab | null {
  let [L, a, b, total] = [0, 0, 0, 0];
  for (let at = 0; at < colors.length; at += colorStride) {
    const isOutside =
      center === null ? colors[at + binPlace] !== bin : distanceSquared(colors, at, center) > meanShiftRadius ** 2;
    if (isOutside) continue;
    const weight = colors[at + weightPlace] as number;
    L += (colors[at] as number) * weight;
    a += (colors[at + 1] as number) * weight;
    b += (colors[at + 2] as number) * weight;
    total += weight;
  }
  return total > 0 ? { L: L / total, a: a / total, b: b / total } : null;
}

/** From the point at index `at` to another colour. */
export function distanceSquared(colors: WeightedColors, at: number, { L, a, b }: Oklab): number {
  const toL = (colors[at] as number) - L;
  const toA = (colors[at + 1] as number) - a;
  const toB = (colors[at + 2] as number) - b;
  return toL * toL + toA * toA + toB * toB;
}
