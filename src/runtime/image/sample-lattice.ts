/**
 * Chooses the pixels of a large picture that are sampled: every n-th along each axis, in the middle of those that it
 * stands for.
 */

/** Pixels sampled on each axis for each of a picture's points, at least; small pictures are sampled whole. */
const samplesPerPoint = 8;

/** Pixels from a sample to the next. Odd, so that pixels which alternate between two colours are not all seen as one. */
export function sampleStep(pixels: number, points: number): number {
  return Math.max(1, (Math.floor(pixels / (points * samplesPerPoint)) - 1) | 1);
}

/** The pixel that a sample is, on an axis of `pixels`. */
export function sampledPixel(sample: number, step: number, pixels: number): number {
  return Math.min(pixels - 1, sample * step + (step >> 1));
}
