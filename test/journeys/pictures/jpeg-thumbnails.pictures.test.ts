/** How alike thumbnails of JPEGs and sharp's are, whatever the file: JPEGs of one size and quality, of the same photographs. */
import { readFile } from "node:fs/promises";
import sharp, { type JpegOptions, type Sharp } from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { compareThumbnails, rule } from "../../support/node/thumbnails.ts";

const photos = new URL("../../support/photos/", import.meta.url);
const names = [
  "seeding-16mp-progressive.jpg",
  "sunset-1600.jpg",
  "umang-8mp-baseline.jpg",
  "picos-1200-exif-gps-rotated.jpg",
  "seeding-round-640.png",
] as const;

interface Comparison {
  readonly likeness: number;
  /** Of sharp's. */
  readonly bytes: number;
  /** The most that a channel's average differs. */
  readonly shift: number;
}

async function meansOf(file: Uint8Array): Promise<readonly number[]> {
  const { channels } = await sharp(await sharp(file).toColourspace("srgb").toBuffer()).stats();
  return channels.map(({ mean }) => mean);
}

async function compare(file: Uint8Array): Promise<Comparison> {
  const { ours, theirs, width, height, likeness } = await compareThumbnails(file, "image/jpeg");
  expect(Math.max(width, height)).toBe(rule.maxEdge);
  const [means, theirMeans] = [await meansOf(ours), await meansOf(theirs)];
  return {
    likeness,
    bytes: ours.length / theirs.length,
    shift: Math.max(...means.map((mean, channel) => Math.abs(mean - (theirMeans[channel] ?? mean)))),
  };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
/** The likenesses of all files. */
const all: number[] = [];

function expectAlike(compared: readonly Comparison[]): void {
  const likenesses = compared.map(({ likeness }) => likeness);
  all.push(...likenesses);
  // Where sharp rounds a side of what it shrank, its pixels lie a little aside: of all files together it must be 0.98.
  expect(meanOf(likenesses)).toBeGreaterThanOrEqual(0.975);
  expect(Math.min(...likenesses)).toBeGreaterThanOrEqual(0.94);
  expect(meanOf(compared.map(({ bytes }) => bytes))).toBeLessThanOrEqual(1.03);
  expect(Math.max(...compared.map(({ shift }) => shift))).toBeLessThanOrEqual(3);
}

/** Of that width, upright and opaque. */
async function photographs(width: number): Promise<readonly Sharp[]> {
  const resized = names.map(async (name) => {
    const picture = sharp(await readFile(new URL(name, photos)))
      .rotate()
      .removeAlpha()
      .resize(width);
    const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
    return sharp(data, { raw: { width, height: info.height, channels: info.channels } });
  });
  return Promise.all(resized);
}

test("photographs as they are", async () => {
  const files = names.filter((name) => name.endsWith(".jpg")).map((name) => readFile(new URL(name, photos)));
  expectAlike(await Promise.all((await Promise.all(files)).map(compare)));
});

const forms: Readonly<Record<string, JpegOptions>> = {
  "quality 90": { quality: 90 },
  "quality 40": { quality: 40 },
  "4:4:4": { quality: 85, chromaSubsampling: "4:4:4" },
  "progressive, quality 90": { quality: 90, progressive: true },
  "progressive, quality 75": { quality: 75, progressive: true },
  "progressive, quality 40": { quality: 40, progressive: true },
  "progressive, 4:4:4, scans of mozjpeg": { quality: 75, mozjpeg: true, chromaSubsampling: "4:4:4" },
};

/** Blocks of one, two, four and eight samples. */
describe.each([3000, 1536, 1024, 500])("%i pixels wide", (width) => {
  let pictures: readonly Sharp[] = [];
  beforeAll(async () => {
    pictures = await photographs(width);
  }, 60_000);

  test.each(Object.entries(forms))("%s", async (_, options) => {
    const compared: Comparison[] = [];
    for (const picture of pictures) compared.push(await compare(await picture.clone().jpeg(options).toBuffer()));
    expectAlike(compared);
  });
});

describe("other components", () => {
  let pictures: readonly Sharp[] = [];
  beforeAll(async () => {
    pictures = await photographs(1200);
  }, 60_000);

  test.each([{ progressive: false }, { progressive: true }])("gray, progressive: $progressive", async (options) => {
    const compared: Comparison[] = [];
    for (const picture of pictures) {
      compared.push(await compare(await picture.clone().grayscale().jpeg(options).toBuffer()));
    }
    expectAlike(compared);
  });

  test("CMYK has the light and dark of sharp's, which applies a profile that we do not", async () => {
    for (const picture of pictures) {
      const file = await picture.clone().toColourspace("cmyk").jpeg({ quality: 90 }).toBuffer();
      const { likeness, shift } = await compare(file);
      expect(likeness).toBeGreaterThan(0.7);
      expect(shift).toBeLessThan(40);
    }
  });

  test("a wide gamut becomes sRGB", async () => {
    for (const picture of pictures) {
      const { likeness, shift } = await compare(await picture.clone().withIccProfile("p3").jpeg().toBuffer());
      expect(likeness).toBeGreaterThan(0.94);
      expect(shift).toBeLessThan(3);
    }
  });
});

test("all of them together", () => {
  expect(meanOf(all)).toBeGreaterThanOrEqual(0.98);
});
