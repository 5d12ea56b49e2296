/**
 * The dominant colour of a grid: the most populated neighbourhood in OKLab, never a mixture of two colours that are not
 * near each other. Deterministic. It knows nothing of how the grid was made.
 */
import type { Grid } from "./grid.ts";
import { oklabToHex, toOklab, type Oklab } from "./oklab.ts";

const lightnessBins = 16;
const chromaBins = 20;
const chromaBinWidth = 0.04;
/** The histogram has one empty bin around it on every side, so that smoothing needs no edge cases. */
const aStride = chromaBins + 2;
const lightnessStride = aStride * aStride;
const histogramLength = (lightnessBins + 2) * lightnessStride;
const meanShiftRadius = 0.06;
const meanShiftSteps = 2;
/** Cells with less do not count. */
export const minimumAlpha = 128;

/** A cell that is at least half opaque. */
export interface WeightedColor extends Oklab {
  /** 128 to 255. */
  readonly alpha: number;
  /** How much the cell counts: colourful ones a little more than gray ones. */
  readonly weight: number;
  readonly bin: number;
}

/** `#rrggbb`, or null when no cell is at least half opaque. */
export function dominantColor(grid: Grid): string | null {
  const colors = weighColors(grid);
  return colors.length > 0 ? oklabToHex(findPeak(colors)) : null;
}

/** The middle of the most populated neighbourhood of `colors`, of which there must be one at least. */
export function findPeak(colors: readonly WeightedColor[]): Oklab {
  const peak = peakBin(colors);
  let center = weightedMean(colors.filter((color) => color.bin === peak));
  for (let step = 0; step < meanShiftSteps; step++) {
    const near = colors.filter((color) => distanceSquared(color, center) <= meanShiftRadius ** 2);
    // Rounding could leave out colours that all lie exactly on the border.
    if (near.length > 0) center = weightedMean(near);
  }
  return center;
}

export function distanceSquared(one: Oklab, other: Oklab): number {
  return (one.L - other.L) ** 2 + (one.a - other.a) ** 2 + (one.b - other.b) ** 2;
}

/** The cells that count. */
export function weighColors({ rgba }: Grid): WeightedColor[] {
  const colors: WeightedColor[] = [];
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = rgba[at + 3] ?? 0;
    if (alpha < minimumAlpha) continue;
    const lab = toOklab(rgba[at] ?? 0, rgba[at + 1] ?? 0, rgba[at + 2] ?? 0);
    const { L, a, b } = lab;
    colors.push({ L, a, b, alpha, weight: (alpha / 255) * (1 + Math.hypot(a, b)), bin: binOf(lab) });
  }
  return colors;
}

function binOf({ L, a, b }: Oklab): number {
  const chromaBin = (value: number): number =>
    clampBin(Math.floor(value / chromaBinWidth + chromaBins / 2), chromaBins) + 1;
  const lightnessBin = clampBin(Math.floor(L * lightnessBins), lightnessBins) + 1;
  return lightnessBin * lightnessStride + chromaBin(a) * aStride + chromaBin(b);
}

function clampBin(bin: number, bins: number): number {
  return Math.min(bins - 1, Math.max(0, bin));
}

/** The occupied bin whose neighbourhood, weighted 1-2-1 in each direction, is heaviest; the lowest index of equals. */
function peakBin(colors: readonly WeightedColor[]): number {
  const histogram = new Float64Array(histogramLength);
  for (const { bin, weight } of colors) histogram[bin] = (histogram[bin] ?? 0) + weight;
  let peak = 0;
  let peakWeight = 0;
  for (let bin = 0; bin < histogramLength; bin++) {
    const weight = histogram[bin] === 0 ? 0 : smoothedWeight(histogram, bin);
    if (weight > peakWeight) [peak, peakWeight] = [bin, weight];
  }
  return peak;
}

function smoothedWeight(histogram: Float64Array, bin: number): number {
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

function weightedMean(colors: readonly WeightedColor[]): Oklab {
  let [L, a, b, total] = [0, 0, 0, 0];
  for (const color of colors) {
    L += color.L * color.weight;
    a += color.a * color.weight;
    b += color.b * color.weight;
    total += color.weight;
  }
  return { L: L / total, a: a / total, b: b / total };
}
