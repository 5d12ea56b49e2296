import { describe, expect, test } from "vitest";
import { axisWeight, invertRow, type BlockSide } from "../../../../../src/runtime/image/jpeg/thumbnail/inverse-dct.ts";

/** The pixel of an 8 × 8 block whose coefficients are `coefficients`, by the formula (ITU-T T.81, A.3.3). */
function pixelAt(coefficients: Float32Array, side: number, x: number, y: number): number {
  let sum = 0;
  for (let v = 0; v < side; v++) {
    for (let u = 0; u < side; u++) {
      const norm = (u === 0 ? Math.SQRT1_2 : 1) * (v === 0 ? Math.SQRT1_2 : 1);
      const wave = Math.cos(((2 * x + 1) * u * Math.PI) / 16) * Math.cos(((2 * y + 1) * v * Math.PI) / 16);
      sum += (norm * wave * (coefficients[v * side + u] ?? 0)) / 4;
    }
  }
  return sum;
}

function average(side: number, column: number, row: number, pixel: (x: number, y: number) => number): number {
  const span = 8 / side;
  let sum = 0;
  for (let y = row * span; y < (row + 1) * span; y++) {
    for (let x = column * span; x < (column + 1) * span; x++) sum += pixel(x, y);
  }
  return sum / span ** 2;
}

/** One block. */
function invert(side: BlockSide, coefficients: Float32Array): Float32Array {
  const samples = new Float32Array(side * side);
  invertRow(side, coefficients, 0, 1, new Float32Array(samples.length), samples);
  return samples;
}

describe.each([2, 4, 8] as const)("%i × %i samples", (side) => {
  // Numbers without a pattern, the same each time.
  const coefficients = Float32Array.from({ length: side * side }, (_, at) => ((at * 7919 + 31) % 401) - 200);
  const weighted = coefficients.map(
    (value, at) => value * axisWeight(side, at % side) * axisWeight(side, Math.floor(at / side)),
  );

  test("each is the average of its pixels", () => {
    const samples = invert(side, weighted);
    for (const [at, sample] of samples.entries()) {
      const expected = average(side, at % side, Math.floor(at / side), (x, y) => pixelAt(coefficients, side, x, y));
      expect(sample).toBeCloseTo(expected, 2);
    }
  });

  test("blocks of a row stand beside each other", () => {
    const blocks = 3;
    const row = Float32Array.from({ length: 5 + blocks * side * side }, (_, at) => ((at * 7907 + 17) % 401) - 200);
    const samples = new Float32Array(blocks * side * side);
    invertRow(side, row, 5, blocks, new Float32Array(samples.length), samples);
    for (let block = 0; block < blocks; block++) {
      const from = 5 + block * side * side;
      for (const [at, sample] of invert(side, row.slice(from, from + side * side)).entries()) {
        expect(samples[Math.floor(at / side) * blocks * side + block * side + (at % side)]).toBe(sample);
      }
    }
  });
});

test("of three samples each is the average of its third of the waves", () => {
  const parts = 300;
  for (const u of [1, 2]) {
    const coefficients = new Float32Array(9);
    coefficients[u] = 100 * axisWeight(3, u) * axisWeight(3, 0);
    const samples = invert(3, coefficients);
    const wave = new Float32Array(64);
    wave[u] = 100;
    for (const [at, sample] of samples.entries()) {
      // Between the middles of pixels, a wave is what its cosine is.
      const places = Array.from({ length: parts }, (_, part) => ((at % 3) + (part + 0.5) / parts) * (8 / 3) - 0.5);
      const sum = places.reduce((total, x) => total + pixelAt(wave, 8, x, 0), 0);
      expect(Math.abs(sample - sum / parts), `wave ${u}, sample ${at}`).toBeLessThan(0.5);
    }
  }
});

test("a block of one DC is one level", () => {
  for (const side of [2, 3, 4, 8] as const) {
    const coefficients = new Float32Array(side * side);
    coefficients[0] = 800 * axisWeight(side, 0) ** 2;
    for (const sample of invert(side, coefficients)) expect(sample).toBeCloseTo(100, 4);
  }
});
