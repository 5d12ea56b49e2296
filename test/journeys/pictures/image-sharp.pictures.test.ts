/** The samplers against sharp (libvips) on photographs. In Node, because sharp is native. */
import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { createImageTap } from "../../../src/runtime/image/image-tap.ts";
import { readPalette } from "../../../src/runtime/image/color/palette.ts";
import { fullGrid, gridError, imageFields, sampleGrid } from "../../unit/runtime/image/sampling.ts";

const photos = new URL("../../support/photos/", import.meta.url);
const photo = (name: string): Promise<Uint8Array> => readFile(new URL(name, photos));

async function decodeFully(file: Uint8Array): Promise<{ data: Uint8Array; width: number; height: number }> {
  const { data, info } = await sharp(file)
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

async function expectLikeSharp(file: Uint8Array, allowed: { mean: number; most: number }): Promise<void> {
  const full = await decodeFully(file);
  const error = gridError(await sampleGrid(file, { chunkBytes: 65_536 }), full.data, full.width, full.height);
  expect(error.mean).toBeLessThanOrEqual(allowed.mean);
  expect(error.most).toBeLessThanOrEqual(allowed.most);
}

describe("photographs as they are", () => {
  test.each([
    { name: "seeding-16mp-progressive.jpg", mean: 0.6, most: 4 },
    { name: "umang-8mp-baseline.jpg", mean: 0.6, most: 4 },
    { name: "sunset-1600.jpg", mean: 0.8, most: 12 },
    { name: "picos-1200-exif-gps-rotated.jpg", mean: 1.2, most: 16 },
    { name: "seeding-round-640.png", mean: 0.6, most: 2 },
  ])("$name", async ({ name, mean, most }) => {
    await expectLikeSharp(await photo(name), { mean, most });
  });
});

describe("dominant colour and palette are those of a full decode", () => {
  test.each([
    "seeding-16mp-progressive.jpg",
    "umang-8mp-baseline.jpg",
    "sunset-1600.jpg",
    "picos-1200-exif-gps-rotated.jpg",
    "seeding-round-640.png",
  ])("%s", async (name) => {
    const file = await photo(name);
    const grid = await sampleGrid(file);
    const full = await decodeFully(file);
    const sampled = readPalette(grid) ?? [];
    const expected = readPalette(fullGrid(full.data, full.width, full.height, grid)) ?? [];
    expect(sampled).toHaveLength(expected.length);
    for (const [index, { color, share }] of sampled.entries()) {
      // Which pixels are drawn decides on colours of few of them.
      if (index > 0 && share < 0.1) continue;
      // Colours of about the same share may have changed places.
      const [other = { color: "", share: 0 }] = expected.toSorted(
        (left, right) => distance(left.color, color) - distance(right.color, color),
      );
      expect(Math.abs(share - other.share)).toBeLessThan(0.03);
      expect(distance(other.color, color)).toBeLessThanOrEqual(index === 0 ? 3 : 12);
    }
  });
});

/** The most that one channel differs. */
const distance = (left: string, right: string): number =>
  Math.max(...channelsOf(left).map((value, channel) => Math.abs(value - (channelsOf(right)[channel] ?? 0))));

function channelsOf(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

/** A 1:8 JPEG splits blocks between cells as if they were flat, and jpeg-js does not smooth chroma as libjpeg does. */
describe("photographs as other files", () => {
  const variants: readonly { name: string; convert: (picture: Sharp) => Sharp; mean: number; most: number }[] = [
    { name: "JPEG 4:2:0", convert: (picture) => picture.jpeg({ quality: 80 }), mean: 1.8, most: 20 },
    {
      name: "JPEG 4:4:4",
      convert: (picture) => picture.jpeg({ quality: 95, chromaSubsampling: "4:4:4" }),
      mean: 1.8,
      most: 20,
    },
    {
      name: "JPEG by mozjpeg",
      convert: (picture) => picture.jpeg({ quality: 60, mozjpeg: true }),
      mean: 1.8,
      most: 20,
    },
    { name: "JPEG, gray", convert: (picture) => picture.grayscale().jpeg({ progressive: true }), mean: 1.8, most: 20 },
    { name: "PNG RGB", convert: (picture) => picture.png(), mean: 0.6, most: 12 },
    { name: "PNG RGBA", convert: (picture) => picture.ensureAlpha(0.5).png(), mean: 0.8, most: 12 },
    { name: "PNG, interlaced", convert: (picture) => picture.png({ progressive: true }), mean: 2.5, most: 40 },
    { name: "PNG, palette", convert: (picture) => picture.png({ palette: true, colours: 32 }), mean: 0.8, most: 12 },
    { name: "PNG, 16 bits", convert: (picture) => picture.toColourspace("rgb16").png(), mean: 0.8, most: 12 },
    { name: "PNG, gray", convert: (picture) => picture.grayscale().png(), mean: 0.6, most: 12 },
  ];
  const widths = [1, 9, 333, 511, 512, 1023];

  test.each(variants)("$name", async ({ convert, mean, most }) => {
    const source = await photo("sunset-1600.jpg");
    for (const width of widths)
      await expectLikeSharp(await convert(sharp(source).resize(width)).toBuffer(), { mean, most });
  });
});

test("the dominant colour hardly changes when a picture is encoded again", async () => {
  for (const name of ["sunset-1600.jpg", "umang-8mp-baseline.jpg", "picos-1200-exif-gps-rotated.jpg"]) {
    const resized = sharp(await photo(name)).resize(900);
    const files = [
      { type: "image/jpeg", file: await resized.clone().jpeg({ quality: 75 }).toBuffer() },
      { type: "image/jpeg", file: await resized.clone().jpeg({ quality: 90, progressive: true }).toBuffer() },
      { type: "image/png", file: await resized.clone().png().toBuffer() },
    ];
    const colors = await Promise.all(
      files.map(async ({ type, file }) => {
        const tap = createImageTap(type, imageFields);
        await tap?.push(file);
        return (await tap?.finish())?.dominantColor ?? "";
      }),
    );
    const channels = colors.map(channelsOf);
    for (const color of channels) {
      for (const [channel, value] of color.entries())
        expect(Math.abs(value - (channels[0]?.[channel] ?? 0))).toBeLessThan(6);
    }
  }
});
