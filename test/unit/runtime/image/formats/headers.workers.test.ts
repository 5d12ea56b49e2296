/** Formats of which only the header is read: size, orientation, animation and alpha. */
import { describe, expect, test } from "vitest";
import { createImageTap } from "../../../../../src/runtime/image/image-tap.ts";
import {
  aperture,
  bigEndian,
  bmp,
  box,
  bytesOf,
  extents,
  fileType,
  film,
  fullBox,
  ico,
  iconBitmap,
  largeBox,
  littleEndian,
  metaBox,
  riffChunk,
  tiff,
  tiffOf,
  vp8,
  vp8l,
  vp8x,
  webp,
} from "../../../../support/header-files.ts";
import { exifOrientation } from "../../../../support/jpeg-encoder.ts";
import { concatBytes, pngHeader, pngSignature } from "../../../../support/png-encoder.ts";
import { runInChunks, runSampler, type Format, type Sampled } from "./run-sampler.ts";

const animation = 2;
const exifFlag = 8;
const alpha = 16;
const exif = (orientation: number, prefix = ""): Uint8Array =>
  riffChunk("EXIF", bytesOf(prefix, exifOrientation(orientation, true)));
const rotation = (turns: number): Uint8Array => box("irot", Uint8Array.of(turns));
const mirror = (axis: number): Uint8Array => box("imir", Uint8Array.of(axis));
const auxiliary = (type: string): Uint8Array => fullBox("auxC", 0, 0, bytesOf(type, 0));
const heic = (...properties: readonly Uint8Array[]): Uint8Array =>
  concatBytes([fileType("heic"), metaBox({ properties })]);
const heicMeta = metaBox({ properties: [extents(9, 8)] });
/** The first box without its size: it ends where the file does. */
const endless = (file: Uint8Array): Uint8Array => bytesOf(bigEndian(0, 4), file.subarray(4));
/** With half a megabyte of pixels before its properties. */
const padded = (meta: Uint8Array): Uint8Array =>
  fullBox("meta", 0, 0, box("idat", new Uint8Array(500_000)), meta.subarray(12));
const metaOf = (bytes: number): Uint8Array =>
  fullBox("meta", 0, 0, fullBox("pitm", 0, 0, bigEndian(1, 2)), box("iprp", new Uint8Array(bytes)));
const mdat = box("mdat", new Uint8Array(5000).fill(0x66));

/** A first directory, and one of a full picture behind it. */
const raw = (...first: readonly (readonly [tag: number, ...values: number[]])[]): Uint8Array =>
  tiffOf(first, [
    [254, 0],
    [256, 4032],
    [257, 3024],
  ]);

type Known = Partial<Pick<Sampled, "orientation" | "animated" | "hasAlpha">>;
type Row = readonly [name: string, format: Format, file: Uint8Array, width: number, height: number, known?: Known];

const still = { animated: false };
const frame = riffChunk("ANMF", new Uint8Array(24));
const rows: readonly Row[] = [
  ["lossy", "webp", webp(vp8(1, 16_383)), 1, 16_383, { ...still, hasAlpha: false }],
  ["lossy that asks for scaling", "webp", webp(vp8(300 + 0x4000, 200 + 0xc000)), 300, 200],
  ["lossless", "webp", webp(vp8l(16_384, 1, false)), 16_384, 1, { ...still, hasAlpha: false }],
  ["lossless with alpha", "webp", webp(vp8l(17, 16_384, true)), 17, 16_384, { ...still, hasAlpha: true }],
  ["extended", "webp", webp(vp8x(70_000, 3, 0), vp8(1, 1)), 70_000, 3, { ...still, hasAlpha: false }],
  ["extended, alpha", "webp", webp(vp8x(16_777_216, 1, alpha), vp8(1, 1)), 16_777_216, 1, { ...still, hasAlpha: true }],
  ["extended, animated", "webp", webp(vp8x(5, 4, animation), frame, frame), 5, 4, { animated: true }],
  ["an animation of one frame", "webp", webp(vp8x(5, 4, animation), frame, vp8(1, 1)), 5, 4, still],
  ["frames that are not announced", "webp", webp(vp8x(5, 4, 0), frame, frame), 5, 4, still],
  [
    "an animation with EXIF",
    "webp",
    webp(vp8x(5, 4, animation + exifFlag), frame, frame, exif(6)),
    5,
    4,
    { animated: true, orientation: 6 },
  ],
  ["EXIF", "webp", webp(vp8x(5, 4, exifFlag), vp8(1, 1, 8), exif(6)), 5, 4, { orientation: 6 }],
  ["EXIF as in a JPEG", "webp", webp(vp8x(5, 4, exifFlag), vp8(1, 1), exif(8, "Exif\0\0")), 5, 4, { orientation: 8 }],
  ["EXIF that is not announced", "webp", webp(vp8x(5, 4, 0), vp8(1, 1), exif(6)), 5, 4, { orientation: 1 }],
  ["EXIF that is missing", "webp", webp(vp8x(5, 4, exifFlag), vp8(1, 1)), 5, 4, { orientation: 1 }],
  ["EXIF too long to hold", "webp", webp(vp8x(5, 4, exifFlag), riffChunk("EXIF", new Uint8Array(65_537))), 5, 4],

  ["HEIC", "heif", heic(extents(4032, 3024)), 4032, 3024, { orientation: 1, animated: false, hasAlpha: false }],
  ["AVIF", "heif", concatBytes([fileType("avif", "mif1"), metaBox({ properties: [extents(1, 1)] })]), 1, 1, still],
  [
    "AVIF sequence",
    "heif",
    concatBytes([fileType("avis"), metaBox({ properties: [extents(9, 8)] }), film(20, 20)]),
    9,
    8,
    { animated: true },
  ],
  ["its film first", "heif", concatBytes([fileType("avis"), film(20, 20), heicMeta]), 9, 8, { animated: true }],
  ["a film alone", "heif", concatBytes([fileType("msf1"), film(20, 10)]), 20, 10, { orientation: 1, animated: true }],
  ["a film of 64-bit times", "heif", concatBytes([fileType("msf1"), film(20, 10, [1, 0], 1)]), 20, 10],
  ["a film turned", "heif", concatBytes([fileType("msf1"), film(20, 10, [0, 1])]), 20, 10, { orientation: 6 }],
  ["sound before the film", "heif", concatBytes([fileType("msf1"), film(0, 0), film(20, 10)]), 20, 10],
  ["a brand for sequences without a film", "heif", concatBytes([fileType("heic", "hevc"), heicMeta]), 9, 8, still],
  ["a film behind a single picture", "heif", concatBytes([fileType("heic"), film(20, 20), heicMeta]), 9, 8, still],
  ["meta that ends with the file", "heif", concatBytes([fileType("avif"), endless(heicMeta)]), 9, 8, still],
  ["a large meta", "heif", concatBytes([fileType("avif"), padded(heicMeta)]), 9, 8, still],
  ["a clean aperture", "heif", heic(extents(452, 462), aperture(451, 1, 922, 2)), 451, 461],
  ["one larger than the picture", "heif", heic(extents(4, 4), aperture(5, 1, 4, 1)), 4, 4],
  ["one of no size", "heif", heic(extents(4, 4), aperture(1, 0, 1, 0)), 4, 4],
  ["a brand for sequences further on", "heif", concatBytes([fileType("mif1", "msf1"), heic(extents(9, 8))]), 9, 8],
  [
    "meta behind the pixels",
    "heif",
    concatBytes([fileType("heic"), mdat, metaBox({ properties: [extents(9, 8)] })]),
    9,
    8,
  ],
  [
    "a large box before meta",
    "heif",
    concatBytes([fileType("heic"), largeBox("free", mdat), metaBox({ properties: [extents(9, 8)] })]),
    9,
    8,
  ],
  [
    "ids and indexes of many bits",
    "heif",
    concatBytes([fileType("heic"), metaBox({ properties: [extents(9, 8), rotation(1)], primary: 70_000, wide: true })]),
    9,
    8,
    { orientation: 8 },
  ],
  [
    "the primary item among others",
    "heif",
    concatBytes([
      fileType("heic"),
      metaBox({
        properties: [extents(320, 240), extents(9, 8), rotation(3)],
        primary: 2,
        items: { 1: [1], 2: [2, 3], 3: [1] },
      }),
    ]),
    9,
    8,
    { orientation: 6 },
  ],
  [
    "alpha of AV1",
    "heif",
    heic(extents(9, 8), auxiliary("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha")),
    9,
    8,
    { hasAlpha: true },
  ],
  ["alpha of HEVC", "heif", heic(extents(9, 8), auxiliary("urn:mpeg:hevc:2015:auxid:1")), 9, 8, { hasAlpha: true }],
  ["a depth map", "heif", heic(extents(9, 8), auxiliary("urn:mpeg:hevc:2015:auxid:2")), 9, 8, { hasAlpha: false }],
  [
    "a property that is not there",
    "heif",
    concatBytes([fileType("heic"), metaBox({ properties: [extents(9, 8)], items: { 1: [1, 0, 7] } })]),
    9,
    8,
  ],

  ...[12, 16, 40, 52, 56, 64, 108, 124].map((bytes): Row => [
    `header of ${bytes} bytes`,
    "bmp",
    bmp(320, 200, bytes),
    320,
    200,
    still,
  ]),
  ["rows from the top", "bmp", bmp(320, -200), 320, 200],
  ["the largest", "bmp", bmp(0x7fffffff, -0x80000000), 0x7fffffff, 0x80000000],
  ["the largest of the oldest kind", "bmp", bmp(65_535, 65_535, 12), 65_535, 65_535],

  ...[true, false].flatMap((little): Row[] => {
    const order = little ? "little-endian" : "big-endian";
    return [
      [
        order,
        "tiff",
        tiff({ width: 320, height: 200, little }),
        320,
        200,
        { orientation: 1, animated: false, hasAlpha: false },
      ],
      [`${order}, sides of 32 bits`, "tiff", tiff({ width: 70_000, height: 200, little, sideType: 4 }), 70_000, 200],
      [
        `${order}, turned`,
        "tiff",
        tiff({ width: 320, height: 200, little, orientation: 8 }),
        320,
        200,
        { orientation: 8 },
      ],
      [
        `${order}, an orientation that is none`,
        "tiff",
        tiff({ width: 320, height: 200, little, orientation: 9 }),
        320,
        200,
        { orientation: 1 },
      ],
      [`${order}, the directory behind the pixels`, "tiff", tiff({ width: 3, height: 2, little, gap: 10_000 }), 3, 2],
      [
        `${order}, BigTIFF`,
        "tiff",
        tiff({ width: 320, height: 200, little, big: true, orientation: 5 }),
        320,
        200,
        { orientation: 5 },
      ],
      [
        `${order}, BigTIFF, sides of 64 bits`,
        "tiff",
        tiff({ width: 320, height: 200, little, big: true, sideType: 16, gap: 99 }),
        320,
        200,
      ],
    ];
  }),

  [
    "a raw file: sides of the largest version",
    "tiff",
    raw([254, 1], [256, 160], [257, 120], [330, 70, 62]),
    4032,
    3024,
  ],
  ["a version in one place", "tiff", raw([256, 160], [257, 120], [330, 50]), 4032, 3024],
  ["pages: the first", "tiff", raw([256, 160], [257, 120]), 160, 120],
  ["versions that are listed behind themselves", "tiff", raw([256, 160], [257, 120], [330, 8, 8]), 160, 120],

  ["one picture", "ico", ico([[16, 32]]), 16, 32, still],
  [
    "the largest of several",
    "ico",
    ico([
      [16, 16],
      [48, 48],
      [32, 32],
    ]),
    48,
    48,
  ],
  [
    "256, which is written as 0",
    "ico",
    ico([
      [16, 16],
      [256, 256],
      [32, 32],
    ]),
    256,
    256,
  ],
  ["a bitmap larger than its entry says", "ico", ico([[16, 16]], [iconBitmap(48, 40)]), 48, 40],
  [
    "a PNG larger than an entry can say",
    "ico",
    ico([[0, 0]], [concatBytes([pngSignature, pngHeader(512, 500, 8, 6)])]),
    512,
    500,
  ],
  [
    "entries that promise too much",
    "ico",
    ico(
      [
        [0, 0],
        [64, 64],
      ],
      [iconBitmap(16, 16), iconBitmap(24, 24)],
    ),
    24,
    24,
  ],
  ["a picture that is none", "ico", ico([[16, 16]], [new Uint8Array(60)]), 16, 16],
];

const cases = rows.map(([name, format, file, width, height, known = {}]) => ({
  name,
  format,
  file,
  width,
  height,
  known,
}));

test.each(cases)("$format: $name", async ({ format, file, width, height, known }) => {
  const sampled = await runInChunks(format, file);
  expect(sampled).toMatchObject({ size: { width, height }, grid: null, fault: null, ...known });
});

describe("turns and mirrorings of HEIF in EXIF's terms", () => {
  /** Quarter turns are counter-clockwise; axis 1 mirrors left and right, 0 top and bottom. */
  test.each([
    { orientation: 1, steps: [rotation(0)] },
    { orientation: 8, steps: [rotation(1)] },
    { orientation: 3, steps: [rotation(2)] },
    { orientation: 6, steps: [rotation(3)] },
    { orientation: 2, steps: [mirror(1)] },
    { orientation: 4, steps: [mirror(0)] },
    { orientation: 5, steps: [rotation(1), mirror(0)] },
    { orientation: 7, steps: [rotation(3), mirror(0)] },
    { orientation: 7, steps: [rotation(1), mirror(1)] },
    { orientation: 5, steps: [rotation(3), mirror(1)] },
    { orientation: 5, steps: [mirror(1), rotation(1)] },
    { orientation: 7, steps: [mirror(1), rotation(3)] },
    { orientation: 3, steps: [mirror(0), mirror(1)] },
    { orientation: 1, steps: [rotation(3), rotation(1)] },
  ])("$orientation", async ({ orientation, steps }) => {
    expect(await runInChunks("heif", heic(extents(9, 8), ...steps))).toMatchObject({
      size: { width: 9, height: 8 },
      orientation,
    });
  });
});

const faults: readonly (readonly [name: string, format: Format, file: Uint8Array, fault: RegExp])[] = [
  ["another first chunk", "webp", webp(riffChunk("XMP ", new Uint8Array(20))), /no picture/u],
  ["no key frame", "webp", webp(riffChunk("VP8 ", new Uint8Array(10).fill(1))), /no picture/u],
  ["no lossless stream", "webp", webp(riffChunk("VP8L", new Uint8Array(10))), /no picture/u],
  ["a side of nothing", "webp", webp(vp8(0, 9)), /before its size/u],
  ["a box shorter than its head", "heif", bytesOf(bigEndian(4, 4), "free"), /short box/u],
  ["boxes of no size, as many as fit", "heif", new Uint8Array(4000), /before its size/u],
  ["properties of more than 256 KiB", "heif", metaOf(262_145), /too large/u],
  ["properties of 256 KiB without a list", "heif", metaOf(262_144), /no ipco box/u],
  ["no extents", "heif", heic(rotation(1)), /before its size/u],
  ["a header of 13 bytes", "bmp", bytesOf(new Uint8Array(14), littleEndian(13, 4), new Uint8Array(20)), /BMP lacks/u],
  ["a side of nothing", "bmp", bmp(0, 3), /before its size/u],
  ["a negative width", "bmp", bmp(-3, 3), /before its size/u],
  ["a directory in the header", "tiff", bytesOf("II", littleEndian(42, 2), littleEndian(4, 4)), /in the header/u],
  [
    "a directory far behind the end",
    "tiff",
    bytesOf("II", littleEndian(42, 2), littleEndian(0xffffffff, 4), new Uint8Array(99)),
    /before its size/u,
  ],
  [
    "more entries than a directory has",
    "tiff",
    bytesOf("II", littleEndian(43, 2), littleEndian(8, 4), littleEndian(16, 8), new Uint8Array(8).fill(255)),
    /too many/u,
  ],
  ["no pictures", "ico", ico([]), /before its size/u],
];

test.each(faults)("%s: %s is a fault", async (_, format, file, fault) => {
  const sampled = await runInChunks(format, file);
  expect(sampled).toMatchObject({ size: null, grid: null });
  expect(sampled.fault).toMatch(fault);
});

test("boxes and chunks without end are given up", async () => {
  const many = (part: Uint8Array): Uint8Array => concatBytes(Array<Uint8Array>(700_000).fill(part));
  const file = webp(vp8x(5, 4, exifFlag), many(riffChunk("abcd", new Uint8Array(0))));
  expect(await runSampler("webp", file)).toMatchObject({
    size: { width: 5, height: 4 },
    fault: "thrown: too many parts",
  });
  expect(await runSampler("heif", many(box("free")))).toMatchObject({ size: null, fault: "thrown: too many parts" });
});

describe("broken files neither throw anything else, nor differ by chunks", () => {
  const small = cases.filter(({ file }) => file.length < 600);

  test.each(small)("$format: $name", async ({ format, file }) => {
    for (let length = 0; length < file.length; length++) {
      const cut = file.subarray(0, length);
      const { size, fault } = length % 8 === 0 ? await runInChunks(format, cut) : await runSampler(format, cut);
      expect(size !== null || fault !== null).toBe(true);
    }
    for (let bit = 0; bit < file.length * 8; bit++) {
      const flipped = file.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { size, fault } = bit % 32 === 0 ? await runInChunks(format, flipped) : await runSampler(format, flipped);
      expect(size !== null || fault !== null).toBe(true);
    }
  });
});

test("every detected type has a sampler", () => {
  const types = ["gif", "webp", "avif", "heic", "heif", "bmp", "tiff", "vnd.microsoft.icon"];
  for (const type of types) expect(createImageTap(`image/${type}`, new Set(["width"]))).not.toBeNull();
});
