/** Thumbnails of PNGs and GIFs, as the image tap gives them. */
import { describe, expect, test } from "vitest";
import { createImageTap } from "../../../../../src/runtime/image/image-tap.ts";
import { making } from "../../../../../src/runtime/image/thumbnail/making.ts";
import type { Thumbnail } from "../../../../../src/runtime/image/thumbnail/thumbnail.ts";
import { encodeGif, expectedPixels, grayPalette, type GifOptions } from "../../../../support/gif-encoder.ts";
import { d50, gammaCurve, rgbProfile } from "../../../../support/icc-profile.ts";
import { concatBytes, encodePng, pngChunk, type PngOptions } from "../../../../support/png-encoder.ts";
import {
  colorAt,
  decode,
  expectColor,
  expectQuarters,
  height,
  inspect,
  item,
  paletteBytes,
  quarterOf,
  quarters,
  quartersPng,
  rule,
  thumbnailOf,
  width,
  type Color,
} from "./quarters.ts";

describe("every kind of PNG", () => {
  const kinds = [
    { colorType: 2, depth: 8 },
    { colorType: 2, depth: 16 },
    { colorType: 6, depth: 8 },
    { colorType: 6, depth: 16 },
    ...[2, 4, 8].map((depth) => ({ colorType: 3, depth })),
  ];
  test.each(kinds.flatMap((kind) => [false, true].map((interlaced) => ({ ...kind, interlaced }))))(
    "colour type $colorType, $depth bits, interlaced: $interlaced",
    async (kind) => {
      expectQuarters(decode(await thumbnailOf(await quartersPng(kind))));
    },
  );

  test.each(
    [1, 2, 4, 8, 16].flatMap((depth) => [{ colorType: 0, depth }, ...(depth >= 8 ? [{ colorType: 4, depth }] : [])]),
  )("gray: colour type $colorType, $depth bits", async ({ colorType, depth }) => {
    const most = 2 ** depth - 1;
    const level = (x: number, y: number): number => (quarterOf(x, y, width, height) * most) / 3;
    const file = await quartersPng({
      colorType,
      depth,
      pixel: (x, y) => [Math.round(level(x, y)), ...(colorType === 4 ? [most] : [])],
    });
    const pixels = decode(await thumbnailOf(file));
    for (const [x, y] of [
      [0, 0],
      [width - 1, 0],
      [0, height - 1],
      [width - 1, height - 1],
    ] as const) {
      const gray = (Math.round(level(x, y)) * 255) / most;
      const at = [Math.floor((x * pixels.width) / width), Math.floor((y * pixels.height) / height)] as const;
      expectColor(pixels, at, [gray, gray, gray], 8);
    }
  });

  test("any chunking gives the same bytes", async () => {
    for (const interlaced of [false, true]) {
      const file = await quartersPng({ colorType: 6, depth: 8, interlaced, idatBytes: 50 });
      const whole = await inspect(file, [rule(40)]);
      for (const chunkBytes of [1, 7, 64]) expect(await inspect(file, [rule(40)], { chunkBytes })).toEqual(whole);
    }
  });

  test("interlacing changes nothing", async () => {
    const both = await Promise.all(
      [false, true].map(async (way) => thumbnailOf(await quartersPng({ colorType: 2, depth: 8, interlaced: way }))),
    );
    const [one, other] = [decode(item(both, 0)), decode(item(both, 1))];
    for (let y = 0; y < one.height; y++) {
      for (let x = 0; x < one.width; x++) expectColor(other, [x, y], colorAt(one, x, y) as unknown as Color, 2);
    }
  });

  test("all pixels count: a pattern that alternates is its average", async () => {
    const file = await encodePng({
      width: 400,
      height: 300,
      colorType: 2,
      depth: 8,
      pixel: (x, y) => ((x + y) % 2 === 0 ? [255, 0, 100] : [0, 255, 100]),
    });
    const pixels = decode(await thumbnailOf(file));
    for (const at of [
      [0, 0],
      [20, 15],
      [39, 29],
    ] as const)
      expectColor(pixels, at, [128, 128, 100]);
  });
});

describe("what is transparent shows the background", () => {
  const teal: Color = [20, 150, 160];
  const halves =
    (alpha: number): PngOptions["pixel"] =>
    (x) =>
      x < width / 2 ? [200, 40, 40, alpha] : [9, 9, 9, 0];

  test.each([8, 16])("alpha of %i bits", async (depth) => {
    const scale = depth === 16 ? 257 : 1;
    const file = await encodePng({
      width,
      height,
      colorType: 6,
      depth,
      pixel: (x, y) => halves(128)(x, y).map((value) => value * scale),
    });
    for (const background of [teal, [255, 255, 255], [0, 0, 0]] as const) {
      const pixels = decode(await thumbnailOf(file, rule(40, "small", background)));
      expectColor(pixels, [30, 15], background);
      const mixed = background.map((value, channel) => (value + ([200, 40, 40][channel] ?? 0)) / 2);
      expectColor(pixels, [8, 15], mixed as unknown as Color);
    }
  });

  test("a palette's alpha, and one colour that is transparent", async () => {
    const transparency = Uint8Array.of(255, 0, 255, 255);
    const palette = decode(
      await thumbnailOf(await quartersPng({ colorType: 3, depth: 2, transparency }), rule(40, "small", teal)),
    );
    expectColor(palette, [10, 7], item(quarters, 0));
    expectColor(palette, [30, 7], teal);
    const key = Uint8Array.from(item(quarters, 1).flatMap((value) => [0, value]));
    const keyed = decode(
      await thumbnailOf(await quartersPng({ colorType: 2, depth: 8, transparency: key }), rule(40, "small", teal)),
    );
    expectColor(keyed, [10, 7], item(quarters, 0));
    expectColor(keyed, [30, 7], teal);
  });

  test("each rule has its own", async () => {
    const file = await encodePng({ width, height, colorType: 6, depth: 8, pixel: halves(255) });
    const backgrounds: readonly Color[] = [teal, teal, [250, 240, 10]];
    const { thumbnails } = await inspect(
      file,
      backgrounds.map((color, index) => rule(60 - index * 10, `n${index}`, color)),
    );
    for (const [index, thumbnail] of (thumbnails ?? []).entries()) {
      const pixels = decode(thumbnail);
      expect(pixels.width).toBe(60 - index * 10);
      expectColor(pixels, [Math.floor(pixels.width * 0.75), 10], item(backgrounds, index));
      expectColor(pixels, [Math.floor(pixels.width * 0.25), 10], [200, 40, 40]);
    }
    expect(thumbnails).toHaveLength(3);
  });

  test("where a file ends too early, or holds nonsense", async () => {
    const file = await quartersPng({ colorType: 2, depth: 8, filterOf: () => 0, idatBytes: 64 });
    const { thumbnails } = await inspect(file.subarray(0, file.length * 0.55), [rule(40, "small", teal)]);
    const pixels = decode(thumbnails?.[0] as Thumbnail);
    expectColor(pixels, [10, 3], item(quarters, 0));
    expectColor(pixels, [10, 27], teal);
    const filters = await quartersPng({ colorType: 2, depth: 8, filterOf: (row) => (row < 60 ? 0 : 9) });
    const seen = decode((await inspect(filters, [rule(40, "small", teal)])).thumbnails?.[0] as Thumbnail);
    expectColor(seen, [30, 10], item(quarters, 1));
    expectColor(seen, [30, 27], teal);
  });
});

describe("GIF", () => {
  const gif = (options: Partial<GifOptions["frames"][number]>, screen = { width, height }): GifOptions => ({
    ...screen,
    palette: concatBytes([paletteBytes, Uint8Array.from({ length: 12 }, () => 0)]),
    frames: [{ width, height, pixelBits: 3, pixel: (x, y) => quarterOf(x, y, width, height), ...options }],
  });

  test.each([false, true])("a whole frame, interlaced: %s", async (interlaced) => {
    expectQuarters(decode(await thumbnailOf(encodeGif(gif({ interlaced })))));
  });

  test.each([false, true])("a frame within a larger screen, interlaced: %s", async (interlaced) => {
    const options = gif({ left: 80, top: 60, interlaced }, { width: 320, height: 240 });
    const background: Color = [10, 120, 240];
    const pixels = decode(await thumbnailOf(encodeGif(options), rule(80, "small", background)));
    expect([pixels.width, pixels.height]).toEqual([80, 60]);
    const rgba = expectedPixels(options);
    for (const [x, y] of [
      [4, 4],
      [76, 56],
      [30, 22],
      [50, 22],
      [30, 38],
      [50, 38],
      [40, 5],
      [5, 30],
    ] as const) {
      const at = ((y * 4 + 2) * 320 + x * 4 + 2) * 4;
      const color = rgba[at + 3] === 0 ? background : ([...rgba.subarray(at, at + 3)] as unknown as Color);
      expectColor(pixels, [x, y], color, 8);
    }
  });

  test("a transparent colour, and colours beyond a short table", async () => {
    const transparent = decode(await thumbnailOf(encodeGif(gif({ transparent: 1 }))));
    expectColor(transparent, [30, 7], [255, 255, 255]);
    expectColor(transparent, [10, 7], item(quarters, 0));
    const short = { ...gif({}), palette: paletteBytes.subarray(0, 6) };
    expectColor(decode(await thumbnailOf(encodeGif(short))), [10, 22], [255, 255, 255]);
  });

  test("of an animation, the first frame", async () => {
    const options = gif({});
    const first = item(options.frames, 0);
    const other = {
      ...options,
      frames: [...options.frames, { ...first, pixel: () => 0 }],
    };
    expectQuarters(decode(await thumbnailOf(encodeGif(other))));
  });

  test("a file that ends too early", async () => {
    const noisy = encodeGif({
      width: 300,
      height: 200,
      palette: grayPalette(256),
      frames: [{ width: 300, height: 200, pixel: (x, y) => (Math.imul(x + y * 300, 2_654_435_761) >>> 25) + 100 }],
    });
    const { thumbnails } = await inspect(noisy.subarray(0, noisy.length / 2), [rule(60, "small", [0, 0, 255])]);
    const pixels = decode(thumbnails?.[0] as Thumbnail);
    expectColor(pixels, [30, 37], [0, 0, 255]);
    expectColor(pixels, [30, 3], [163, 163, 163], 25);
  });
});

describe("sizes", () => {
  test.each([
    { size: [1, 1], edge: 320, told: [1, 1] },
    { size: [40, 30], edge: 40, told: [40, 30] },
    { size: [41, 30], edge: 40, told: [40, 29] },
    { size: [1, 60_000], edge: 320, told: [1, 320] },
    { size: [60_000, 1], edge: 320, told: [320, 1] },
    { size: [3, 900], edge: 16, told: [1, 16] },
    { size: [333, 250], edge: 32, told: [32, 24] },
  ] as const)("$size at $edge", async ({ size: [across, down], edge, told }) => {
    const isWhole = Math.max(across, down) <= edge;
    const png = await encodePng({ width: across, height: down, colorType: 0, depth: 8, pixel: () => [90] });
    const gif = encodeGif({
      width: across,
      height: down,
      palette: grayPalette(256),
      frames: [{ width: across, height: down, pixel: () => 90 }],
    });
    for (const file of [png, gif]) {
      const thumbnail = await thumbnailOf(file, rule(edge));
      expect([thumbnail.width, thumbnail.height]).toEqual(told);
      expect(thumbnail.jpeg === null).toBe(isWhole);
      if (!isWhole) expectColor(decode(thumbnail), [0, 0], [90, 90, 90]);
    }
  });

  test("a picture stands for those of its thumbnails that are no smaller", async () => {
    const file = await quartersPng({ colorType: 2, depth: 8 });
    const { thumbnails } = await inspect(file, [rule(500, "large"), rule(160, "medium"), rule(50, "small")]);
    expect(thumbnails?.map(({ name, jpeg, ...size }) => ({ name, ...size, isMade: jpeg !== null }))).toEqual([
      { name: "large", width, height, isMade: false },
      { name: "medium", width, height, isMade: false },
      { name: "small", width: 50, height: 38, isMade: true },
    ]);
  });
});

/** An eXIf chunk that tells nothing else. */
const orientationChunk = (orientation: number): Uint8Array =>
  pngChunk(
    "eXIf",
    Uint8Array.of(0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0),
  );

test.each([
  { orientation: 1, order: [0, 1, 2, 3] },
  { orientation: 2, order: [1, 0, 3, 2] },
  { orientation: 3, order: [3, 2, 1, 0] },
  { orientation: 4, order: [2, 3, 0, 1] },
  { orientation: 5, order: [0, 2, 1, 3] },
  { orientation: 6, order: [2, 0, 3, 1] },
  { orientation: 7, order: [3, 1, 2, 0] },
  { orientation: 8, order: [1, 3, 0, 2] },
])("upright, from orientation $orientation, told before or after the pixels", async ({ orientation, order }) => {
  for (const place of ["before", "after"]) {
    const file = await quartersPng({ colorType: 2, depth: 8, [place]: [orientationChunk(orientation)] });
    const pixels = decode(await thumbnailOf(file));
    expect([pixels.width, pixels.height]).toEqual(orientation > 4 ? [30, 40] : [40, 30]);
    expectQuarters(pixels, order, 12);
    const whole = await thumbnailOf(file, rule(160));
    expect([whole.width, whole.height, whole.jpeg]).toEqual(orientation > 4 ? [120, 160, null] : [160, 120, null]);
  }
});

test("colours are made those of sRGB, but the background is of it already", async () => {
  const linear = rgbProfile(d50.srgb, gammaCurve(1));
  const deflated = new Blob([linear.slice()]).stream().pipeThrough(new CompressionStream("deflate"));
  const body = concatBytes([Uint8Array.of(65, 0, 0), new Uint8Array(await new Response(deflated).arrayBuffer())]);
  const file = await encodePng({
    width,
    height,
    colorType: 6,
    depth: 8,
    before: [pngChunk("iCCP", body)],
    pixel: (x) => (x < width / 2 ? [55, 55, 55, 255] : [1, 2, 3, 0]),
  });
  for (const background of [
    [255, 255, 255],
    [100, 180, 90],
    [0, 0, 0],
  ] as const) {
    const pixels = decode(await thumbnailOf(file, rule(40, "small", background)));
    // 55 / 255 of the light.
    expectColor(pixels, [8, 15], [128, 128, 128]);
    expectColor(pixels, [32, 15], background);
  }
});

describe("none", () => {
  test("without a wish", async () => {
    const file = await quartersPng({ colorType: 2, depth: 8 });
    const tap = createImageTap("image/png", new Set(["width"]));
    await tap?.push(file);
    expect(await tap?.finish()).toMatchObject({ width, thumbnails: null });
  });

  test("of a picture that is too large, takes too much work, or shows nothing", async () => {
    const file = await quartersPng({ colorType: 2, depth: 8 });
    const work = width * height * 3;
    expect(await inspect(file, [rule(40)], { limits: { maxPixels: width * height - 1 } })).toMatchObject({
      thumbnails: null,
      fault: "more than 19199 pixels",
    });
    expect(await inspect(file, [rule(40)], { limits: { maxWork: work } })).toMatchObject({
      thumbnails: null,
      fault: `more than ${work} units of work`,
    });
    expect(await inspect(file.subarray(0, 60), [rule(40)])).toMatchObject({ thumbnails: null });
    const gif = encodeGif({ width: 90, height: 90, palette: grayPalette(4), frames: [] });
    expect(await inspect(gif, [rule(40)])).toMatchObject({ thumbnails: null });
  });

  test("of a picture that is wider than JPEGs and GIFs can be", async () => {
    const fileOf = (across: number): Promise<Uint8Array> =>
      encodePng({ width: across, height: 1, colorType: 0, depth: 1, pixel: () => [1] });
    expect((await inspect(await fileOf(65_535), [rule(40)])).thumbnails).toHaveLength(1);
    expect(await inspect(await fileOf(65_536), [rule(40)])).toMatchObject({ thumbnails: null, fault: null });
  });

  test("of formats that are not decoded", async () => {
    const tap = createImageTap("image/webp", new Set(), {}, undefined, { making, rules: [rule(40)] });
    await tap?.push(new TextEncoder().encode("RIFF\x20\0\0\0WEBPVP8L\x05\0\0\0\x2f\x63\xc0\x18\0\0\0\0"));
    expect((await tap?.finish())?.thumbnails).toBeNull();
  });
});
