import { describe, expect, test } from "vitest";
import {
  encodeGif,
  expectedPixels,
  gifExtension,
  gifLoop,
  grayPalette,
  type GifFrameOptions,
  type GifOptions,
} from "../../../../support/gif-encoder.ts";
import { concatBytes } from "../../../../support/png-encoder.ts";
import { gridError } from "../sampling.ts";
import { runInChunks, runSampler } from "./run-sampler.ts";

const noise = (x: number, y: number): number => ((x * 73_856_093) ^ (y * 19_349_663) ^ (x * y * 83)) >>> 5;
const colorful = Uint8Array.from({ length: 768 }, (_, at) => noise(at, 7) & 255);

/** The sampled grid is the area average of the pixels that were encoded. */
async function expectSampled(options: GifOptions): Promise<void> {
  const { size, grid, fault } = await runInChunks("gif", encodeGif(options));
  const { width, height } = options;
  expect({ size, fault }).toEqual({ size: { width, height }, fault: null });
  if (grid === null) throw new Error("no grid");
  expect(gridError(grid, expectedPixels(options), width, height).most).toBeLessThanOrEqual(0.51);
}

function picture(
  frame: Partial<GifFrameOptions> & { width: number; height: number },
  rest: Partial<GifOptions> = {},
): GifOptions {
  const { width, height } = frame;
  return { width, height, palette: colorful, frames: [{ pixel: (x, y) => noise(x, y) & 255, ...frame }], ...rest };
}

describe("the grid is the pixels' average", () => {
  const sides = [
    [1, 1],
    [1, 9],
    [2, 2],
    [7, 5],
    [63, 64],
    [65, 3],
    [100, 131],
    [3, 300],
    [513, 20],
  ] as const;
  test.each(sides)("%i × %i", async (width, height) => {
    for (const interlaced of [false, true]) await expectSampled(picture({ width, height, interlaced }));
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("code size %i", async (pixelBits) => {
    const pixel = (x: number, y: number): number => noise(x >> 1, y) & ((1 << pixelBits) - 1);
    const palette = colorful.subarray(0, 3 * 2 ** pixelBits);
    for (const lzw of ["clear", "deferred", "often"] as const) {
      await expectSampled(picture({ width: 90, height: 70, pixel, pixelBits, lzw }, { palette }));
    }
  });

  test("tables that fill, with and without a clear code then", async () => {
    for (const lzw of ["clear", "deferred"] as const) await expectSampled(picture({ width: 211, height: 133, lzw }));
  });

  test("one colour: strings as long as they get", async () => {
    for (const lzw of ["clear", "deferred"] as const) {
      await expectSampled(picture({ width: 700, height: 300, pixel: () => 200, lzw }));
    }
  });

  test("no clear code first and no end code last", async () => {
    await expectSampled(picture({ width: 40, height: 30, bare: true }));
  });

  test("sub-blocks of one byte, of three, and full ones", async () => {
    for (const blockBytes of [1, 3, 255]) await expectSampled(picture({ width: 40, height: 30, blockBytes }));
  });

  test("a local palette hides the global one; GIF87a", async () => {
    await expectSampled(picture({ width: 33, height: 21, palette: grayPalette(256) }, { version: "87a" }));
    await expectSampled({ width: 8, height: 8, frames: picture({ width: 8, height: 8, palette: colorful }).frames });
  });

  test("indexes beyond the palette are transparent", async () => {
    await expectSampled(picture({ width: 33, height: 21 }, { palette: colorful.subarray(0, 96) }));
  });

  test("a transparent colour", async () => {
    const pixel = (x: number, y: number): number => (x > y ? 5 : noise(x, y) & 255);
    await expectSampled(picture({ width: 77, height: 130, pixel, transparent: 5 }));
  });

  test("a frame within the screen: the rest is transparent", async () => {
    for (const interlaced of [false, true]) {
      const frames = picture({ width: 41, height: 33, left: 13, top: 57, interlaced }).frames;
      await expectSampled({ width: 99, height: 201, palette: colorful, frames });
      await expectSampled({ width: 54, height: 90, palette: colorful, frames });
    }
    for (const [left, top] of [
      [0, 0],
      [129, 0],
      [0, 129],
      [64, 65],
    ] as const) {
      const { frames } = picture({ width: 1, height: 1, left, top });
      await expectSampled({ width: 130, height: 130, palette: colorful, frames });
    }
  });
});

describe("what else is told", () => {
  const frame: GifFrameOptions = { width: 9, height: 5, pixel: (x, y) => noise(x, y) & 255 };
  const gif = (rest: Partial<GifOptions> = {}): Uint8Array =>
    encodeGif({ ...picture({ width: 9, height: 5 }), ...rest });

  test.each([
    { name: "one frame", file: gif(), animated: false, hasAlpha: false },
    {
      name: "one frame that is said to be played again and again",
      file: gif({ before: [gifLoop()] }),
      animated: false,
      hasAlpha: false,
    },
    { name: "two frames", file: gif({ frames: [frame, frame] }), animated: true, hasAlpha: false },
    {
      name: "two frames with comments",
      file: gif({ frames: [frame, frame], before: [gifExtension(0xfe, colorful)] }),
      animated: true,
      hasAlpha: false,
    },
    {
      name: "a transparent colour",
      file: gif({ frames: [{ ...frame, transparent: 0 }] }),
      animated: false,
      hasAlpha: true,
    },
    {
      name: "a transparent colour of the second frame",
      file: gif({ frames: [frame, { ...frame, transparent: 0 }] }),
      animated: true,
      hasAlpha: false,
    },
    { name: "a frame smaller than the screen", file: gif({ width: 10 }), animated: false, hasAlpha: true },
    { name: "no trailer", file: gif().subarray(0, -1), animated: null, hasAlpha: false },
    {
      name: "garbage behind the frame",
      file: concatBytes([gif().subarray(0, -1), Uint8Array.of(7, 7)]),
      animated: null,
      hasAlpha: false,
    },
  ])("$name", async ({ file, animated, hasAlpha }) => {
    const sampled = await runInChunks("gif", file);
    expect(sampled).toMatchObject({ animated, hasAlpha, fault: null, orientation: 1 });
    expect(sampled.grid).not.toBeNull();
  });

  test("nothing is read behind the second frame of a picture with alpha", async () => {
    const [two, many] = [2, 50].map((length) =>
      gif({ frames: Array.from({ length }, () => ({ ...frame, transparent: 1 })) }),
    );
    const { bytesRead, hasAlpha } = await runSampler("gif", many ?? new Uint8Array(0), { chunkBytes: 1 });
    expect({ bytesRead, hasAlpha }).toEqual({ bytesRead: (two?.length ?? 0) - 1, hasAlpha: true });
  });

  /** Disposal 2 leaves the background, which is transparent, and 3 what was there before. */
  const small = { ...frame, width: 3, height: 2 };
  test.each([
    { name: "a frame that makes way for a smaller one", frames: [{ ...frame, disposal: 2 }, small], hasAlpha: true },
    { name: "one that stays", frames: [{ ...frame, disposal: 1 }, small], hasAlpha: false },
    {
      name: "one that makes way for one with holes",
      frames: [
        { ...frame, disposal: 2 },
        { ...frame, transparent: 1 },
      ],
      hasAlpha: true,
    },
    { name: "holes that show the frame before", frames: [frame, { ...frame, transparent: 1 }], hasAlpha: false },
    { name: "the first, back to nothing", frames: [{ ...frame, disposal: 3 }, small], hasAlpha: true },
    { name: "the second, back to the first", frames: [frame, { ...small, disposal: 3 }, small], hasAlpha: false },
    { name: "a later frame that makes way", frames: [frame, frame, { ...small, disposal: 2 }, small], hasAlpha: true },
    { name: "the last one", frames: [{ ...frame, disposal: 2 }], hasAlpha: false },
  ])("alpha by disposal: $name", async ({ frames, hasAlpha }) => {
    expect(await runInChunks("gif", gif({ frames }))).toMatchObject({ hasAlpha, animated: frames.length > 1 });
  });

  test("a frame that overruns the screen widens it", async () => {
    const { size, grid } = await runInChunks("gif", gif({ width: 3, height: 4 }));
    expect(size).toEqual({ width: 9, height: 5 });
    expect(grid).not.toBeNull();
    expect((await runInChunks("gif", gif({ width: 0, height: 0 }))).size).toEqual({ width: 9, height: 5 });
  });
});

describe("limits and faults", () => {
  const pixel = (x: number, y: number): number => noise(x, y) & 15;
  const frame = { width: 30, height: 20, interlaced: true, transparent: 3, pixel, pixelBits: 4 };
  const gif = encodeGif(picture(frame, { palette: colorful.subarray(0, 48) }));

  test("pixels: at the limit and one over", async () => {
    expect(await runSampler("gif", gif, { maxPixels: 600 })).toMatchObject({ fault: null });
    expect(await runInChunks("gif", gif, { maxPixels: 599 })).toMatchObject({
      size: { width: 30, height: 20 },
      animated: false,
      grid: null,
      fault: "more than 599 pixels",
    });
  });

  test("work: a picture takes so much and no more", async () => {
    let [most, least] = [1_000_000, 0];
    while (most - least > 1) {
      const maxWork = Math.floor((most + least) / 2);
      const { fault } = await runInChunks("gif", gif, { maxWork });
      if (fault === null) most = maxWork;
      else {
        expect(fault).toContain("work");
        least = maxWork;
      }
    }
    expect(most).toBeGreaterThan(600);
    expect(most).toBeLessThan(20_000);
  });

  test.each([
    {
      name: "no palette",
      options: { ...picture({ width: 3, height: 3 }), palette: undefined },
      fault: "no colour table",
    },
    {
      name: "a code size of 9",
      options: picture({ width: 3, height: 3, pixelBits: 9 }),
      fault: "a code size that GIF lacks",
    },
    { name: "a frame of no width", options: picture({ width: 0, height: 3 }), fault: "thrown: a frame of no pixels" },
    { name: "no frame", options: { width: 3, height: 3, frames: [] }, fault: "no row of pixels could be read" },
  ])("$name", async ({ options: { palette, ...options }, fault }) => {
    const file = encodeGif({ ...options, ...(palette === undefined ? {} : { palette }) });
    expect(await runInChunks("gif", file)).toMatchObject({ grid: null, fault });
  });

  test("cut after any byte: the rows so far", async () => {
    let seen = 0;
    for (let length = 0; length < gif.length; length++) {
      const { grid, fault } = await runInChunks("gif", gif.subarray(0, length));
      expect(grid === null).toBe(fault !== null);
      const rows = grid?.rgba.filter((value, at) => at % 4 === 3 && value > 0).length ?? 0;
      expect(rows).toBeGreaterThanOrEqual(seen);
      seen = rows;
    }
    expect(seen).toBeGreaterThan(0);
  });

  test("any bit flipped: no throw but of our own, no hang", async () => {
    for (let bit = 0; bit < gif.length * 8; bit++) {
      const flipped = gif.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { grid, fault } = bit % 16 === 0 ? await runInChunks("gif", flipped) : await runSampler("gif", flipped);
      expect(grid === null).toBe(fault !== null);
    }
  });
});

describe("bombs", () => {
  const header = (width: number, height: number): Uint8Array =>
    encodeGif({ width, height, palette: grayPalette(2), frames: [] }).subarray(0, -1);
  const frameHeader = (width: number, height: number): Uint8Array =>
    concatBytes([
      header(width, height),
      Uint8Array.of(0x2c, 0, 0, 0, 0, width & 255, width >> 8, height & 255, height >> 8, 0, 2),
    ]);
  const megabytes = (bytes: readonly number[], length = 3_000_000): Uint8Array =>
    Uint8Array.from({ length }, (_, at) => bytes[at % bytes.length] ?? 0);

  test("65,535 × 65,535: the size, and no colour", async () => {
    const file = concatBytes([frameHeader(65_535, 65_535), megabytes([255, ...Array<number>(255).fill(0x44)])]);
    const sampled = await runSampler("gif", file);
    expect(sampled).toMatchObject({ size: { width: 65_535, height: 65_535 }, grid: null });
    expect(sampled.fault).toContain("pixels");
  });

  test("a screen of 65,535 × 1,500 with a frame of one pixel", async () => {
    const [first, ...rest] = [header(65_535, 1_500), encodeGif(picture({ width: 1, height: 1 })).subarray(13 + 768)];
    const { grid } = await runSampler("gif", concatBytes([first, ...rest]));
    expect(grid).not.toBeNull();
  });

  test.each([
    // Eight 3-bit codes: 4, the clear code, each time.
    { name: "clear codes without end", body: [255, ...Array.from({ length: 85 }, () => [0x24, 0x49, 0x92]).flat()] },
    { name: "one pixel in each sub-block", body: [1, 0x44] },
    { name: "pixels that never end", body: [255, ...Array<number>(255).fill(0)] },
  ])("$name", async ({ body }) => {
    const { bytesRead, fault } = await runSampler("gif", concatBytes([frameHeader(9_000, 9_000), megabytes(body)]), {
      chunkBytes: 65_536,
    });
    expect(bytesRead).toBeGreaterThan(0);
    expect(fault === null || fault.length > 0).toBe(true);
  });

  test("empty sub-blocks and empty extensions without end", async () => {
    expect(await runSampler("gif", concatBytes([frameHeader(9, 9), megabytes([0])]))).toMatchObject({ grid: null });
    expect(await runSampler("gif", concatBytes([header(9, 9), megabytes([0x21, 0xfe, 0])]))).toMatchObject({
      size: { width: 9, height: 9 },
      fault: "thrown: too many parts",
    });
  });
});
