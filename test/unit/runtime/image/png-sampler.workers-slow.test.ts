import upng from "upng-js";
import { describe, expect, test } from "vitest";
import { encodePng, type PngOptions } from "../../../support/png-encoder.ts";
import { chunkSizes, expectClose, sampleGrid } from "./sampling.ts";

interface FullPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

function decodeFully(file: Uint8Array): FullPicture {
  const picture = upng.decode(file.slice().buffer);
  const [first = new ArrayBuffer(0)] = upng.toRGBA8(picture);
  return { data: new Uint8Array(first), width: picture.width, height: picture.height };
}

/** The picture as its pixels were meant, because upng-js misreads gray below 8 bits and interlaced rows of single bits. */
function meant({ width, height, colorType, depth, pixel, palette }: PngOptions): FullPicture {
  const data = new Uint8Array(width * height * 4).fill(255);
  const level = (value = 0): number => (depth === 16 ? value >> 8 : (value * 255) / (2 ** depth - 1));
  for (let at = 0; at < width * height; at++) {
    const values = pixel(at % width, Math.floor(at / width));
    const index = (values[0] ?? 0) * 3;
    if (colorType === 3) data.set(palette!.subarray(index, index + 3), at * 4);
    else if (colorType === 0 || colorType === 4) {
      data.fill(level(values[0]), at * 4, at * 4 + 3);
      if (colorType === 4) data[at * 4 + 3] = level(values[1]);
    } else data.set(values.map(level), at * 4);
  }
  return { data, width, height };
}

/** A busy picture: gradients that differ per channel, with hard edges. */
function testPixel(channels: number, depth: number): PngOptions["pixel"] {
  const most = 2 ** depth - 1;
  return (x, y) =>
    Array.from({ length: channels }, (_, channel) => {
      const wave = (x * (channel + 3) * 5 + y * (channel + 1) * 7 + ((x >> 3) ^ (y >> 3)) * 40) % 256;
      return Math.round((wave / 255) * most);
    });
}

const kinds = [
  ...[1, 2, 4, 8, 16].map((depth) => ({ colorType: 0, depth, channels: 1 })),
  ...[8, 16].map((depth) => ({ colorType: 2, depth, channels: 3 })),
  ...[1, 2, 4, 8].map((depth) => ({ colorType: 3, depth, channels: 1 })),
  ...[8, 16].map((depth) => ({ colorType: 4, depth, channels: 2 })),
  ...[8, 16].map((depth) => ({ colorType: 6, depth, channels: 4 })),
];

function paletteOf(depth: number): Uint8Array {
  return Uint8Array.from({ length: 3 * 2 ** depth }, (_, at) => (at * 53 + 20) & 255);
}

const sizes = [
  [1, 1],
  [3, 2],
  [7, 9],
  [8, 8],
  [17, 16],
  [65, 33],
] as const;

describe.each(kinds)("colour type $colorType, $depth bits", ({ colorType, depth, channels }) => {
  test.each([false, true])(
    "every size is what was meant and what upng-js reads (interlaced: %s)",
    async (interlaced) => {
      for (const [width, height] of sizes) {
        const options = {
          width,
          height,
          colorType,
          depth,
          interlaced,
          pixel: testPixel(channels, depth),
          ...(colorType === 3 ? { palette: paletteOf(depth) } : {}),
        };
        const file = await encodePng(options);
        const grid = await sampleGrid(file);
        expectClose(grid, meant(options), { mean: 0.6, most: 1.6 });
        if (depth >= 8) expectClose(grid, decodeFully(file), { mean: 0.6, most: 1.6 });
      }
    },
  );

  test("any chunking gives the same grid", async () => {
    for (const interlaced of [false, true]) {
      const file = await encodePng({
        width: 29,
        height: 23,
        colorType,
        depth,
        interlaced,
        pixel: testPixel(channels, depth),
        idatBytes: 50,
        ...(colorType === 3 ? { palette: paletteOf(depth) } : {}),
      });
      const whole = await sampleGrid(file);
      for (const chunkBytes of chunkSizes) expect(await sampleGrid(file, { chunkBytes })).toEqual(whole);
    }
  });

  test.each([0, 1, 2, 3, 4])("filter %i", async (filter) => {
    const options = {
      width: 31,
      height: 12,
      colorType,
      depth,
      filterOf: () => filter,
      pixel: testPixel(channels, depth),
      ...(colorType === 3 ? { palette: paletteOf(depth) } : {}),
    };
    expectClose(await sampleGrid(await encodePng(options)), meant(options), { mean: 0.6, most: 1.6 });
  });
});

describe("transparency", () => {
  const half = (x: number): boolean => x >= 8;
  const rows: readonly { name: string; options: Omit<PngOptions, "width" | "height"> }[] = [
    {
      name: "gray, 4 bits",
      options: { colorType: 0, depth: 4, pixel: (x) => [half(x) ? 9 : 3], transparency: Uint8Array.of(0, 9) },
    },
    {
      name: "gray, 8 bits",
      options: { colorType: 0, depth: 8, pixel: (x) => [half(x) ? 200 : 3], transparency: Uint8Array.of(0, 200) },
    },
    {
      name: "gray, 16 bits",
      options: {
        colorType: 0,
        depth: 16,
        pixel: (x) => [half(x) ? 0x1234 : 0x1235],
        transparency: Uint8Array.of(0x12, 0x34),
      },
    },
    {
      name: "rgb, 8 bits",
      options: {
        colorType: 2,
        depth: 8,
        pixel: (x) => (half(x) ? [1, 2, 3] : [1, 2, 4]),
        transparency: Uint8Array.of(0, 1, 0, 2, 0, 3),
      },
    },
    {
      name: "rgb, 16 bits",
      options: {
        colorType: 2,
        depth: 16,
        pixel: (x) => (half(x) ? [0x101, 0x202, 0x303] : [0x101, 0x202, 0x304]),
        transparency: Uint8Array.of(1, 1, 2, 2, 3, 3),
      },
    },
    {
      name: "palette",
      options: {
        colorType: 3,
        depth: 2,
        pixel: (x) => [half(x) ? 1 : 0],
        palette: Uint8Array.of(250, 10, 20, 10, 240, 30),
        transparency: Uint8Array.of(255, 0),
      },
    },
    {
      name: "rgba with colours under transparent pixels",
      options: { colorType: 6, depth: 8, pixel: (x) => (half(x) ? [255, 0, 255, 0] : [10, 90, 20, 255]) },
    },
  ];

  test.each(rows)("$name: half of the columns is seen through", async ({ options }) => {
    const file = await encodePng({ width: 16, height: 4, ...options });
    const grid = await sampleGrid(file);
    for (let cell = 0; cell < grid.width * grid.height; cell++) {
      expect(grid.rgba[cell * 4 + 3]).toBe(half(cell % grid.width) ? 0 : 255);
    }
  });
});

describe("large pictures are sampled", () => {
  test.each([
    { name: "plain", interlaced: false, width: 1500, height: 1100 },
    { name: "interlaced, first pass", interlaced: true, width: 1100, height: 1030 },
    { name: "interlaced, three passes", interlaced: true, width: 700, height: 520 },
    { name: "interlaced, five passes", interlaced: true, width: 300, height: 290 },
  ])("$name", async ({ interlaced, width, height }) => {
    const smooth = (x: number, y: number): number[] => [
      Math.round((x / width) * 255),
      Math.round((y / height) * 255),
      x > width / 2 ? 220 : 30,
    ];
    const file = await encodePng({ width, height, colorType: 2, depth: 8, interlaced, pixel: smooth });
    expectClose(await sampleGrid(file), decodeFully(file), { mean: 1.5, most: 100 });
  });

  test("pixels that alternate between two colours give their mixture, not one of them", async () => {
    const checkerboard = (x: number, y: number): number[] => [(x + y) % 2 === 0 ? 255 : 0];
    const file = await encodePng({ width: 1280, height: 1280, colorType: 0, depth: 8, pixel: checkerboard });
    const { rgba } = await sampleGrid(file);
    expect(Math.abs((rgba[0] ?? 0) - 128)).toBeLessThan(8);
  });
});
