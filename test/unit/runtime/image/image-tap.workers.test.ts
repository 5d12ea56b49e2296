import { describe, expect, test } from "vitest";
import { createImageTap } from "../../../../src/runtime/image/image-tap.ts";
import { adobeSegment, encodeJpeg, exifOrientation, exifSegment, segment } from "../../../support/jpeg-encoder.ts";
import {
  concatBytes,
  encodePng,
  pngChunk,
  pngHeader,
  pngSignature,
  type PngOptions,
} from "../../../support/png-encoder.ts";
import { imageFields, inspect } from "./sampling.ts";
import { standardTables } from "../../../../src/runtime/image/jpeg/standard-tables.ts";

const gray = [[1, 1]] as const;
const plainPng: PngOptions = { width: 6, height: 4, colorType: 2, depth: 8, pixel: () => [200, 30, 40] };
const plainJpeg = { width: 40, height: 24, sampling: gray, sample: () => 200 };

describe("which files are sampled", () => {
  test.each(["image/png", "image/jpeg", "image/gif", "image/webp"])("%s is", (type) => {
    expect(createImageTap(type, imageFields)).not.toBeNull();
  });

  test.each(["image/svg+xml", "text/plain", "application/pdf", ""])("%s is not", (type) => {
    expect(createImageTap(type, imageFields)).toBeNull();
  });

  test.each(["image/png", "image/jpeg"])("nothing at all, as %s: no size, a fault", async (type) => {
    const result = await createImageTap(type, imageFields)?.finish();
    expect(result).toMatchObject({ width: null, height: null, dominantColor: null });
    expect(result?.fault).toBeTypeOf("string");
  });

  test("a JPEG that is called a PNG, and the other way round", async () => {
    for (const [type, file] of [
      ["image/png", encodeJpeg(plainJpeg)],
      ["image/jpeg", await encodePng(plainPng)],
    ] as const) {
      const tap = createImageTap(type, imageFields);
      await tap?.push(file);
      expect(await tap?.finish()).toMatchObject({ width: null, dominantColor: null });
    }
  });
});

describe("orientation", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("%i", async (orientation) => {
    const turned = orientation >= 5;
    for (const littleEndian of [false, true]) {
      const tiff = exifOrientation(orientation, littleEndian);
      const jpeg = await inspect(encodeJpeg({ ...plainJpeg, before: [exifSegment(tiff)] }));
      expect(jpeg).toMatchObject(turned ? { width: 24, height: 40 } : { width: 40, height: 24 });
      for (const place of ["before", "after"]) {
        const png = await inspect(await encodePng({ ...plainPng, [place]: [pngChunk("eXIf", tiff)] }));
        expect(png).toMatchObject(turned ? { width: 4, height: 6 } : { width: 6, height: 4 });
      }
    }
  });

  test("turns the size of a picture that is too large for a colour", async () => {
    const tiff = exifOrientation(6);
    const jpeg = encodeJpeg({ ...plainJpeg, before: [exifSegment(tiff)] });
    expect(await inspect(jpeg, { maxPixels: 1 })).toMatchObject({ width: 24, height: 40, dominantColor: null });
    const png = await encodePng({ ...plainPng, after: [pngChunk("eXIf", tiff)] });
    expect(await inspect(png, { maxPixels: 1 })).toMatchObject({ width: 4, height: 6, dominantColor: null });
  });

  test.each([0, 9, 0xffff])("%i means nothing", async (orientation) => {
    const before = [exifSegment(exifOrientation(orientation))];
    expect(await inspect(encodeJpeg({ ...plainJpeg, before }))).toMatchObject({ width: 40, height: 24 });
  });

  test("EXIF that is cut, or points outside itself, means nothing", async () => {
    const tiff = exifOrientation(6);
    const lost = tiff.slice();
    lost.fill(0xff, 4, 8);
    for (const broken of [lost, ...Array.from(tiff.keys(), (length) => tiff.subarray(0, Math.min(length, 19)))]) {
      const result = await inspect(encodeJpeg({ ...plainJpeg, before: [exifSegment(broken)] }));
      expect(result).toMatchObject({ width: 40, height: 24, dominantColor: "#c8c8c8" });
    }
  });
});

describe("decoys", () => {
  test("a thumbnail with a frame of its own, in EXIF", async () => {
    const thumbnail = encodeJpeg({ ...plainJpeg, width: 8, height: 8, sample: () => 10 });
    const before = [exifSegment(concatBytes([exifOrientation(1), thumbnail]))];
    const expected = { width: 40, height: 24, dominantColor: "#c8c8c8", fault: null };
    expect(await inspect(encodeJpeg({ ...plainJpeg, before }))).toMatchObject(expected);
  });

  test("another picture after the end", async () => {
    const after = encodeJpeg({ ...plainJpeg, width: 80, height: 80, sample: () => 10 });
    const expected = { width: 40, height: 24, dominantColor: "#c8c8c8", fault: null };
    expect(await inspect(encodeJpeg({ ...plainJpeg, after }))).toMatchObject(expected);
  });

  test("fill bytes before markers", async () => {
    const file = encodeJpeg({ ...plainJpeg, width: 600, height: 600, restartInterval: 10 });
    const filled = Uint8Array.from(
      [...file].flatMap((byte, at) => (byte === 0xff && file[at + 1] !== 0 && at > 0 ? [255, 255, 255] : [byte])),
    );
    expect(await inspect(filled, { chunkBytes: 7 })).toEqual(await inspect(file));
  });

  test("bytes after the end of a PNG's zlib stream, and after IEND", async () => {
    const file = await encodePng({ ...plainPng, zlibTail: new Uint8Array(1000).fill(0x55) });
    const expected = { width: 6, height: 4, dominantColor: "#c81e28", fault: null };
    expect(await inspect(concatBytes([file, file]))).toMatchObject(expected);
  });

  test("an animated PNG shows its default picture", async () => {
    const chunks = [pngChunk("acTL", new Uint8Array(8)), pngChunk("fcTL", new Uint8Array(26))];
    const file = await encodePng({ ...plainPng, before: chunks, after: [pngChunk("fdAT", new Uint8Array(50))] });
    expect(await inspect(file)).toMatchObject({ dominantColor: "#c81e28" });
  });

  test("Apple's private PNG: its size, no colour", async () => {
    const file = await encodePng(plainPng);
    const private_ = concatBytes([pngSignature, pngChunk("CgBI", Uint8Array.of(0x50, 0, 0x20, 6)), file.subarray(8)]);
    expect(await inspect(private_)).toMatchObject({
      width: 6,
      height: 4,
      dominantColor: null,
      fault: "Apple's private variant of PNG",
    });
  });

  test("an APP14 segment that is not Adobe's decides nothing", async () => {
    const other = segment(0xee, new TextEncoder().encode("Aldus\0\0\0\0\0\0\0"));
    const ycc = {
      ...plainJpeg,
      sampling: [
        [1, 1],
        [1, 1],
        [1, 1],
      ] as const,
      sample: () => 128,
    };
    expect(await inspect(encodeJpeg({ ...ycc, before: [other] }))).toMatchObject({ dominantColor: "#808080" });
    expect(await inspect(encodeJpeg({ ...ycc, before: [adobeSegment(1)] }))).toMatchObject({
      dominantColor: "#808080",
    });
  });
});

describe("what is not sampled keeps its size", () => {
  test.each([
    { name: "lossless", frameCode: 0xc3 },
    { name: "hierarchical", frameCode: 0xc5 },
    { name: "arithmetic", frameCode: 0xc9 },
    { name: "arithmetic, progressive", frameCode: 0xca },
  ])("$name JPEG", async ({ frameCode }) => {
    const result = await inspect(encodeJpeg({ ...plainJpeg, frameCode }));
    expect(result).toMatchObject({ width: 40, height: 24, dominantColor: null });
    expect(result.fault).toContain("coding");
  });

  test("a JPEG of two components", async () => {
    const file = encodeJpeg({
      ...plainJpeg,
      sampling: [
        [1, 1],
        [1, 1],
      ],
    });
    expect(await inspect(file)).toMatchObject({ width: 40, height: 24, fault: "2 components" });
  });

  test("a picture that is all seen through", async () => {
    const file = await encodePng({ ...plainPng, colorType: 6, pixel: () => [255, 0, 0, 127] });
    expect(await inspect(file)).toMatchObject({ width: 6, dominantColor: null, fault: "nothing opaque was seen" });
    const opaque = await encodePng({ ...plainPng, colorType: 6, pixel: () => [255, 0, 0, 128] });
    expect(await inspect(opaque)).toMatchObject({ dominantColor: "#ff0000", fault: null });
  });

  test("a palette picture without a palette", async () => {
    const file = await encodePng({ ...plainPng, colorType: 3, pixel: () => [1] });
    expect(await inspect(file)).toMatchObject({ width: 6, dominantColor: null });
  });
});

describe("limits, at them and one over", () => {
  test("pixels", async () => {
    for (const file of [encodeJpeg(plainJpeg), await encodePng({ ...plainPng, width: 40, height: 24 })]) {
      expect((await inspect(file, { maxPixels: 960 })).dominantColor).not.toBeNull();
      expect(await inspect(file, { maxPixels: 959 })).toMatchObject({ width: 40, fault: "more than 959 pixels" });
    }
  });

  test("work of a PNG: rows, their bytes, and a quarter of the compressed ones", async () => {
    const before = [pngChunk("teXt", new Uint8Array(5))];
    const file = await encodePng({ ...plainPng, before });
    const compressed = file.length - 8 - 25 - 17 - 12 - 12;
    const units = (6 * 3 + 1 + 30) * 4 + compressed / 4;
    expect((await inspect(file, { maxWork: units })).dominantColor).toBe("#c81e28");
    const over = await inspect(file, { maxWork: units - 1 });
    expect(over).toMatchObject({ width: 6, height: 4, dominantColor: null, palette: null, thumbhash: null });
    expect(over.fault).toContain("units of work");
  });

  test("work of a JPEG: bytes and blocks of its scans, and bytes of its segments", async () => {
    const file = encodeJpeg(plainJpeg);
    const scan = file.length - 2 - (file.lastIndexOf(0xda) + 9);
    // SOI and EOI; DQT, SOF, two DHT and SOS, which have a length.
    const bodies = file.length - scan - 2 - 2 - 5 * 4;
    // EOI is met in the scan, so that it counts as two bytes of it.
    const units = 15 * 5 + (scan + 2) * 3 + 7 * 15 + bodies * 3;
    expect((await inspect(file, { maxWork: units })).dominantColor).toBe("#c8c8c8");
    const over = await inspect(file, { maxWork: units - 1 });
    expect(over).toMatchObject({ width: 40, height: 24, dominantColor: null, hasAlpha: false });
    expect(over.fault).toContain("units of work");
  });

  test("compressed bytes that hold nothing end the sampling", async () => {
    // Stored blocks of no bytes (RFC 1951, 3.2.4).
    const hollow = new Uint8Array(5 * 20_000).map((_, at) => (at % 5 < 3 ? 0 : 255));
    const header = { width: 2000, height: 2000, depth: 8 };
    const file = (blocks: number): Uint8Array =>
      concatBytes([
        pngSignature,
        pngHeader(header.width, header.height, header.depth, 0),
        pngChunk("IDAT", concatBytes([Uint8Array.of(0x78, 1), hollow.subarray(0, blocks * 5)])),
        pngChunk("IEND", new Uint8Array(0)),
      ]);
    expect((await inspect(file(20_000))).fault).toBe("compressed bytes that hold nothing");
    expect((await inspect(file(13_000))).fault).toBe("no row of pixels could be read");
  });

  test("work is the same however the bytes are cut", async () => {
    const file = encodeJpeg({ ...plainJpeg, width: 300, restartInterval: 7 });
    const faultAt = async (maxWork: number, chunkBytes: number): Promise<boolean> =>
      (await inspect(file, { maxWork, chunkBytes })).fault === null;
    let [most, least] = [10_000_000, 0];
    while (most - least > 1) {
      const middle = (most + least) >> 1;
      if (await faultAt(middle, Infinity)) most = middle;
      else least = middle;
    }
    for (const chunkBytes of [1, 7, 4096]) {
      expect([await faultAt(least, chunkBytes), await faultAt(most, chunkBytes)]).toEqual([false, true]);
    }
  });

  test.each([
    { name: "three to a pixel of 6000", width: 6000, rowBytes: 18_000 },
    { name: "at least sixteen to a pixel that is looked at", width: 6, rowBytes: 96 },
  ])("bytes of a row: $name", async ({ width, rowBytes }) => {
    const file = await encodePng({ ...plainPng, width });
    expect((await inspect(file, { maxRowBytes: rowBytes })).dominantColor).toBe("#c81e28");
    expect(await inspect(file, { maxRowBytes: rowBytes - 1 })).toMatchObject({ width, dominantColor: null });
  });

  /** Stripes that are narrower than two blocks: every other block mixes them, no pixel does. */
  const striped = {
    ...plainJpeg,
    width: 64,
    height: 64,
    sample: (_: number, x: number) => (x % 16 < 12 ? 255 : 0),
    step: 1,
  };
  const [full, reduced] = ["#ffffff", "#808080"];

  test("a JPEG is decoded in full below a longest side", async () => {
    const file = encodeJpeg({ ...striped });
    expect(await inspect(file, { smallJpegPixels: 65 })).toMatchObject({ dominantColor: full });
    expect(await inspect(file, { smallJpegPixels: 64 })).toMatchObject({ dominantColor: reduced });
  });

  test("bytes of a JPEG that is decoded in full", async () => {
    const file = encodeJpeg({ ...striped });
    // What is held begins with the standard tables.
    const heldBytes = file.length + standardTables.length + 4;
    expect(await inspect(file, { maxSmallJpegBytes: heldBytes })).toMatchObject({ dominantColor: full });
    expect(await inspect(file, { maxSmallJpegBytes: heldBytes - 1 })).toMatchObject({ dominantColor: reduced });
  });
});

describe("cut files", () => {
  const lower = (_: number, __: number, y: number): number => (y < 300 ? 200 : 20);

  test("a JPEG shows the rows that came", async () => {
    const file = encodeJpeg({ width: 64, height: 1000, sampling: gray, sample: lower });
    expect(await inspect(file)).toMatchObject({ dominantColor: "#141414" });
    const cut = file.subarray(0, Math.floor(file.length * 0.5));
    expect(await inspect(cut)).toMatchObject({ width: 64, height: 1000, dominantColor: "#c8c8c8", fault: null });
  });

  test("a PNG shows the rows that came", async () => {
    const noisy = (x: number, y: number): number[] => [lower(0, x, y) + ((x * y * 7919) % 13)];
    const file = await encodePng({ width: 64, height: 1000, colorType: 0, depth: 8, pixel: noisy });
    const cut = file.subarray(0, Math.floor(file.length * 0.3));
    expect((await inspect(file)).dominantColor).toMatch(/^#1/);
    expect((await inspect(cut)).dominantColor).toMatch(/^#c/);
  });
});

describe("once enough was seen", () => {
  test("a JPEG's push returns no promise any more", async () => {
    const tap = createImageTap("image/jpeg", imageFields);
    await tap?.push(encodeJpeg(plainJpeg));
    expect(tap?.push(new Uint8Array(10))).toBeUndefined();
    expect(await tap?.finish()).toMatchObject({ dominantColor: "#c8c8c8" });
  });

  test("a PNG's push returns no promise any more", async () => {
    const tap = createImageTap("image/png", imageFields);
    await tap?.push(await encodePng(plainPng));
    expect(tap?.push(new Uint8Array(10))).toBeUndefined();
    expect(await tap?.finish()).toMatchObject({ dominantColor: "#c81e28" });
  });

  test("after a fault as well", async () => {
    const tap = createImageTap("image/png", imageFields);
    await tap?.push(new Uint8Array(10));
    expect(tap?.push(new Uint8Array(10))).toBeUndefined();
  });

  test("a progressive JPEG's details are not read: they may be missing", async () => {
    const file = encodeJpeg({ ...plainJpeg, width: 600, progressive: true });
    const scans = [...file.keys()].filter((at) => file[at] === 0xff && file[at + 1] === 0xda);
    const result = await inspect(file.subarray(0, scans[1]));
    expect(result).toEqual(await inspect(file));
    expect(result.fault).toBeNull();
  });
});
