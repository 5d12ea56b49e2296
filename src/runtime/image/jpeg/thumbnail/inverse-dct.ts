/**
 * The inverse DCT of the lowest N × N coefficients of a block, N = 2, 3, 4 or 8: the block at N/8 of its size, each sample
 * the average of the pixels that it stands for.
 */

/** Samples of a block along each side: N. */
export type BlockSide = 1 | 2 | 3 | 4 | 8;

/** cos(k × π / 16). */
const cosines = Array.from({ length: 8 }, (_, k) => Math.cos((k * Math.PI) / 16));
const [, c1 = 0, c2 = 0, c3 = 0, c4 = 0, c5 = 0, c6 = 0, c7 = 0] = cosines;

/**
 * What a coefficient at column `u` or row `v` counts along its axis. A sample's share of a wave is its average over the
 * pixels of the sample, which the cosine at the sample's middle exceeds.
 */
export function axisWeight(side: BlockSide, frequency: number): number {
  if (frequency === 0) return Math.sqrt(1 / 8);
  const angle = (frequency * Math.PI) / 16;
  const pixels = 8 / side;
  return Math.sin(angle * pixels) / (pixels * Math.sin(angle)) / 2;
}

/** Between the two passes. */
const half = new Float32Array(64);

/**
 * Writes the samples of `coefficients` (`side` × `side`, row by row, times their weights along both axes) to `target`
 * from `at` on, rows `stride` apart.
 */
export function invert(
  side: BlockSide,
  coefficients: Float32Array,
  target: Float32Array,
  at: number,
  stride: number,
): void {
  if (side === 2) {
    invertQuarter(coefficients, target, at, stride);
    return;
  }
  const pass = side === 3 ? pass3 : side === 4 ? pass4 : pass8;
  for (let row = 0; row < side; row++) pass(coefficients, row * side, 1, half, row * side, 1);
  for (let column = 0; column < side; column++) pass(half, column, side, target, at + column, stride);
}

function invertQuarter(coefficients: Float32Array, target: Float32Array, at: number, stride: number): void {
  const mean = coefficients[0] as number;
  const across = (coefficients[1] as number) * c4;
  const down = (coefficients[2] as number) * c4;
  const both = (coefficients[3] as number) * 0.5;
  target[at] = mean + across + down + both;
  target[at + 1] = mean - across + down - both;
  target[at + stride] = mean + across - down - both;
  target[at + stride + 1] = mean - across - down + both;
}

/** One line of three, whose values are `step` apart, to another. */
function pass3(from: Float32Array, at: number, step: number, to: Float32Array, toAt: number, toStep: number): void {
  const x0 = from[at] as number;
  const x1 = (from[at + step] as number) * Math.sqrt(3 / 4);
  const x2 = from[at + 2 * step] as number;
  to[toAt] = x0 + x1 + x2 / 2;
  to[toAt + toStep] = x0 - x2;
  to[toAt + 2 * toStep] = x0 - x1 + x2 / 2;
}

/** The same of four. Waves of odd frequency are mirrored with opposite sign. */
function pass4(from: Float32Array, at: number, step: number, to: Float32Array, toAt: number, toStep: number): void {
  const x0 = from[at] as number;
  const x1 = from[at + step] as number;
  const x2 = (from[at + 2 * step] as number) * c4;
  const x3 = from[at + 3 * step] as number;
  const outer = c2 * x1 + c6 * x3;
  const inner = c6 * x1 - c2 * x3;
  to[toAt] = x0 + x2 + outer;
  to[toAt + toStep] = x0 - x2 + inner;
  to[toAt + 2 * toStep] = x0 - x2 - inner;
  to[toAt + 3 * toStep] = x0 + x2 - outer;
}

/** Between the waves of even frequency and all of them. */
const evens = new Float32Array(4);

/** The same of eight. */
function pass8(from: Float32Array, at: number, step: number, to: Float32Array, toAt: number, toStep: number): void {
  const x1 = from[at + step] as number;
  const x3 = from[at + 3 * step] as number;
  const x5 = from[at + 5 * step] as number;
  const x7 = from[at + 7 * step] as number;
  pass4(from, at, 2 * step, evens, 0, 1);
  mirror(to, toAt, toStep, 0, c1 * x1 + c3 * x3 + c5 * x5 + c7 * x7);
  mirror(to, toAt, toStep, 1, c3 * x1 - c7 * x3 - c1 * x5 - c5 * x7);
  mirror(to, toAt, toStep, 2, c5 * x1 - c1 * x3 + c7 * x5 + c3 * x7);
  mirror(to, toAt, toStep, 3, c7 * x1 - c5 * x3 + c3 * x5 - c1 * x7);
}

function mirror(to: Float32Array, at: number, step: number, place: number, odd: number): void {
  const even = evens[place] as number;
  to[at + place * step] = even + odd;
  to[at + (7 - place) * step] = even - odd;
}
