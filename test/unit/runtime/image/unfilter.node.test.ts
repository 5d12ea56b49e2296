import { expect, test } from "vitest";
import { createRowBuffer, unfilterRow } from "../../../../src/runtime/image/png/unfilter.ts";

/** PNG third edition, 9.2, one byte at a time. */
const predictors: readonly ((left: number, up: number, upperLeft: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, up) => up,
  (left, up) => (left + up) >> 1,
  (left, up, upperLeft) => {
    const estimate = left + up - upperLeft;
    return (
      [left, up, upperLeft].toSorted((one, other) => Math.abs(estimate - one) - Math.abs(estimate - other))[0] ?? 0
    );
  },
];

function expected(kind: number, pixelBytes: number, filtered: Uint8Array, above: Uint8Array): Uint8Array {
  const row = new Uint8Array(filtered.length);
  for (const [at, byte] of filtered.entries()) {
    const [left, upperLeft] = [row[at - pixelBytes] ?? 0, above[at - pixelBytes] ?? 0];
    row[at] = byte + (predictors[kind]?.(left, above[at] ?? 0, upperLeft) ?? 0);
  }
  return row;
}

function expectAlike(kind: number, pixelBytes: number, filtered: Uint8Array, above: Uint8Array): void {
  const [filteredRow, aboveRow, row] = [filtered, above, new Uint8Array(0)].map((bytes) => {
    const buffer = createRowBuffer(filtered.length);
    // What is left of longer rows must not matter.
    buffer.bytes.fill(170);
    buffer.bytes.set(bytes);
    return buffer;
  });
  if (filteredRow === undefined || aboveRow === undefined || row === undefined) throw new Error("no rows");
  const isInPlace = unfilterRow(kind, pixelBytes, filtered.length, filteredRow, aboveRow, row);
  const { bytes } = isInPlace ? filteredRow : row;
  expect(bytes.subarray(0, filtered.length)).toEqual(expected(kind, pixelBytes, filtered, above));
}

test.each([0, 1, 2, 3, 4].flatMap((kind) => [1, 2, 3, 4, 6, 8].map((pixelBytes) => [kind, pixelBytes] as const)))(
  "filter %i, %i bytes a pixel",
  (kind, pixelBytes) => {
    for (let pixels = 1; pixels < 40; pixels++) {
      const bytes = (seed: number) =>
        Uint8Array.from({ length: pixels * pixelBytes }, (_, index) => Math.imul(index + seed, 2654435761) >>> 21);
      expectAlike(kind, pixelBytes, bytes(pixels), bytes(pixels * 7919));
    }
  },
);

test("Paeth's predictor for all that can be left, above and between", () => {
  // Of two rows of two pixels, the second predicts from all three.
  const steps = Array.from({ length: 18 }, (_, index) => index * 15);
  for (const left of steps) {
    for (const up of steps) {
      const above = Uint8Array.from(steps.flatMap((upperLeft) => [upperLeft, up]));
      const filtered = Uint8Array.from(steps.flatMap((upperLeft) => [left - upperLeft, 0]));
      for (let at = 0; at < above.length; at += 2) {
        expectAlike(4, 1, filtered.subarray(at, at + 2), above.subarray(at, at + 2));
      }
    }
  }
});
