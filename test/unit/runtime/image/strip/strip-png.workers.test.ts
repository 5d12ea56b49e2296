import upng from "upng-js";
import { describe, expect, test } from "vitest";
import { exifOrientation } from "../../../../support/jpeg-encoder.ts";
import {
  concatBytes,
  encodePng,
  pngChunk,
  pngHeader,
  pngSignature,
  type PngOptions,
} from "../../../../support/png-encoder.ts";
import { pattern } from "../../../../support/source.ts";
import { bytesOf, flipped, secret, strip, stripEverywhere, tells } from "./stripping.ts";

const type = "image/png";
const picture: PngOptions = {
  width: 13,
  height: 11,
  colorType: 3,
  depth: 4,
  pixel: (x, y) => [(x * y) & 15],
  palette: Uint8Array.from({ length: 48 }, (_, at) => at * 5),
  transparency: Uint8Array.of(0, 128),
  idatBytes: 20,
};

const chunkOf = (name: string, length: number): Uint8Array => pngChunk(name, pattern(length));
const end = pngChunk("IEND", new Uint8Array(0));

/** Every chunk that is not picture, with the secret in it. */
const metadata: Readonly<Record<string, Uint8Array>> = {
  ...Object.fromEntries(
    [
      "tEXt",
      "zTXt",
      "iTXt",
      "caBX",
      "dSIG",
      "oFFs",
      "sTER",
      "pCAL",
      "sCAL",
      "gIFx",
      "vpAg",
      "teSt",
      "prVt",
      "CRIT",
    ].map((name) => [name, pngChunk(name, concatBytes([bytesOf("GPS\0"), secret]))]),
  ),
  tIME: chunkOf("tIME", 7),
  "eXIf, upright": pngChunk("eXIf", concatBytes([exifOrientation(1), secret])),
  "eXIf, malformed": pngChunk("eXIf", secret),
  "XMP of Adobe": pngChunk("iTXt", concatBytes([bytesOf("XML:com.adobe.xmp\0\0\0\0\0"), secret])),
  "longer than its type can be": concatBytes(
    ["sRGB", "gAMA", "cICP", "sBIT", "bKGD", "pHYs", "acTL"].map((name) => pngChunk(name, secret)),
  ),
  "a checksum that is wrong": concatBytes([pngChunk("tEXt", secret).subarray(0, -4), Uint8Array.of(1, 2, 3, 4)]),
};

function pixelsOf(file: Uint8Array): Uint8Array {
  const [first = new ArrayBuffer(0)] = upng.toRGBA8(upng.decode(file.slice().buffer));
  return new Uint8Array(first);
}

/** Puts bytes before the second image chunk. */
async function putBetween(bytes: Uint8Array): Promise<Uint8Array> {
  const file = await encodePng(picture);
  const at = file.findIndex((_, at) => tells(file.subarray(at + 4, at + 8), "IDAT")) + 12 + (picture.idatBytes ?? 0);
  return concatBytes([file.subarray(0, at), bytes, file.subarray(at)]);
}

describe("metadata is dropped", () => {
  test.each(Object.entries(metadata))("%s", async (_, bytes) => {
    const clean = await encodePng(picture);
    for (const file of [
      await encodePng({ ...picture, before: [bytes] }),
      await encodePng({ ...picture, after: [bytes] }),
      await putBetween(bytes),
    ]) {
      expect(await stripEverywhere(type, file)).toEqual(clean);
    }
  });

  test("all at once, and the pixels are the same", async () => {
    for (const interlaced of [false, true]) {
      // upng-js takes any acTL for an animation.
      const { "longer than its type can be": _, ...others } = metadata;
      const chunks = Object.values(others);
      const file = await encodePng({ ...picture, interlaced, before: chunks, after: chunks });
      expect(tells(file)).toBe(true);
      const stripped = await stripEverywhere(type, file);
      expect(stripped).toEqual(await encodePng({ ...picture, interlaced }));
      expect(pixelsOf(stripped)).toEqual(pixelsOf(file));
    }
  });

  test("after the end, and in the end", async () => {
    const clean = await encodePng(picture);
    const behind = [secret, pngChunk("IDAT", secret), concatBytes([clean, secret])];
    for (const after of behind) expect(await stripEverywhere(type, concatBytes([clean, after]))).toEqual(clean);
    const body = concatBytes([clean.subarray(0, -end.length), pngChunk("IEND", secret)]);
    expect(await stripEverywhere(type, body)).toEqual(clean);
  });
});

describe("what is picture stays", () => {
  test.each([
    ["sRGB", 1],
    ["gAMA", 4],
    ["cHRM", 32],
    ["cICP", 4],
    ["sBIT", 4],
    ["mDCV", 24],
    ["cLLI", 8],
    ["bKGD", 6],
    ["hIST", 512],
    ["pHYs", 9],
    ["acTL", 8],
    ["fcTL", 26],
  ])("%s, up to its %i bytes", async (name, length) => {
    const most = await encodePng({ ...picture, before: [chunkOf(name, length)] });
    expect(await stripEverywhere(type, most)).toEqual(most);
    const over = await encodePng({ ...picture, before: [chunkOf(name, length + 1)] });
    expect(await stripEverywhere(type, over)).toEqual(await encodePng(picture));
  });

  test.each(["sPLT", "fdAT"])("%s of any length", async (name) => {
    const file = await encodePng({ ...picture, before: [chunkOf(name, 0), chunkOf(name, 70_000)] });
    expect(await stripEverywhere(type, file)).toEqual(file);
  });

  test("Apple's mark of its private variant", async () => {
    const file = await encodePng(picture);
    const marked = concatBytes([pngSignature, chunkOf("CgBI", 4), file.subarray(8)]);
    expect(await stripEverywhere(type, marked)).toEqual(marked);
  });

  test("every colour type", async () => {
    for (const [colorType, channels] of [
      [0, 1],
      [2, 3],
      [4, 2],
      [6, 4],
    ] as const) {
      const file = await encodePng({
        width: 40,
        height: 30,
        colorType,
        depth: 8,
        pixel: (x, y) => Array.from({ length: channels }, (_, channel) => (x * 5 + y * 3 + channel * 60) & 255),
      });
      expect(await stripEverywhere(type, file)).toEqual(file);
    }
  });
});

describe("orientation survives", () => {
  test.each([2, 3, 4, 5, 6, 7, 8])("%i", async (orientation) => {
    const minimal = pngChunk("eXIf", exifOrientation(orientation));
    for (const place of ["before", "after"]) {
      for (const littleEndian of [false, true]) {
        const tiff = concatBytes([exifOrientation(orientation, littleEndian), secret]);
        const expected = await encodePng({ ...picture, [place]: [minimal] });
        for (const body of [tiff, concatBytes([bytesOf("Exif\0\0"), tiff])]) {
          const file = await encodePng({ ...picture, [place]: [pngChunk("eXIf", body), pngChunk("eXIf", body)] });
          expect(await stripEverywhere(type, file)).toEqual(expected);
        }
      }
    }
  });

  test("from a block that is longer than what is looked at", async () => {
    const long = pngChunk("eXIf", concatBytes([exifOrientation(6), secret, new Uint8Array(100_000), secret]));
    const expected = await encodePng({ ...picture, before: [pngChunk("eXIf", exifOrientation(6))] });
    expect(await stripEverywhere(type, await encodePng({ ...picture, before: [long] }))).toEqual(expected);
  });
});

describe("broken files", () => {
  const before = [
    pngChunk("tEXt", secret),
    pngChunk("eXIf", concatBytes([exifOrientation(6), secret])),
    pngChunk("iTXt", secret),
    pngChunk("abCd", secret),
  ];

  test("cut after any byte: what passes is the beginning of what would have", async () => {
    const file = await encodePng({ ...picture, before, after: before });
    const full = await stripEverywhere(type, file);
    for (let length = 0; length < file.length; length++) {
      const stripped = await strip(type, file.subarray(0, length));
      expect(full.subarray(0, stripped.length)).toEqual(stripped);
      if (length % 32 === 0) await stripEverywhere(type, file.subarray(0, length));
    }
  });

  test("any bit turned over: it ends, and nothing of a damaged metadata chunk passes", async () => {
    const file = await encodePng({ ...picture, before, after: before });
    const clean = await encodePng(picture);
    const from = clean.findIndex((_, at) => tells(clean.subarray(at + 4, at + 8), "IDAT"));
    const to = from + concatBytes(before).length;
    let bit = 0;
    for (const broken of flipped(file)) {
      const stripped = await strip(type, broken);
      expect(stripped.length).toBeLessThanOrEqual(file.length);
      const at = bit++ >> 3;
      if (at >= from && at < to) expect(tells(stripped)).toBe(false);
    }
  });

  test.each([
    { name: "a length that is too long", bytes: Uint8Array.of(0x80, 0, 0, 0, 0x49, 0x44, 0x41, 0x54) },
    { name: "a type that is none", bytes: Uint8Array.of(0, 0, 0, 4, 0x49, 0x44, 0x20, 0x54) },
  ])("$name: all the rest is dropped", async ({ bytes }) => {
    const start = concatBytes([pngSignature, pngHeader(1, 1, 8, 0)]);
    expect(await stripEverywhere(type, concatBytes([start, bytes, secret, chunkOf("IDAT", 9), end]))).toEqual(start);
  });

  test("the longest chunk there can be, which is cut", async () => {
    const start = concatBytes([pngSignature, pngHeader(1, 1, 8, 0)]);
    const huge = concatBytes([Uint8Array.of(0x7f, 255, 255, 255), bytesOf("tEXt"), secret]);
    expect(await stripEverywhere(type, concatBytes([start, huge]))).toEqual(start);
  });

  test.each([new Uint8Array(0), secret, pngSignature.subarray(0, 7), concatBytes([secret, pngSignature])])(
    "not a PNG: nothing passes",
    async (bytes) => {
      expect(await stripEverywhere(type, bytes)).toEqual(new Uint8Array(0));
    },
  );
});
