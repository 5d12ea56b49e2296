/** The files that the fuzzer damages: every kind of picture, small, from the tests' own encoders and from sharp. */
import { readFile } from "node:fs/promises";
import { deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { encodeGif, gifExtension, gifLoop, grayPalette } from "../../support/gif-encoder.ts";
import {
  aperture,
  bigEndian,
  bmp,
  box,
  bytesOf,
  extents,
  fileType,
  film,
  ico,
  iconBitmap,
  metaBox,
  tiff,
  vp8,
  vp8l,
  vp8x,
  webp,
} from "../../support/header-files.ts";
import { heifFile, track } from "../../support/heif-file.ts";
import {
  d50,
  gammaCurve,
  grayProfile,
  profileSegments,
  rgbProfile,
  srgbCurve,
  tableCurve,
} from "../../support/icc-profile.ts";
import { adobeSegment, encodeJpeg, exifOrientation, exifSegment, segment } from "../../support/jpeg-encoder.ts";
import { container, film as motionFilm, multiPicture, samsungTrailer } from "../../support/photo-parts.ts";
import { concatBytes, encodePng, pngChunk } from "../../support/png-encoder.ts";
import { cr2, cr3, makersRaw, orf, pef, raf, rw2 } from "../../support/raw-files.ts";

export interface Seedling {
  readonly name: string;
  readonly type: string;
  readonly file: Uint8Array;
}

const photo = new URL("../../support/photos/sunset-1600.jpg", import.meta.url);
const sample = (component: number, x: number, y: number): number => (component * 70 + x * 5 + y * 3) & 255;

const samplings = {
  gray: [[1, 1]],
  "4:4:4": [
    [1, 1],
    [1, 1],
    [1, 1],
  ],
  "4:2:0": [
    [2, 2],
    [1, 1],
    [1, 1],
  ],
  "4:2:2": [
    [2, 1],
    [1, 1],
    [1, 1],
  ],
  "4:4:0": [
    [1, 2],
    [1, 1],
    [1, 1],
  ],
  "4:1:1": [
    [4, 1],
    [1, 1],
    [1, 1],
  ],
  cmyk: [
    [1, 1],
    [1, 1],
    [1, 1],
    [1, 1],
  ],
} as const;

function ownJpegs(): Seedling[] {
  return Object.entries(samplings).flatMap(([name, sampling]) =>
    // Small ones are decoded in full, long ones at 1:8.
    [
      { width: 33, height: 17 },
      { width: 530, height: 17 },
    ].flatMap((size) => {
      const options = { ...size, sampling, sample };
      const before = [
        exifSegment(exifOrientation(6)),
        ...(name === "cmyk" ? [adobeSegment(2)] : profileSegments(rgbProfile(d50.displayP3, srgbCurve), 300)),
        segment(0xfe, new TextEncoder().encode("a comment")),
      ];
      return [
        { name: `jpeg ${name}`, file: encodeJpeg({ ...options, before }) },
        { name: `jpeg ${name} progressive`, file: encodeJpeg({ ...options, progressive: true }) },
        { name: `jpeg ${name} restarts`, file: encodeJpeg({ ...options, restartInterval: 3 }) },
        {
          name: `jpeg ${name} apart, 12 bits`,
          file: encodeJpeg({ ...options, interleaved: false, precisionBits: 12 }),
        },
      ].map((seedling) => ({ ...seedling, type: "image/jpeg" }));
    }),
  );
}

const pngKinds = [
  ...[1, 2, 4, 8, 16].map((depth) => ({ colorType: 0, depth, channels: 1 })),
  ...[8, 16].map((depth) => ({ colorType: 2, depth, channels: 3 })),
  ...[1, 2, 4, 8].map((depth) => ({ colorType: 3, depth, channels: 1 })),
  ...[8, 16].map((depth) => ({ colorType: 4, depth, channels: 2 })),
  ...[8, 16].map((depth) => ({ colorType: 6, depth, channels: 4 })),
];

async function ownPngs(): Promise<Seedling[]> {
  const variants = pngKinds.flatMap((kind) => [false, true].map((interlaced) => ({ ...kind, interlaced })));
  return Promise.all(
    variants.map(async ({ colorType, depth, channels, interlaced }, index) => {
      const palette = Uint8Array.from({ length: 3 * 2 ** depth }, (_, at) => (at * 53) & 255);
      const file = await encodePng({
        width: 37,
        height: 21,
        colorType,
        depth,
        interlaced,
        pixel: (x, y) => Array.from({ length: channels }, (_, channel) => (x * 7 + y * (channel + 3)) % 2 ** depth),
        ...(colorType === 3 ? { palette } : {}),
        ...(colorType < 4 && index % 3 === 0 ? { transparency: Uint8Array.of(0, 1, 0, 2, 0, 3).subarray(0, 6) } : {}),
        before: [
          pngChunk("tEXt", new TextEncoder().encode("Title\0of the picture")),
          ...(index % 4 === 0 ? [pngChunk("acTL", Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 0))] : []),
        ],
        after: [pngChunk("eXIf", exifOrientation(5))],
        idatBytes: 300,
      });
      return { name: `png ${colorType}/${depth}${interlaced ? " interlaced" : ""}`, type: "image/png", file };
    }),
  );
}

function ownOthers(): Seedling[] {
  const frame = { width: 20, height: 12, pixel: (x: number, y: number) => (x * y) & 15 };
  const gif = { width: 20, height: 12, palette: grayPalette(16) };
  const xmp = gifExtension(0xfe, new TextEncoder().encode("a comment"));
  const small = { width: 20, height: 12, sampling: samplings.gray, sample };
  const part = encodeJpeg({ ...small, width: 9 });
  const announced = [
    multiPicture([part.length]),
    container({ semantic: "GainMap", length: part.length }, { semantic: "MotionPhoto", length: motionFilm.length }),
  ];
  const items = [
    { type: "av01", data: new Uint8Array(300).fill(9), split: true },
    { type: "Exif", data: exifOrientation(6), name: "EXIF" },
    { type: "mime", data: new Uint8Array(40).fill(65) },
  ];
  const frames = box(
    "moov",
    ...["pict", "soun"].map((handler) =>
      track({
        handler,
        chunks: [
          [700, 50],
          [750, 9],
        ],
      }),
    ),
  );
  const files: readonly (readonly [name: string, type: string, file: Uint8Array])[] = [
    ["gif", "image/gif", encodeGif({ ...gif, frames: [frame], before: [xmp] })],
    ["gif interlaced", "image/gif", encodeGif({ ...gif, frames: [{ ...frame, interlaced: true, transparent: 3 }] })],
    ["gif animated", "image/gif", encodeGif({ ...gif, frames: [frame, frame], before: [gifLoop()] })],
    [
      "gif that makes way",
      "image/gif",
      encodeGif({
        ...gif,
        frames: [
          { ...frame, disposal: 2 },
          { ...frame, transparent: 3 },
        ],
      }),
    ],
    ["webp lossy", "image/webp", webp(vp8(30, 20))],
    ["webp lossless", "image/webp", webp(vp8l(30, 20, true))],
    ["webp extended", "image/webp", webp(vp8x(30, 20, 0x1e), vp8(30, 20))],
    ["bmp", "image/bmp", bmp(30, 20)],
    ["bmp core", "image/bmp", bmp(30, 20, 12)],
    ["jpeg and its parts", "image/jpeg", bytesOf(encodeJpeg({ ...small, before: announced }), part, motionFilm)],
    ["jpeg and a trailer", "image/jpeg", bytesOf(encodeJpeg(small), samsungTrailer(motionFilm, part))],
    ["avif items", "image/avif", heifFile({ items, properties: [extents(30, 20)] })],
    ["heic in meta", "image/heic", heifFile({ items, brands: ["heic", "mif1"], inMeta: true, version: 2 })],
    ["avif sequence", "image/avif", heifFile({ items, brands: ["avis"], between: [frames] })],
    ["tiff", "image/tiff", tiff({ width: 30, height: 20, orientation: 6 })],
    ["tiff big-endian", "image/tiff", tiff({ width: 30, height: 20, little: false })],
    [
      "ico",
      "image/vnd.microsoft.icon",
      ico(
        [
          [16, 16],
          [256, 256],
        ],
        [iconBitmap(16, 16)],
      ),
    ],
  ];
  return files.map(([name, type, file]) => ({ name, type, file }));
}

async function fromSharp(): Promise<Seedling[]> {
  const source = await readFile(photo);
  const kinds: readonly (readonly [name: string, type: string, convert: (picture: Sharp) => Sharp])[] = [
    ["jpeg", "image/jpeg", (picture) => picture.jpeg()],
    [
      "jpeg progressive",
      "image/jpeg",
      (picture) => picture.jpeg({ progressive: true }).withMetadata({ orientation: 6 }),
    ],
    ["jpeg mozjpeg", "image/jpeg", (picture) => picture.jpeg({ mozjpeg: true })],
    ["jpeg gray", "image/jpeg", (picture) => picture.grayscale().jpeg()],
    ["jpeg cmyk", "image/jpeg", (picture) => picture.toColourspace("cmyk").jpeg()],
    ["png", "image/png", (picture) => picture.png()],
    ["png interlaced", "image/png", (picture) => picture.ensureAlpha(0.7).png({ progressive: true })],
    ["png palette", "image/png", (picture) => picture.png({ palette: true, colours: 64 })],
    ["png 16 bits", "image/png", (picture) => picture.toColourspace("rgb16").png()],
    ["gif", "image/gif", (picture) => picture.gif()],
    ["webp", "image/webp", (picture) => picture.webp().withMetadata({ orientation: 6 })],
    ["webp lossless", "image/webp", (picture) => picture.ensureAlpha(0.7).webp({ lossless: true })],
    ["avif", "image/avif", (picture) => picture.avif({ effort: 0 })],
    ["tiff", "image/tiff", (picture) => picture.tiff()],
  ];
  const files: Seedling[] = [];
  for (const [name, type, convert] of kinds) {
    for (const width of [48, 520]) {
      const picture = sharp(source).resize(width, width === 48 ? 30 : 60, { fit: "fill" });
      files.push({ name: `sharp ${name} ${width}`, type, file: new Uint8Array(await convert(picture).toBuffer()) });
    }
  }
  return files;
}

/** What files say of their colours, in every way that is read. */
async function colored(): Promise<Seedling[]> {
  const gray = { width: 33, height: 17, sampling: samplings.gray, sample };
  const table = rgbProfile(
    d50.adobeRgb,
    tableCurve(64, (level) => level ** 2.2),
  );
  const hundredThousandths = (...values: readonly number[]): Uint8Array =>
    bytesOf(...values.map((value) => bigEndian(Math.round(value * 100_000), 4)));
  const iccp = (profile: Uint8Array): Uint8Array =>
    pngChunk("iCCP", bytesOf("a name", 0, 0, new Uint8Array(deflateSync(profile))));
  const gamma = pngChunk("gAMA", hundredThousandths(0.55));
  const chroma = pngChunk("cHRM", hundredThousandths(0.3457, 0.3585, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06));
  const pngs: readonly (readonly [name: string, ...before: Uint8Array[]])[] = [
    ["iCCP", iccp(table)],
    ["iCCP and the rest", gamma, iccp(rgbProfile(d50.proPhoto, gammaCurve(1.8))), chroma],
    ["gAMA", gamma],
    ["gAMA, cHRM", gamma, chroma],
    ["cICP", pngChunk("cICP", Uint8Array.of(12, 13, 0, 1)), gamma],
    ["sRGB", pngChunk("sRGB", Uint8Array.of(0)), gamma],
  ];
  const pixel = (x: number, y: number): number[] => [x * 5, y * 9, x * y];
  const png = { width: 37, height: 21, colorType: 2, depth: 8, pixel } as const;
  return [
    {
      name: "jpeg with a profile of gray",
      type: "image/jpeg",
      file: encodeJpeg({ ...gray, before: profileSegments(grayProfile(gammaCurve(1.8)), 100) }),
    },
    {
      name: "jpeg with a profile of tables",
      type: "image/jpeg",
      file: encodeJpeg({ ...gray, sampling: samplings["4:4:4"], before: profileSegments(table) }),
    },
    { name: "jpeg with its height behind", type: "image/jpeg", file: lateHeight() },
    ...(await Promise.all(
      pngs.map(async ([name, ...before]) => ({
        name: `png ${name}`,
        type: "image/png",
        file: await encodePng({ ...png, before }),
      })),
    )),
  ];
}

/** No height in the frame's header, and DNL behind the pixels. */
function lateHeight(): Uint8Array {
  const file = encodeJpeg({ width: 64, height: 40, sampling: samplings["4:2:0"], sample });
  const frame = file.findIndex((byte, at) => byte === 0xff && file[at + 1] === 0xc0);
  file.fill(0, frame + 5, frame + 7);
  return concatBytes([file.subarray(0, -2), segment(0xdc, Uint8Array.of(0, 40)), Uint8Array.of(0xff, 0xd9)]);
}

function headersOnly(): Seedling[] {
  const sides = { width: 600, height: 400, orientation: 6 };
  const still = metaBox({ properties: [extents(45, 33), aperture(43, 1, 61, 2)] });
  const files: readonly (readonly [name: string, type: string, file: Uint8Array])[] = [
    ["clap", "heic", concatBytes([fileType("heic"), still])],
    ["avif sequence", "avif", concatBytes([fileType("avis"), still, film(20, 20)])],
    ["film", "heif", concatBytes([fileType("msf1"), film(20, 10, [0, 1], 1)])],
    ["dng", "x-adobe-dng", makersRaw("Adobe", sides)],
    ["nef", "x-nikon-nef", makersRaw("NIKON", { ...sides, little: false })],
    ["cr2", "x-canon-cr2", cr2(sides)],
    ["pef", "x-pentax-pef", pef(sides)],
    ["orf", "x-olympus-orf", orf(sides)],
    ["rw2", "x-panasonic-rw2", rw2(sides)],
    ["raf", "x-fuji-raf", raf(sides)],
    ["cr3", "x-canon-cr3", cr3(sides)],
    ["cr3 by its track", "x-canon-cr3", cr3(sides, false)],
  ];
  return files.map(([name, subtype, file]) => ({ name, type: `image/${subtype}`, file }));
}

/** In a fixed order. */
export async function plantCorpus(): Promise<readonly Seedling[]> {
  return [
    ...ownJpegs(),
    ...(await ownPngs()),
    ...ownOthers(),
    ...(await fromSharp()),
    ...(await colored()),
    ...headersOnly(),
  ];
}
