import { describe, expect, test } from "vitest";
import { axisWeight, invert } from "../../../../../src/runtime/image/jpeg/thumbnail/inverse-dct.ts";

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

describe.each([2, 4, 8] as const)("%i × %i samples", (side) => {
  // Numbers without a pattern, the same each time.
  const coefficients = Float32Array.from({ length: side * side }, (_, at) => ((at * 7919 + 31) % 401) - 200);
  const weighted = coefficients.map(
    (value, at) => value * axisWeight(side, at % side) * axisWeight(side, Math.floor(at / side)),
  );

  test("each is the average of its pixels", () => {
    const samples = new Float32Array(side * side);
    invert(side, weighted, samples, 0, side);
    for (const [at, sample] of samples.entries()) {
      const expected = average(side, at % side, Math.floor(at / side), (x, y) => pixelAt(coefficients, side, x, y));
      expect(sample).toBeCloseTo(expected, 2);
    }
  });

  test("they are written where they are asked for, and nothing else is", () => {
    const samples = new Float32Array(side * side);
    invert(side, weighted, samples, 0, side);
    const stride = side + 3;
    const target = new Float32Array(stride * side + 5).fill(7);
    invert(side, weighted, target, 5, stride);
    for (const [at, value] of target.entries()) {
      const [column, row] = [(at - 5) % stride, Math.floor((at - 5) / stride)];
      expect(value).toBe(at >= 5 && column < side ? samples[row * side + column] : 7);
    }
  });
});

test("of three samples each is the average of its third of the waves", () => {
  const parts = 300;
  for (const u of [1, 2]) {
    const coefficients = new Float32Array(9);
    coefficients[u] = 100 * axisWeight(3, u) * axisWeight(3, 0);
    const samples = new Float32Array(9);
    invert(3, coefficients, samples, 0, 3);
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
    const samples = new Float32Array(side * side);
    const coefficients = new Float32Array(side * side);
    coefficients[0] = 800 * axisWeight(side, 0) ** 2;
    invert(side, coefficients, samples, 0, side);
    for (const sample of samples) expect(sample).toBeCloseTo(100, 4);
  }
});
