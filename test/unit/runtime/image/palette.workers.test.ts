import { describe, expect, test } from "vitest";
import { dominantColor, type Points } from "../../../../src/runtime/image/color/dominant-color.ts";
import { toOklab, type Oklab } from "../../../../src/runtime/image/color/oklab.ts";
import { readPalette } from "../../../../src/runtime/image/color/palette.ts";

type Color = readonly [red: number, green: number, blue: number, alpha?: number];

function gridOf(...parts: readonly (readonly [count: number, color: Color])[]): Points {
  const points = parts.flatMap(([count, [red, green, blue, alpha = 255]]) =>
    Array.from({ length: count }, () => [red, green, blue, alpha]),
  );
  return { points: Uint8ClampedArray.from(points.flat()) };
}

const [white, red, blue, green, yellow, black]: readonly Color[] = [
  [255, 255, 255],
  [220, 20, 30],
  [20, 40, 210],
  [10, 140, 30],
  [240, 220, 20],
  [0, 0, 0],
];

describe("the palette", () => {
  test.each<{ name: string; grid: Points; expected: ReturnType<typeof readPalette> }>([
    { name: "of one colour", grid: gridOf([7, [18, 52, 86]]), expected: [{ color: "#123456", share: 1 }] },
    {
      name: "in the order of their weight, with shares cut to three digits",
      grid: gridOf([30, white ?? [0, 0, 0]], [20, red ?? [0, 0, 0]], [10, blue ?? [0, 0, 0]]),
      expected: [
        { color: "#ffffff", share: 0.5 },
        { color: "#dc141e", share: 0.333 },
        { color: "#1428d2", share: 0.166 },
      ],
    },
    {
      name: "takes shades that are near each other as one",
      grid: gridOf([5, [100, 100, 100]], [4, [108, 108, 108]], [1, [250, 20, 20]]),
      expected: [
        { color: "#686868", share: 0.9 },
        { color: "#fa1414", share: 0.1 },
      ],
    },
    {
      name: "counts points by their alpha, and none under half opacity",
      grid: gridOf([10, [0, 0, 0]], [10, [255, 255, 255, 128]], [90, [255, 0, 0, 127]]),
      expected: [
        { color: "#000000", share: 0.665 },
        { color: "#ffffff", share: 0.334 },
      ],
    },
    { name: "of nothing opaque is none", grid: gridOf([9, [255, 0, 0, 127]]), expected: null },
    { name: "of no points is none", grid: gridOf(), expected: null },
  ])("$name", ({ grid, expected }) => {
    expect(readPalette(grid)).toEqual(expected);
  });

  test("has five colours at most", () => {
    const grid = gridOf(
      ...[white, red, blue, green, yellow, black].map((color, index) => [20 - index, color ?? [0, 0, 0]] as const),
    );
    expect(readPalette(grid)).toHaveLength(5);
  });

  test("lists a colour from a hundredth on", () => {
    expect(readPalette(gridOf([99, [0, 0, 0]], [1, [255, 255, 255]]))).toHaveLength(2);
    expect(readPalette(gridOf([100, [0, 0, 0]], [1, [255, 255, 255]]))).toHaveLength(1);
  });

  test("begins with the dominant colour, has no two alike, and shares of at most 1, whatever the picture", () => {
    for (let picture = 0; picture < 60; picture++) {
      const grid = noise(picture);
      const palette = readPalette(grid) ?? [];
      expect(palette[0]?.color).toBe(dominantColor(grid));
      expect(palette.reduce((sum, { share }) => sum + share, 0)).toBeLessThanOrEqual(1 + 1e-9);
      const points = palette.map(({ color }) => pointOf(color));
      for (const [index, one] of points.entries()) {
        for (const other of points.slice(0, index)) expect(distance(one, other)).toBeGreaterThan(0.095);
      }
      expect(readPalette(grid)).toEqual(palette);
    }
  });
});

/** From scattered points to smooth ramps. */
function noise(picture: number): Points {
  let state = picture * 7919 + 1;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
  const corners = Array.from({ length: 6 }, next);
  const points = Uint8ClampedArray.from({ length: 32 * 32 * 4 }, (_, at) => {
    if (at % 4 === 3) return 255;
    const ramp = (corners[at % 4] ?? 0) + ((corners[(at % 4) + 3] ?? 0) - (corners[at % 4] ?? 0)) * (at / 4096);
    return picture % 2 === 0 ? ramp : (ramp * 3 + next()) / 4;
  });
  return { points };
}

function pointOf(color: string): Oklab {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  return toOklab(r, g, b);
}

function distance(one: Oklab, other: Oklab): number {
  return Math.hypot(one.L - other.L, one.a - other.a, one.b - other.b);
}
