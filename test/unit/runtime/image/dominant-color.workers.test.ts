import { describe, expect, test } from "vitest";
import { dominantColor, type Points } from "../../../../src/runtime/image/color/dominant-color.ts";
import { oklabToHex, toOklab } from "../../../../src/runtime/image/color/oklab.ts";

type Color = readonly [red: number, green: number, blue: number, alpha?: number];

/** A grid of so many points of each colour. */
function gridOf(...parts: readonly (readonly [count: number, color: Color])[]): Points {
  const points = parts.flatMap(([count, [red, green, blue, alpha = 255]]) =>
    Array.from({ length: count }, () => [red, green, blue, alpha]),
  );
  return { points: Uint8ClampedArray.from(points.flat()) };
}

describe("the dominant colour", () => {
  test.each<{ name: string; grid: Points; expected: string | null }>([
    { name: "of one colour is that colour", grid: gridOf([5, [18, 52, 86]]), expected: "#123456" },
    { name: "is the more frequent of two", grid: gridOf([6, [200, 30, 30]], [5, [30, 30, 200]]), expected: "#c81e1e" },
    { name: "is never between two", grid: gridOf([6, [255, 255, 255]], [5, [0, 0, 0]]), expected: "#ffffff" },
    {
      name: "prefers colour to gray of about the same number",
      grid: gridOf([50, [128, 128, 128]], [40, [230, 20, 20]]),
      expected: "#e61414",
    },
    {
      name: "but not to much more gray",
      grid: gridOf([50, [128, 128, 128]], [30, [230, 20, 20]]),
      expected: "#808080",
    },
    {
      name: "counts points by their alpha",
      grid: gridOf([10, [0, 0, 200, 130]], [9, [0, 0, 0, 255]]),
      expected: "#000000",
    },
    {
      name: "leaves out points under half opacity",
      grid: gridOf([90, [255, 0, 0, 127]], [1, [0, 128, 0, 128]]),
      expected: "#008000",
    },
    { name: "of nothing opaque is none", grid: gridOf([9, [255, 0, 0, 127]]), expected: null },
    { name: "of no points is none", grid: gridOf(), expected: null },
    { name: "of black", grid: gridOf([3, [0, 0, 0]]), expected: "#000000" },
  ])("$name", ({ grid, expected }) => {
    expect(dominantColor(grid)).toBe(expected);
  });

  test("of several shades that are near each other is their mean", () => {
    const grid = gridOf([4, [100, 100, 100]], [4, [110, 110, 110]], [3, [250, 20, 20]]);
    expect(dominantColor(grid)).toBe("#696969");
  });

  test("does not depend on the order of points", () => {
    const { points } = gridOf([7, [90, 120, 60]], [5, [95, 118, 70]], [6, [10, 20, 200]]);
    const reversed = Uint8ClampedArray.from(
      { length: points.length },
      (_, at) => points[points.length - 4 - at + 2 * (at % 4)] ?? 0,
    );
    expect(dominantColor({ points: reversed })).toBe(dominantColor({ points }));
  });
});

test("OKLab there and back", () => {
  for (let color = 0; color < 1 << 24; color += 65_537 * 3 + 129) {
    const [red, green, blue] = [color >> 16, (color >> 8) & 255, color & 255];
    expect(oklabToHex(toOklab(red, green, blue))).toBe(`#${color.toString(16).padStart(6, "0")}`);
  }
});

test("OKLab of its author's examples", () => {
  const { L, a, b } = toOklab(255, 0, 0);
  expect([L, a, b].map((value) => Math.round(value * 1000) / 1000)).toEqual([0.628, 0.225, 0.126]);
});
