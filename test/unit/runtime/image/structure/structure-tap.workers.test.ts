/** What stands behind a picture, between its parts, or is missing from it is found, however the bytes are cut. */
import { describe, expect, test } from "vitest";
import { mediaTypes } from "../../../../../src/contract/media-types.ts";
import { createStructureTap } from "../../../../../src/runtime/image/structure/tap.ts";
import { encodeGif, gifExtension, gifLoop, grayPalette } from "../../../../support/gif-encoder.ts";
import {
  bigEndian,
  bmp,
  box,
  bytesOf,
  extents,
  fileType,
  fullBox,
  largeBox,
  littleEndian,
  metaBox,
} from "../../../../support/header-files.ts";
import { riffChunk, vp8, vp8l, vp8x, webp } from "../../../../support/header-files.ts";
import { encodeJpeg, segment } from "../../../../support/jpeg-encoder.ts";
import { concatBytes, encodePng, pngChunk, pngHeader, pngSignature } from "../../../../support/png-encoder.ts";
import { check, expectVerdict } from "./checking.ts";

const sampling = [
  [2, 2],
  [1, 1],
  [1, 1],
] as const;
const sample = (component: number, x: number, y: number): number => (component * 70 + x * 5 + y * 3) & 255;
const jpeg = encodeJpeg({ width: 17, height: 9, sampling, sample, restartInterval: 2 });
const progressive = encodeJpeg({ width: 17, height: 9, sampling, sample, progressive: true });
const png = await encodePng({
  width: 13,
  height: 11,
  colorType: 3,
  depth: 4,
  pixel: (x, y) => [(x * y) & 15],
  palette: new Uint8Array(48).fill(9),
  before: [pngChunk("tEXt", bytesOf("Comment\0hello"))],
  idatBytes: 40,
});
const frame = { width: 9, height: 5, pixel: (x: number, y: number) => (x * y) & 7, pixelBits: 3 };
const gif = encodeGif({ width: 9, height: 5, palette: grayPalette(8), frames: [frame] });
const animation = encodeGif({
  width: 9,
  height: 5,
  frames: [
    { ...frame, palette: grayPalette(8), transparent: 3, blockBytes: 3 },
    { ...frame, palette: grayPalette(8) },
  ],
  before: [gifLoop(), gifExtension(0xfe, bytesOf("a comment"))],
});
const exif = riffChunk("EXIF", new Uint8Array(21));
const meta = metaBox({ properties: [extents(4, 3)] });
const mdat = box("mdat", new Uint8Array(30));

const goodFiles: readonly { name: string; type: string; file: Uint8Array }[] = [
  { name: "JPEG", type: "image/jpeg", file: jpeg },
  { name: "JPEG, progressive", type: "image/jpeg", file: progressive },
  { name: "PNG", type: "image/png", file: png },
  { name: "GIF", type: "image/gif", file: gif },
  { name: "GIF, animated", type: "image/gif", file: animation },
  { name: "WebP, lossy", type: "image/webp", file: webp(vp8(4, 3)) },
  { name: "WebP, lossless", type: "image/webp", file: webp(vp8l(4, 3, true)) },
  { name: "WebP, extended", type: "image/webp", file: webp(vp8x(4, 3, 8), vp8(4, 3), exif) },
  { name: "AVIF", type: "image/avif", file: concatBytes([fileType("avif"), meta, mdat]) },
  { name: "HEIC", type: "image/heic", file: concatBytes([fileType("heic"), box("free"), mdat, meta]) },
  {
    name: "HEIF, 64-bit sizes",
    type: "image/heif",
    file: concatBytes([fileType("mif1"), meta, largeBox("mdat", exif)]),
  },
  { name: "AVIF, animated", type: "image/avif", file: concatBytes([fileType("avis"), meta, box("moov"), mdat]) },
  { name: "BMP", type: "image/bmp", file: bmp(4, 3) },
];

const zip = bytesOf(
  "PK",
  Uint8Array.of(3, 4, 20, 0, 0, 0, 8, 0),
  new Uint8Array(40),
  "PK",
  Uint8Array.of(5, 6),
  new Uint8Array(18),
);
const html = bytesOf("<html><script>alert(1)</script>");
const film = concatBytes([fileType("mp42"), box("moov", new Uint8Array(20)), box("mdat", new Uint8Array(50))]);
const riders: readonly { name: string; bytes: Uint8Array }[] = [
  { name: "a space", bytes: bytesOf(" ") },
  { name: "a byte of 1 behind padding", bytes: Uint8Array.of(0, 0, 0xff, 1) },
  { name: "a zip", bytes: zip },
  { name: "HTML", bytes: html },
  { name: "PHP", bytes: bytesOf("<?php system($_GET['c']); ?>") },
  { name: "an MP4", bytes: film },
  { name: "another JPEG", bytes: jpeg },
  { name: "a box of nothing that belongs to pictures", bytes: box("mpvx", film) },
];

test("which types can be checked", () => {
  const types = ["jpeg", "png", "gif", "webp", "avif", "heic", "heif", "bmp"].map((name) => `image/${name}`);
  const walked = [...mediaTypes].flatMap(([type, known]) => (known.walked === true ? [type] : []));
  expect(walked.toSorted()).toEqual(types.toSorted());
  for (const type of walked) expect(createStructureTap(type)).not.toBeNull();
  for (const type of ["image/tiff", "image/svg+xml", "text/plain", ""]) expect(createStructureTap(type)).toBeNull();
});

/** What cameras, editors and transfers leave behind pictures. */
const padding: readonly { name: string; bytes: Uint8Array }[] = [
  { name: "a byte of 0", bytes: Uint8Array.of(0) },
  { name: "a line feed", bytes: bytesOf("\n") },
  { name: "line ends", bytes: bytesOf("\r\n\r\n\n\n\n\n\n") },
  { name: "FF", bytes: new Uint8Array(3).fill(0xff) },
  { name: "a block of zeros", bytes: new Uint8Array(5000) },
];

describe.each(goodFiles)("$name", ({ type, file }) => {
  test("passes whole", () => expectVerdict(type, file, null));

  test.each(padding)("passes with $name behind it", ({ bytes }) =>
    expectVerdict(type, concatBytes([file, bytes]), null),
  );

  test("is refused when cut after any byte", async () => {
    for (let length = 0; length < file.length; length++) {
      const cut = file.subarray(0, length);
      const verdict = await check(type, cut);
      expect(verdict).toBeTypeOf("string");
      for (const chunkBytes of [1, 7]) expect(await check(type, cut, chunkBytes)).toBe(verdict);
    }
  });

  test.each(riders)("is refused with $name behind it", async ({ bytes }) => {
    const verdict = await check(type, concatBytes([file, bytes]));
    expect(verdict).toBeTypeOf("string");
    await expectVerdict(type, concatBytes([file, bytes]), verdict);
  });

  test("is refused with bytes before it", async () => {
    await expect(check(type, concatBytes([Uint8Array.of(0), file]))).resolves.toBeTypeOf("string");
  });

  test("neither throws nor differs by chunks with any bit flipped", async () => {
    for (let bit = 0; bit < file.length * 8; bit++) {
      const flipped = file.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const verdict = await check(type, flipped);
      if (bit % 8 === 0) expect(await check(type, flipped, 3)).toBe(verdict);
      // Every bit of a PNG is covered by a checksum or is one.
      if (type === "image/png") expect(verdict).toBeTypeOf("string");
    }
  });
});

/** Cuts a file in two where a byte sequence begins. */
function splitAt(file: Uint8Array, ...bytes: readonly number[]): [Uint8Array, Uint8Array] {
  const at = file.findIndex((_, index) => bytes.every((byte, offset) => file[index + offset] === byte));
  return [file.subarray(0, at), file.subarray(at)];
}

const [beforeFrame, fromFrame] = splitAt(jpeg, 0xff, 0xc0);
const [beforeScan, fromScan] = splitAt(jpeg, 0xff, 0xda);
const [beforeEnd, end] = [jpeg.subarray(0, -2), jpeg.subarray(-2)];
const frameSegment = fromFrame.subarray(0, 2 + ((fromFrame[2] ?? 0) << 8) + (fromFrame[3] ?? 0));
const scanSegment = fromScan.subarray(0, 2 + ((fromScan[2] ?? 0) << 8) + (fromScan[3] ?? 0));

describe("JPEG", () => {
  test.each([
    { name: "fill bytes before a marker", parts: [beforeFrame, Uint8Array.of(0xff, 0xff), fromFrame] },
    { name: "fill bytes before the end", parts: [beforeEnd, Uint8Array.of(0xff, 0xff), end] },
    { name: "a comment", parts: [beforeFrame, segment(0xfe, bytesOf("hello")), fromFrame] },
    { name: "a height that is told later", parts: [beforeEnd, segment(0xdc, Uint8Array.of(0, 9)), end] },
    { name: "a second scan", parts: [beforeEnd, scanSegment, Uint8Array.of(1, 2, 0xff, 0, 0xff, 0xd0, 3), end] },
  ])("$name passes", async ({ parts }) => {
    await expectVerdict("image/jpeg", concatBytes(parts), null);
  });

  test.each([
    {
      name: "bytes between segments",
      parts: [beforeFrame, bytesOf("<?php"), fromFrame],
      verdict: "bytes between segments",
    },
    { name: "a second frame", parts: [beforeScan, frameSegment, fromScan], verdict: "a second frame" },
    { name: "a scan before the frame", parts: [beforeFrame, fromScan], verdict: "a scan before the frame" },
    { name: "no scan", parts: [beforeScan, end], verdict: "no scan" },
    {
      name: "a second start",
      parts: [beforeScan, Uint8Array.of(0xff, 0xd8), fromScan],
      verdict: "a marker out of place",
    },
    {
      name: "a restart between segments",
      parts: [beforeScan, Uint8Array.of(0xff, 0xd0), fromScan],
      verdict: "a marker out of place",
    },
    {
      name: "a start within a scan",
      parts: [beforeEnd, Uint8Array.of(0xff, 0xd8), end],
      verdict: "a marker out of place",
    },
    {
      name: "a code of 0 between segments",
      parts: [beforeFrame, Uint8Array.of(0xff, 0), fromFrame],
      verdict: "a marker out of place",
    },
    {
      name: "a segment without a length",
      parts: [beforeFrame, Uint8Array.of(0xff, 0xe1, 0, 1), fromFrame],
      verdict: "a segment shorter than its length",
    },
    { name: "a motion photo", parts: [jpeg, film], verdict: "bytes behind the picture's end" },
  ])("$name is refused", async ({ parts, verdict }) => {
    await expectVerdict("image/jpeg", concatBytes(parts), verdict);
  });
});

describe("PNG", () => {
  const header = pngHeader(2, 2, 8, 2);
  const palette = pngChunk("PLTE", new Uint8Array(6));
  const pixels = pngChunk("IDAT", new Uint8Array(9));
  const text = pngChunk("tEXt", bytesOf("a\0b"));
  const last = pngChunk("IEND", new Uint8Array(0));

  test.each([
    { name: "a palette that is not needed", chunks: [header, palette, pixels, last] },
    {
      name: "pixels in pieces, one of them empty",
      chunks: [header, pixels, pngChunk("IDAT", new Uint8Array(0)), last],
    },
    { name: "text behind the pixels", chunks: [header, pixels, text, last] },
  ])("$name passes", async ({ chunks }) => {
    await expectVerdict("image/png", concatBytes([pngSignature, ...chunks]), null);
  });

  test.each([
    { name: "no header first", chunks: [text, header, pixels, last], verdict: "tEXt out of place" },
    { name: "two headers", chunks: [header, header, pixels, last], verdict: "IHDR out of place" },
    { name: "a palette too late", chunks: [header, pixels, palette, last], verdict: "PLTE out of place" },
    { name: "two palettes", chunks: [header, palette, palette, pixels, last], verdict: "PLTE out of place" },
    {
      name: "a palette of one colour and a half",
      chunks: [header, pngChunk("PLTE", new Uint8Array(4)), pixels, last],
      verdict: "PLTE out of place",
    },
    { name: "no palette", chunks: [pngHeader(2, 2, 8, 3), pixels, last], verdict: "IDAT out of place" },
    {
      name: "pixels with a chunk between them",
      chunks: [header, pixels, text, pixels, last],
      verdict: "IDAT out of place",
    },
    { name: "no pixels", chunks: [header, last], verdict: "IEND out of place" },
    {
      name: "an end with a body",
      chunks: [header, pixels, pngChunk("IEND", Uint8Array.of(1))],
      verdict: "IEND out of place",
    },
    {
      name: "a chunk that one must know",
      chunks: [header, pngChunk("CgBI", new Uint8Array(4)), pixels, last],
      verdict: "CgBI out of place",
    },
    {
      name: "a chunk without a name",
      chunks: [header, pngChunk("a1b ", new Uint8Array(4)), pixels, last],
      verdict: "bytes that are no chunk",
    },
    {
      name: "a wrong checksum",
      chunks: [header, concatBytes([pixels.subarray(0, -1), Uint8Array.of(1)]), last],
      verdict: "a wrong checksum of IDAT",
    },
  ])("$name is refused", async ({ chunks, verdict }) => {
    await expectVerdict("image/png", concatBytes([pngSignature, ...chunks]), verdict);
  });
});

describe("GIF", () => {
  test.each([
    {
      name: "bytes between blocks",
      file: concatBytes([gif.subarray(0, -1), Uint8Array.of(0, 0x3b)]),
      verdict: "bytes between blocks",
    },
    { name: "no image", file: encodeGif({ width: 9, height: 5, frames: [] }), verdict: "no image" },
    { name: "another version", file: bytesOf("GIF9", gif.subarray(4)), verdict: "no GIF signature" },
  ])("$name is refused", async ({ file, verdict }) => {
    await expectVerdict("image/gif", file, verdict);
  });
});

describe("WebP", () => {
  const longer = webp(vp8(4, 3), new Uint8Array(5));
  const odd = bytesOf("XMP ", littleEndian(1, 4), "a");

  test("a last chunk whose padding is not counted, or not there, passes", async () => {
    const file = webp(vp8x(4, 3, 8), vp8(4, 3), odd);
    await expectVerdict("image/webp", file, null);
    await expectVerdict("image/webp", bytesOf(file, 0), null);
  });

  test.each([
    { name: "a second chunk in a simple file", file: webp(vp8(4, 3), exif), verdict: "a chunk out of place" },
    { name: "a chunk that overruns", file: webp(vp8(4, 3).subarray(0, -2)), verdict: "a chunk overruns the RIFF" },
    { name: "less than a chunk", file: longer, verdict: "chunks do not fill the RIFF" },
    { name: "no image", file: webp(vp8x(4, 3, 8), exif), verdict: "no image" },
    { name: "another first chunk", file: webp(exif), verdict: "a chunk out of place" },
    { name: "nothing", file: webp(), verdict: "no image" },
    {
      name: "a size of nothing",
      file: bytesOf("RIFF", littleEndian(0, 4), "WEBP"),
      verdict: "chunks do not fill the RIFF",
    },
    {
      name: "padding that says something",
      file: webp(vp8x(4, 3, 8), vp8(4, 3), bytesOf("XMP ", littleEndian(1, 4), "ab")),
      verdict: "padding that is not empty",
    },
  ])("$name is refused", async ({ file, verdict }) => {
    await expectVerdict("image/webp", file, verdict);
  });
});

describe("HEIF", () => {
  const start = fileType("heic");
  const endless = bytesOf(bigEndian(0, 4), "mdat", new Uint8Array(9));
  const children = meta.subarray(12);
  const endlessMeta = bytesOf(bigEndian(0, 4), "meta", new Uint8Array(4), children, box("idat", mdat));

  test.each([
    { name: "pixels up to wherever the end is", boxes: [start, meta, endless] },
    { name: "pixels in meta", boxes: [start, fullBox("meta", 0, 0, children, box("idat", mdat))] },
    { name: "pixels in a meta up to wherever the end is", boxes: [start, endlessMeta] },
    { name: "room for a large size", boxes: [start, meta, box("wide"), mdat] },
    { name: "what Samsung adds", boxes: [start, meta, mdat, box("sefd", bytesOf("SEFH", zip, "SEFT"))] },
    { name: "a motion photo", boxes: [start, meta, mdat, box("mpvd", film)] },
    { name: "a sequence without a picture", boxes: [fileType("msf1", "hevc"), box("moov"), mdat] },
  ])("$name passes", async ({ boxes }) => {
    await expectVerdict("image/heic", concatBytes(boxes), null);
  });

  test("pixels in a meta up to wherever the end is are refused when cut within a box", async () => {
    const file = concatBytes([start, endlessMeta]);
    for (const length of [file.length - 1, file.length - box("idat", mdat).length, start.length + 20]) {
      await expectVerdict("image/heic", file.subarray(0, length), "the file ends within the picture");
    }
  });

  test.each([
    { name: "no file type first", boxes: [meta, start, mdat], verdict: "no file type first" },
    { name: "a second file type", boxes: [start, meta, mdat, start], verdict: "a box out of place" },
    { name: "a film in a still picture", boxes: [start, meta, mdat, box("moov")], verdict: "a box out of place" },
    {
      name: "another box up to wherever the end is",
      boxes: [start, meta, mdat, bytesOf(bigEndian(0, 4), "free", new Uint8Array(9))],
      verdict: "a box without an end",
    },
    { name: "pixels without an end before meta", boxes: [start, endless], verdict: "the file ends within the picture" },
    {
      name: "a box that leaves meta",
      boxes: [start, fullBox("meta", 0, 0, bytesOf(bigEndian(99, 4), "idat")), mdat],
      verdict: "a part longer than announced",
    },
    {
      name: "a motion photo without a film",
      boxes: [start, meta, mdat, box("mpvd", jpeg)],
      verdict: "a motion photo without a film",
    },
    {
      name: "a motion photo whose film is cut",
      boxes: [start, meta, box("mpvd", film.subarray(0, -1)), mdat],
      verdict: "a part longer than announced",
    },
    {
      name: "a motion photo with something behind its film",
      boxes: [start, meta, mdat, box("mpvd", film, html)],
      verdict: "a film that does not end where it should",
    },
    {
      name: "a box shorter than its head",
      boxes: [start, meta, bytesOf(bigEndian(7, 4), "mdat")],
      verdict: "a box without an end",
    },
    { name: "no meta", boxes: [start, mdat], verdict: "the file ends within the picture" },
    { name: "no mdat", boxes: [start, meta], verdict: "the file ends within the picture" },
  ])("$name is refused", async ({ boxes, verdict }) => {
    await expectVerdict("image/heic", concatBytes(boxes), verdict);
  });
});

describe("BMP", () => {
  const file = bmp(4, 3);
  const patched = (...fields: readonly (readonly [at: number, value: number])[]): Uint8Array => {
    const copy = file.slice();
    for (const [at, value] of fields) copy.set(littleEndian(value, 4), at);
    return copy;
  };
  const compression = 30;

  test.each([
    { name: "no file size", file: patched([2, 0]) },
    { name: "the size of the pixels for that of the file", file: patched([2, 36]) },
    { name: "a file size that counts two bytes too many", file: patched([2, file.length + 2]) },
    { name: "the oldest header", file: bmp(4, 3, 12) },
    { name: "rows from the top", file: patched([22, -3]) },
    { name: "run lengths, whose bytes are counted", file: patched([2, 0], [compression, 1], [compression + 4, 36]) },
    { name: "run lengths, whose bytes are not counted", file: patched([compression, 1]) },
  ])("$name passes", async ({ file }) => {
    await expectVerdict("image/bmp", file, null);
  });

  test.each([
    { name: "neither a file size nor a count of pixels", file: patched([2, 0], [compression, 1]) },
    { name: "pixels that begin at the end", file: patched([10, file.length], [compression, 1]) },
    { name: "pixels that begin in the header", file: patched([10, 14]) },
  ])("$name is refused", async ({ file }) => {
    await expectVerdict("image/bmp", file, "a file size that leaves out the pixels");
  });

  test.each([
    { name: "more rows than there are", file: patched([22, 4]), verdict: "the file ends within the picture" },
    { name: "a header that is too short", file: patched([14, 13]), verdict: "a header that BMP lacks" },
    { name: "a header that is too long", file: patched([14, 2000]), verdict: "a header that BMP lacks" },
    {
      name: "HTML that the size leaves out",
      file: bytesOf(patched([2, 0]), html),
      verdict: "bytes behind the picture's end",
    },
  ])("$name is refused", async ({ file, verdict }) => {
    await expectVerdict("image/bmp", file, verdict);
  });
});
