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
const meanShiftRadiusSquared = 0.06 ** 2;
const meanShiftSteps = 2;
/** How much more a colour counts than gray, per unit of its chroma (0.3 for the purest): people name it first. */
const chromaWeight = 2;
/** Points with a lower alpha do not count. */
export const minimumAlpha = 128;

/** A grid's points, and which of them count. What is told of a point is where its colour begins in the grid. */
export interface WeightedColors {
  /** L, a, b and weight of each point. */
  readonly values: Float64Array;
  /** The bin of the histogram of each point. */
  readonly bins: Uint16Array;
  /** Where the points that count begin, in their order. */
  readonly places: Int32Array;
}

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
  const values = new Float64Array(points.length);
  const bins = new Uint16Array(points.length);
  const places = new Int32Array(points.length / 4);
  let count = 0;
  for (let at = 0; at < points.length; at += 4) {
    const alpha = points[at + 3] as number;
    if (alpha < minimumAlpha) continue;
    const { L, a, b } = toOklab(points[at] as number, points[at + 1] as number, points[at + 2] as number);
    values[at] = L;
    values[at + 1] = a;
    values[at + 2] = b;
    values[at + 3] = (alpha / 255) * (1 + chromaWeight * Math.sqrt(a * a + b * b));
    bins[at] = binOf(L, a, b);
    places[count++] = at;
  }
  return { values, bins, places: places.subarray(0, count) };
}

function binOf(L: number, a: number, b: number): number {
  // The colours of sRGB stay well within the bins of a and b, but white's L may be a little over 1.
  const lightnessBin = Math.min(lightnessBins, Math.floor(L * lightnessBins) + 1);
  const aBin = Math.floor(a / chromaBinWidth + chromaBins / 2) + 1;
  const bBin = Math.floor(b / chromaBinWidth + chromaBins / 2) + 1;
  return lightnessBin * lightnessStride + aBin * aStride + bBin;
}

/** The occupied bin whose neighbourhood, weighted 1-2-1 in each direction, is heaviest; the lowest index of equals. */
function peakBin({ values, bins, places }: WeightedColors): number {
  histogram.fill(0);
  const occupied: number[] = [];
  for (let index = 0; index < places.length; index++) {
    const at = places[index] as number;
    const bin = bins[at] as number;
    const weight = histogram[bin] as number;
    if (weight === 0) occupied.push(bin);
    histogram[bin] = weight + (values[at + 3] as number);
  }
  let peak = 0;
  let peakWeight = 0;
  for (const bin of occupied) {
    const weight = smoothedWeight(bin);
    if (weight > peakWeight || (weight === peakWeight && bin < peak)) {
      peak = bin;
      peakWeight = weight;
    }
  }
  return peak;
}

function smoothedWeight(bin: number): number {
  let weight = 0;
  for (let l = -1; l <= 1; l++) {
    for (let a = -1; a <= 1; a++) {
      const at = bin + l * lightnessStride + a * aStride;
      const factor = (2 - l * l) * (2 - a * a);
      weight += (histogram[at - 1] as number) * factor;
      weight += (histogram[at] as number) * factor * 2;
      weight += (histogram[at + 1] as number) * factor;
    }
  }
  return weight;
}

/** The weighted mean of the points around `center`, or, without one, of those in `bin`; null without any. */
function meanOf(colors: WeightedColors, bin: number, center: Oklab | null): Oklab | null {
  const { values, bins, places } = colors;
  let L = 0;
  let a = 0;
  let b = 0;
  let total = 0;
  for (let index = 0; index < places.length; index++) {
    const at = places[index] as number;
    if (center === null ? bins[at] !== bin : distanceSquared(values, at, center) > meanShiftRadiusSquared) continue;
    const weight = values[at + 3] as number;
    L += (values[at] as number) * weight;
    a += (values[at + 1] as number) * weight;
    b += (values[at + 2] as number) * weight;
    total += weight;
  }
  return total > 0 ? { L: L / total, a: a / total, b: b / total } : null;
}

/** From the colour at `at` to another one. */
export function distanceSquared(values: Float64Array, at: number, { L, a, b }: Oklab): number {
  const toL = (values[at] as number) - L;
  const toA = (values[at + 1] as number) - a;
  const toB = (values[at + 2] as number) - b;
  return toL * toL + toA * toA + toB * toB;
}
