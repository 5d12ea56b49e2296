/** How alike thumbnails and sharp's are: JPEGs of one size and quality, made of the same photographs. */
import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { paintPhotographs } from "../../support/node/gallery.ts";
import { compareThumbnails, rule } from "../../support/node/thumbnails.ts";

const photos = new URL("../../support/photos/", import.meta.url);

interface Comparison {
  readonly likeness: number;
  /** Of sharp's. */
  readonly bytes: number;
}

async function compare(file: Uint8Array, type: string): Promise<Comparison> {
  const { ours, theirs, width, height, likeness } = await compareThumbnails(file, type);
  expect(Math.max(width, height)).toBe(rule.maxEdge);
  return { likeness, bytes: ours.length / theirs.length };
}

/** With waves of alpha, some of it 0, some 255. */
async function withAlpha(picture: Sharp): Promise<Sharp> {
  const { data, info } = await picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  for (let pixel = 0; pixel < info.width * info.height; pixel++) {
    const [x, y] = [pixel % info.width, Math.floor(pixel / info.width)];
    data[pixel * 4 + 3] = Math.max(0, Math.min(255, 128 + 250 * Math.sin(x / 60) * Math.cos(y / 70)));
  }
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 4 } });
}

const forms: readonly { name: string; type: string; encode: (picture: Sharp) => Sharp | Promise<Sharp> }[] = [
  { name: "PNG", type: "image/png", encode: (picture) => picture.png({ compressionLevel: 1 }) },
  {
    name: "PNG, adaptive filters",
    type: "image/png",
    encode: (picture) => picture.png({ compressionLevel: 1, adaptiveFiltering: true }),
  },
  {
    name: "PNG, Adam7",
    type: "image/png",
    encode: (picture) => picture.png({ compressionLevel: 1, progressive: true }),
  },
  { name: "PNG, palette", type: "image/png", encode: (picture) => picture.png({ palette: true, effort: 1 }) },
  {
    name: "PNG, 16 bits",
    type: "image/png",
    encode: (picture) => picture.toColourspace("rgb16").png({ compressionLevel: 1 }),
  },
  { name: "PNG, gray", type: "image/png", encode: (picture) => picture.grayscale().png({ compressionLevel: 1 }) },
  {
    name: "PNG, alpha",
    type: "image/png",
    encode: async (picture) => (await withAlpha(picture)).png({ compressionLevel: 1 }),
  },
  { name: "GIF", type: "image/gif", encode: (picture) => picture.gif({ effort: 1 }) },
];

let photographs: readonly Uint8Array[] = [];
beforeAll(async () => {
  const own = ["seeding-16mp-progressive.jpg", "umang-8mp-baseline.jpg", "sunset-1600.jpg", "seeding-round-640.png"];
  const painted = await paintPhotographs();
  photographs = [
    ...(await Promise.all(own.map((name) => readFile(new URL(name, photos))))),
    ...painted.filter((_, index) => index % 2 === 0).map(({ png }) => png),
  ];
}, 60_000);

describe.each([1000, 500])("%i pixels wide", (width) => {
  test.each(forms)("$name", async ({ type, encode }) => {
    const compared: Comparison[] = [];
    for (const photograph of photographs) {
      const small = await sharp(photograph)
        .rotate()
        .removeAlpha()
        .resize(width)
        .png({ compressionLevel: 1 })
        .toBuffer();
      compared.push(await compare(await (await encode(sharp(small))).toBuffer(), type));
    }
    const likenesses = compared.map(({ likeness }) => likeness);
    const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(meanOf(likenesses)).toBeGreaterThanOrEqual(0.98);
    expect(Math.min(...likenesses)).toBeGreaterThanOrEqual(0.94);
    expect(meanOf(compared.map(({ bytes }) => bytes))).toBeLessThanOrEqual(1.02);
  });
});
