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

/** L, a, b and weight of each point, one after the other; the weight is 0 where a point does not count. */
export type WeightedColors = Float64Array;
export const colorStride = 4;

/** What is read of a grid here. */
export type Points = Pick<Grid, "points">;

/** `#rrggbb`, or null when no point is at least half opaque. */
export function dominantColor(grid: Points): string | null {
  const peak = findPeak(weighColors(grid));
  return peak === null ? null : oklabToHex(peak);
}

/** The middle of the most populated neighbourhood of `colors`; null when none counts. */
export function findPeak(colors: WeightedColors): Oklab | null {
  const peak = peakBin(colors);
  let center = meanOf(colors, (at) => binAt(colors, at) === peak);
  for (let step = 0; step < meanShiftSteps && center !== null; step++) {
    const last = center;
    // Rounding could leave out colours that all lie exactly on the border.
    center = meanOf(colors, (at) => distanceSquared(colors, at, last) <= meanShiftRadius ** 2) ?? last;
  }
  return center;
}

/** From the point at index `at` to another colour. */
export function distanceSquared(colors: WeightedColors, at: number, { L, a, b }: Oklab): number {
  return (
    ((colors[at] as number) - L) ** 2 + ((colors[at + 1] as number) - a) ** 2 + ((colors[at + 2] as number) - b) ** 2
  );
}

/** Colourful points count more than gray ones; those that are less than half opaque do not count. */
export function weighColors({ points }: Points): WeightedColors {
  const colors = new Float64Array(points.length);
  for (let at = 0; at < points.length; at += colorStride) {
    const alpha = points[at + 3] as number;
    if (alpha < minimumAlpha) continue;
    const { L, a, b } = toOklab(points[at] as number, points[at + 1] as number, points[at + 2] as number);
    colors[at] = L;
    colors[at + 1] = a;
    colors[at + 2] = b;
    colors[at + 3] = (alpha / 255) * (1 + chromaWeight * Math.sqrt(a * a + b * b));
  }
  return colors;
}

function binAt(colors: WeightedColors, at: number): number {
  // The colours of sRGB stay well within the bins of a and b, but white's L may be a little over 1.
  const chromaBin = (value: number): number => Math.floor(value / chromaBinWidth + chromaBins / 2) + 1;
  const lightnessBin = Math.min(lightnessBins, Math.floor((colors[at] as number) * lightnessBins) + 1);
  return (
    lightnessBin * lightnessStride + chromaBin(colors[at + 1] as number) * aStride + chromaBin(colors[at + 2] as number)
  );
}

/** The occupied bin whose neighbourhood, weighted 1-2-1 in each direction, is heaviest; the lowest index of equals. */
function peakBin(colors: WeightedColors): number {
  histogram.fill(0);
  for (let at = 0; at < colors.length; at += colorStride) {
    const weight = colors[at + 3] as number;
    if (weight === 0) continue;
    const bin = binAt(colors, at);
    histogram[bin] = (histogram[bin] as number) + weight;
  }
  let peak = 0;
  let peakWeight = 0;
  for (let bin = 0; bin < histogramLength; bin++) {
    const weight = histogram[bin] === 0 ? 0 : smoothedWeight(bin);
    if (weight > peakWeight) [peak, peakWeight] = [bin, weight];
  }
  return peak;
}

function smoothedWeight(bin: number): number {
  let weight = 0;
  for (let l = -1; l <= 1; l++) {
    for (let a = -1; a <= 1; a++) {
      for (let b = -1; b <= 1; b++) {
        const factor = (2 - Math.abs(l)) * (2 - Math.abs(a)) * (2 - Math.abs(b));
        weight += (histogram[bin + l * lightnessStride + a * aStride + b] ?? 0) * factor;
      }
    }
  }
  return weight;
}

/** The weighted mean of the points that are asked for; null when they weigh nothing. */
function meanOf(colors: WeightedColors, isWanted: (at: number) => boolean): Oklab | null {
  let [L, a, b, total] = [0, 0, 0, 0];
  for (let at = 0; at < colors.length; at += colorStride) {
    const weight = colors[at + 3] as number;
    if (weight === 0 || !isWanted(at)) continue;
    L += (colors[at] as number) * weight;
    a += (colors[at + 1] as number) * weight;
    b += (colors[at + 2] as number) * weight;
    total += weight;
  }
  return total > 0 ? { L: L / total, a: a / total, b: b / total } : null;
}
