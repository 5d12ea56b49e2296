import { describe, expect, test } from "vitest";
import { createPlane, type Plane, type PlaneSource } from "../../../../../src/runtime/image/thumbnail/plane.ts";

const whole = (width: number, height: number): PlaneSource => ({
  samples: width,
  rows: height,
  lengthX: width,
  lengthY: height,
});

type Picture = (x: number, y: number) => number;

function rowOf({ samples }: PlaneSource, picture: Picture, y: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, x) => picture(x, y));
}

function fill(plane: Plane, source: PlaneSource, picture: Picture, order = [...Array(source.rows).keys()]): Plane {
  for (const y of order) plane.addRow(rowOf(source, picture, y), 0, y, 1);
  plane.end();
  return plane;
}

/** What a plane of `picture` must be where it changes slowly: the picture in the middle of each pixel. */
function expectPicture(plane: Plane, source: PlaneSource, picture: Picture, most: number): void {
  const [stepX, stepY] = [source.lengthX / plane.width, source.lengthY / plane.height];
  let worst = 0;
  for (let y = 0; y < plane.height; y++) {
    for (let x = 0; x < plane.width; x++) {
      const wanted = picture((x + 0.5) * stepX - 0.5, (y + 0.5) * stepY - 0.5);
      worst = Math.max(worst, Math.abs((plane.values[y * plane.width + x] ?? Number.NaN) - wanted));
    }
  }
  expect(worst).toBeLessThan(most);
}

/** How far the values lie from one, at most. One `expect` for each of many thousands would take seconds. */
const farthestFrom = (wanted: number, values: Iterable<number>): number => {
  let worst = 0;
  for (const value of values) worst = Math.max(worst, Math.abs(value - wanted));
  return worst;
};

const slow: Picture = (x, y) => 100 * Math.sin(x / 90) * Math.cos(y / 70);

describe("a picture", () => {
  test.each([
    { source: whole(640, 480), size: { width: 320, height: 240 } },
    { source: whole(700, 500), size: { width: 320, height: 229 } },
    { source: whole(4000, 300), size: { width: 320, height: 24 } },
    { source: whole(320, 240), size: { width: 320, height: 240 } },
    { source: whole(200, 150), size: { width: 320, height: 240 } },
  ])("$source.samples × $source.rows to $size.width × $size.height", ({ source, size }) => {
    const plane = fill(createPlane(size, 1, source, new Map()), source, slow);
    expect([plane.width, plane.height]).toEqual([size.width, size.height]);
    expectPicture(plane, source, slow, 4);
  });

  test("one colour stays what it is, to the edges", () => {
    for (const [width, height] of [
      [1, 1],
      [1, 60_000],
      [60_000, 1],
      [3, 2],
      [1000, 999],
    ] as const) {
      const source = whole(width, height);
      const scale = Math.min(1, 320 / Math.max(width, height));
      const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
      for (const every of [1, 2] as const) {
        const plane = fill(createPlane(size, every, source, new Map()), source, () => 77);
        expect(plane.width).toBe(Math.ceil(size.width / every));
        expect(farthestFrom(77, plane.values)).toBeCloseTo(0, 3);
      }
    }
  });

  test("as many pixels as samples: nothing changes", () => {
    const source = whole(31, 17);
    const picture: Picture = (x, y) => ((x * 37 + y * 101) % 255) - 128;
    const plane = fill(createPlane({ width: 31, height: 17 }, 1, source, new Map()), source, picture);
    for (let at = 0; at < 31 * 17; at++) expect(plane.values[at]).toBeCloseTo(picture(at % 31, Math.floor(at / 31)), 3);
  });

  test("half of it, for chroma, lies over its pixels", () => {
    const source = whole(801, 601);
    const plane = fill(createPlane({ width: 321, height: 241 }, 2, source, new Map()), source, slow);
    expect([plane.width, plane.height]).toEqual([161, 121]);
    const middle = plane.values[60 * 161 + 80];
    expect(middle).toBeCloseTo(slow((161 * 801) / 321 - 0.5, (121 * 601) / 241 - 0.5), 0);
  });

  test("padding beyond the picture is not seen", () => {
    const source = { samples: 101, rows: 76, lengthX: 100, lengthY: 75 };
    const plane = fill(createPlane({ width: 100, height: 75 }, 1, source, new Map()), source, (x, y) =>
      x >= 100 || y >= 75 ? 9999 : 5,
    );
    expect(farthestFrom(5, plane.values)).toBeCloseTo(0, 3);
  });
});

describe("sums", () => {
  const source = whole(900, 700);
  const size = { width: 90, height: 70 };
  const make = (): Plane => createPlane(size, 1, source, new Map());
  const once = fill(make(), source, slow).values;
  const expectSame = (plane: Plane): void => {
    for (const [at, value] of plane.values.entries()) expect(value).toBeCloseTo(once[at] ?? Number.NaN, 2);
  };

  test("rows in any order", () => {
    const order = [...Array(source.rows).keys()].toSorted((one, other) => ((one * 337) % 701) - ((other * 337) % 701));
    expectSame(fill(make(), source, slow, order));
  });

  test("in parts, one after the other", () => {
    const plane = make();
    for (const factor of [0.75, 0.25]) {
      for (let y = 0; y < source.rows; y++) plane.addRow(rowOf(source, slow, y), 0, y, factor);
    }
    plane.end();
    expectSame(plane);
  });

  test("rows within a longer array, and rows beyond the last", () => {
    const plane = make();
    for (let y = 0; y < source.rows + 9; y++) {
      plane.addRow(Float32Array.from([1, 2, 3, ...rowOf(source, slow, y), 4]), 3, y, 1);
    }
    plane.end();
    expectSame(plane);
  });
});
