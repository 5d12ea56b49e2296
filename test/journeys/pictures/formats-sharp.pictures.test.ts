/** GIF, WebP, AVIF and TIFF against sharp (libvips), and its files against the structure check. In Node, because sharp is native. */
import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { mediaTypes } from "../../../src/contract/media-types.ts";
import { isTurned } from "../../../src/runtime/image/orientation.ts";
import { createStructureTap } from "../../../src/runtime/image/structure/tap.ts";
import { runInChunks, runSampler, type Format } from "../../unit/runtime/image/formats/run-sampler.ts";
import { gridError } from "../../unit/runtime/image/sampling.ts";
import { encodeGif, grayPalette } from "../../support/gif-encoder.ts";

const photos = new URL("../../support/photos/", import.meta.url);
const photo = (name: string): Promise<Uint8Array> => readFile(new URL(name, photos));
const sunset = await photo("sunset-1600.jpg");
const seeding = await photo("seeding-round-640.png");

/** Every pixel counts up to some 1,500 of them along a side; of larger pictures every third, fifth … does. */
const everyPixel = { mean: 0.5, most: 2 };
const everyThird = { mean: 0.5, most: 8 };

async function expectLikeSharp(file: Uint8Array, allowed = everyPixel): Promise<void> {
  const { data, info } = await sharp(file)
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { grid, size } = await runSampler("gif", file, { chunkBytes: 65_536 });
  if (grid === null) throw new Error("no grid");
  expect(size).toEqual({ width: info.width, height: info.height });
  const error = gridError(grid, new Uint8Array(data), info.width, info.height);
  expect(error.mean).toBeLessThanOrEqual(allowed.mean);
  expect(error.most).toBeLessThanOrEqual(allowed.most);
}

describe("GIF: the grid is the average of sharp's pixels", () => {
  const variants: readonly { name: string; convert: (picture: Sharp) => Sharp }[] = [
    { name: "dithered", convert: (picture) => picture.gif() },
    { name: "flat", convert: (picture) => picture.gif({ dither: 0, effort: 1 }) },
    { name: "interlaced", convert: (picture) => picture.gif({ progressive: true, effort: 1 }) },
    { name: "two colours", convert: (picture) => picture.gif({ colours: 2, effort: 1 }) },
    { name: "nineteen colours", convert: (picture) => picture.gif({ colours: 19, effort: 1 }) },
    { name: "gray", convert: (picture) => picture.grayscale().gif({ effort: 1 }) },
  ];
  test.each(variants)("$name", async ({ convert }) => {
    for (const source of [sunset, seeding]) {
      for (const width of [1, 2, 9, 63, 64, 65, 333, 900]) {
        await expectLikeSharp(await convert(sharp(source).resize(width)).toBuffer());
      }
    }
  });

  test("large", async () => {
    for (const dither of [0, 1]) {
      await expectLikeSharp(await sharp(sunset).resize(2310).gif({ dither, effort: 1 }).toBuffer(), everyThird);
    }
  });

  test("offset frames, odd code sizes and transparency of the tests' own encoder", async () => {
    for (let bits = 2; bits <= 8; bits++) {
      const pixel = (x: number, y: number): number => ((x * y) >> 2) & ((1 << bits) - 1);
      const frame = {
        width: 61,
        height: 45,
        left: bits * 3,
        top: 11,
        interlaced: bits % 2 === 0,
        transparent: 1,
        pixel,
        pixelBits: bits,
      };
      await expectLikeSharp(encodeGif({ width: 90, height: 70, palette: grayPalette(1 << bits), frames: [frame] }));
    }
  });

  test("animations: the first frame", async () => {
    const frames = await Promise.all(
      [0, 120, 240].map((turn) => sharp(sunset).resize(90, 60).modulate({ hue: turn }).png().toBuffer()),
    );
    const gif = await sharp(frames, { join: { animated: true } })
      .gif({ effort: 1 })
      .toBuffer();
    await expectLikeSharp(gif);
    expect(await runInChunks("gif", gif)).toMatchObject({ animated: true });
    const webp = await sharp(frames, { join: { animated: true } })
      .webp()
      .toBuffer();
    expect(await runInChunks("webp", webp)).toMatchObject({ animated: true, size: { width: 90, height: 60 } });
  });
});

const encoders: readonly { name: string; format: Format; type: string; convert: (picture: Sharp) => Sharp }[] = [
  { name: "WebP", format: "webp", type: "image/webp", convert: (picture) => picture.webp() },
  {
    name: "WebP, lossless",
    format: "webp",
    type: "image/webp",
    convert: (picture) => picture.webp({ lossless: true }),
  },
  { name: "AVIF", format: "heif", type: "image/avif", convert: (picture) => picture.avif({ effort: 0 }) },
  { name: "TIFF", format: "tiff", type: "image/tiff", convert: (picture) => picture.tiff({ compression: "lzw" }) },
  {
    name: "TIFF, tiled, BigTIFF",
    format: "tiff",
    type: "image/tiff",
    convert: (picture) => picture.tiff({ tile: true, bigtiff: true }),
  },
  { name: "GIF", format: "gif", type: "image/gif", convert: (picture) => picture.gif({ effort: 1 }) },
];

describe.each(encoders)("$name", ({ format, convert }) => {
  test("size and alpha are sharp's", async () => {
    for (const [width, height] of [
      [1, 1],
      [1, 40],
      [33, 17],
      [64, 200],
    ] as const) {
      for (const hasAlpha of [false, true]) {
        const source = sharp(sunset).resize(width, height, { fit: "fill" });
        const file = await convert(hasAlpha ? source.ensureAlpha(0) : source).toBuffer();
        const metadata = await sharp(file).metadata();
        const sampled = await runInChunks(format, file);
        expect(sampled).toMatchObject({ size: { width: metadata.width, height: metadata.height }, animated: false });
        expect(sampled.hasAlpha).toBe(metadata.hasAlpha);
      }
    }
  });

  test("the shown size is sharp's in every orientation", async () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const file = await convert(sharp(sunset).resize(40, 24).withMetadata({ orientation })).toBuffer();
      const { autoOrient } = await sharp(file).metadata();
      const sampled = await runInChunks(format, file);
      const [width, height] = [sampled.size?.width, sampled.size?.height];
      expect(isTurned(sampled.orientation) ? { width: height, height: width } : { width, height }).toEqual(autoOrient);
      if (format !== "gif") expect(sampled.orientation).toBe(orientation);
    }
  });
});

async function check(type: string, file: Uint8Array): Promise<string | null> {
  const tap = createStructureTap(type);
  for (let at = 0; at < file.length; at += 10_000) await tap?.push(file.subarray(at, at + 10_000));
  return tap === null ? "cannot be checked" : tap.finish();
}

const checkable = encoders.filter(({ type }) => mediaTypes.get(type)?.walked === true);

test.each(checkable)("$name: a whole file has a whole structure", async ({ type, convert }) => {
  for (const hasMetadata of [false, true]) {
    const resized = sharp(sunset).resize(90);
    const file = await convert(hasMetadata ? resized.withMetadata({ orientation: 6 }) : resized).toBuffer();
    expect(await check(type, file)).toBeNull();
    expect(await check(type, file.subarray(0, -1))).toBeTypeOf("string");
    expect(await check(type, Buffer.concat([file, Buffer.of(1)]))).toBeTypeOf("string");
    // Padding is honest.
    expect(await check(type, Buffer.concat([file, Buffer.of(0)]))).toBeNull();
  }
});

describe("the structure of photographs", () => {
  const names = [
    "seeding-16mp-progressive.jpg",
    "umang-8mp-baseline.jpg",
    "sunset-1600.jpg",
    "picos-1200-exif-gps-rotated.jpg",
  ];
  test.each(names)("%s", async (name) => {
    const file = await photo(name);
    expect(await check("image/jpeg", file)).toBeNull();
    expect(await check("image/jpeg", file.subarray(0, -1))).toBeTypeOf("string");
  });

  test("PNG and JPEG as sharp writes them", async () => {
    expect(await check("image/png", seeding)).toBeNull();
    for (const options of [{}, { progressive: true }, { palette: true }]) {
      expect(await check("image/png", await sharp(seeding).png(options).withMetadata().toBuffer())).toBeNull();
    }
    for (const options of [{}, { progressive: true }, { mozjpeg: true }]) {
      expect(await check("image/jpeg", await sharp(sunset).jpeg(options).withMetadata().toBuffer())).toBeNull();
    }
  });
});
