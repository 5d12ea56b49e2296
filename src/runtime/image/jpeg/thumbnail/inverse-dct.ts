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

/**
 * Inverts a row of blocks to N rows of samples, one behind the other.
 * @param coefficients N × N of each block from `from` on, row by row, times their weights along both axes
 * @param between room for as many
 */
export function invertRow(
  side: BlockSide,
  coefficients: Float32Array,
  from: number,
  blocks: number,
  between: Float32Array,
  samples: Float32Array,
): void {
  const pass = side === 2 ? pass2 : side === 3 ? pass3 : side === 4 ? pass4 : pass8;
  const lines = blocks * side;
  // The rows of each block become columns, so that both passes read lines that follow each other.
  pass(coefficients, from, lines, between, side * side, side);
  pass(between, 0, lines, samples, side, lines);
}

/**
 * Inverts lines of N values from `start` on. The first of what a line becomes goes beside that of the line before, or, from
 * block to block, `blockStep` behind it; the others go `step` apart.
 */
type Pass = (
  from: Float32Array,
  start: number,
  lines: number,
  to: Float32Array,
  blockStep: number,
  step: number,
) => void;

const pass2: Pass = (from, start, lines, to, blockStep, step) => {
  for (let line = 0; line < lines; line++) {
    const at = start + line * 2;
    const toAt = (line >> 1) * blockStep + (line & 1);
    const x0 = from[at] as number;
    const x1 = (from[at + 1] as number) * c4;
    to[toAt] = x0 + x1;
    to[toAt + step] = x0 - x1;
  }
};

const pass3: Pass = (from, start, lines, to, blockStep, step) => {
  for (let line = 0; line < lines; line++) {
    const at = start + line * 3;
    const block = Math.floor(line / 3);
    const toAt = block * blockStep + line - block * 3;
    const x0 = from[at] as number;
    const x1 = (from[at + 1] as number) * Math.sqrt(3 / 4);
    const x2 = from[at + 2] as number;
    to[toAt] = x0 + x1 + x2 / 2;
    to[toAt + step] = x0 - x2;
    to[toAt + 2 * step] = x0 - x1 + x2 / 2;
  }
};

const pass4: Pass = (from, start, lines, to, blockStep, step) => {
  for (let line = 0; line < lines; line++) {
    invertFour(from, start + line * 4, 1, to, (line >> 2) * blockStep + (line & 3), step);
  }
};

/** Waves of odd frequency are mirrored with opposite sign. */
function invertFour(
  from: Float32Array,
  at: number,
  step: number,
  to: Float32Array,
  toAt: number,
  toStep: number,
): void {
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

const pass8: Pass = (from, start, lines, to, blockStep, step) => {
  for (let line = 0; line < lines; line++) {
    const at = start + line * 8;
    const toAt = (line >> 3) * blockStep + (line & 7);
    const x1 = from[at + 1] as number;
    const x3 = from[at + 3] as number;
    const x5 = from[at + 5] as number;
    const x7 = from[at + 7] as number;
    invertFour(from, at, 2, evens, 0, 1);
    mirror(to, toAt, step, 0, c1 * x1 + c3 * x3 + c5 * x5 + c7 * x7);
    mirror(to, toAt, step, 1, c3 * x1 - c7 * x3 - c1 * x5 - c5 * x7);
    mirror(to, toAt, step, 2, c5 * x1 - c1 * x3 + c7 * x5 + c3 * x7);
    mirror(to, toAt, step, 3, c7 * x1 - c5 * x3 + c3 * x5 - c1 * x7);
  }
};

function mirror(to: Float32Array, at: number, step: number, place: number, odd: number): void {
  const even = evens[place] as number;
  to[at + place * step] = even + odd;
  to[at + (7 - place) * step] = even - odd;
}
