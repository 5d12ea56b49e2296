import { describe, expect, test } from "vitest";
import { d50, rgbProfile, srgbCurve, tableCurve } from "../../../../support/icc-profile.ts";
import { exifOrientation } from "../../../../support/jpeg-encoder.ts";
import { concatBytes } from "../../../../support/png-encoder.ts";
import { pattern } from "../../../../support/source.ts";
import { minimalTiff } from "../../../../../src/runtime/image/strip/minimal-exif.ts";
import { bytesOf, flipped, secret, strip, stripEverywhere, tells } from "./stripping.ts";

const type = "image/webp";
const flag = { profile: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04, animation: 0x02 };

/** A chunk, padded to an even length with `padding`. */
function chunk(name: string, body: Uint8Array, padding = 0): Uint8Array {
  const head = new Uint8Array(8);
  head.set(bytesOf(name));
  new DataView(head.buffer).setUint32(4, body.length, true);
  return concatBytes([head, body, body.length % 2 === 0 ? new Uint8Array(0) : Uint8Array.of(padding)]);
}

const webp = (...chunks: readonly Uint8Array[]): Uint8Array => chunk("RIFF", concatBytes([bytesOf("WEBP"), ...chunks]));

const extended = (flags: number, reserved = 0): Uint8Array =>
  chunk("VP8X", Uint8Array.of(flags, reserved, reserved, reserved, 12, 0, 0, 10, 0, 0));
const junk = (length: number): Uint8Array => chunk("JUNK", new Uint8Array(length));
/** An EXIF chunk of `length` bytes as it comes out. */
const minimalExif = (orientation: number, length: number): Uint8Array =>
  chunk("EXIF", concatBytes([exifOrientation(orientation), new Uint8Array(length - 26)]));

const lossy = chunk("VP8 ", pattern(501));
const lossless = chunk("VP8L", pattern(300));
const alpha = chunk("ALPH", pattern(33));
const profile = chunk(
  "ICCP",
  concatBytes([
    rgbProfile(
      d50.displayP3,
      tableCurve(1000, (value) => value ** 2),
    ),
    Uint8Array.of(0),
  ]),
);
const frameHeader = pattern(16);
const frame = (...chunks: readonly Uint8Array[]): Uint8Array => chunk("ANMF", concatBytes([frameHeader, ...chunks]));
const tiff = (orientation: number): Uint8Array => concatBytes([exifOrientation(orientation), secret]);

describe("metadata is blanked in its place", () => {
  const odd = concatBytes([secret, secret.subarray(0, 7)]);

  test.each(["XMP ", "EXIF", "XYZ1", "GPSS", "JUNK", "LIST", "vp8 "])("%s", async (name) => {
    for (const body of [secret, odd]) {
      const bytes = chunk(name, body, 0x35);
      const blank = junk(body.length);
      expect(await stripEverywhere(type, webp(lossy, bytes))).toEqual(webp(lossy, blank));
      for (const place of [0, 1, 2]) {
        const around = (inserted: Uint8Array): Uint8Array =>
          webp(extended(flag.profile), ...[profile, lossless].toSpliced(place, 0, inserted));
        expect(await stripEverywhere(type, around(bytes))).toEqual(around(blank));
      }
    }
  });

  test("the flags say what is left", async () => {
    const file = webp(extended(0xff, 0x35), profile, alpha, lossy, chunk("EXIF", tiff(6)), chunk("XMP ", secret));
    const flags = flag.profile | flag.alpha | flag.animation | flag.exif;
    const expected = webp(extended(flags), profile, alpha, lossy, minimalExif(6, 42), junk(16));
    expect(await stripEverywhere(type, file)).toEqual(expected);
  });

  test("in an animation and in its frames", async () => {
    const file = webp(
      extended(flag.animation),
      chunk("ANIM", Uint8Array.of(1, 2, 3, 4, 5, 6)),
      frame(alpha, lossy, chunk("UNKN", odd, 0x35)),
      chunk("UNKN", secret),
      frame(chunk("EXIF", secret), lossless),
      frame(lossy, chunk("ICCP", secret), concatBytes([secret.subarray(0, 7)])),
      chunk("XMP ", odd),
    );
    const expected = webp(
      extended(flag.animation),
      chunk("ANIM", Uint8Array.of(1, 2, 3, 4, 5, 6)),
      frame(alpha, lossy, junk(odd.length)),
      junk(16),
      frame(junk(16), lossless),
      frame(lossy, junk(16), new Uint8Array(7)),
      junk(odd.length),
    );
    expect(await stripEverywhere(type, file)).toEqual(expected);
  });

  test("beyond what a chunk means, and in padding", async () => {
    const long = chunk("VP8X", concatBytes([extended(0).subarray(8), secret]));
    const file = webp(long, chunk("ANIM", concatBytes([pattern(6), secret])), chunk("VP8 ", pattern(501), 0x35));
    const expected = webp(
      chunk("VP8X", concatBytes([extended(0).subarray(8), new Uint8Array(16)])),
      chunk("ANIM", concatBytes([pattern(6), new Uint8Array(16)])),
      lossy,
    );
    expect(await stripEverywhere(type, file)).toEqual(expected);
  });

  test.each([
    { name: "a second picture", chunks: [lossy, chunk("VP8L", secret)], expected: [lossy, junk(16)] },
    { name: "a second profile", chunks: [profile, lossy, chunk("ICCP", secret)], expected: [profile, lossy, junk(16)] },
    {
      name: "a second header",
      chunks: [extended(0), lossy, chunk("VP8X", secret)],
      expected: [extended(0), lossy, junk(16)],
    },
    {
      name: "a header that is too short",
      chunks: [chunk("VP8X", secret.subarray(0, 9)), lossy],
      expected: [junk(9), lossy],
    },
    {
      name: "a frame that is too short",
      chunks: [lossy, chunk("ANMF", secret.subarray(0, 15))],
      expected: [lossy, junk(15)],
    },
  ])("$name", async ({ chunks, expected }) => {
    expect(await stripEverywhere(type, webp(...chunks))).toEqual(webp(...expected));
  });

  test("behind the end", async () => {
    const file = webp(lossy);
    for (const after of [secret, chunk("EXIF", secret), webp(lossy, chunk("XMP ", secret))]) {
      expect(await stripEverywhere(type, concatBytes([file, after]))).toEqual(file);
    }
  });
});

describe("orientation survives", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("%i, in an EXIF chunk of the same length", async (orientation) => {
    for (const body of [tiff(orientation), concatBytes([bytesOf("Exif\0\0"), tiff(orientation), new Uint8Array(9)])]) {
      const file = webp(extended(flag.exif), lossy, chunk("EXIF", body));
      const expected = webp(extended(flag.exif), lossy, minimalExif(orientation, body.length));
      expect(await stripEverywhere(type, file)).toEqual(expected);
    }
  });

  test.each([26, 27, 65_535, 65_536, 65_537, 200_001])("in %i bytes", async (length) => {
    const body = concatBytes([tiff(6), new Uint8Array(200_000), secret]).subarray(0, length);
    const expected = webp(extended(flag.exif), lossy, minimalExif(6, length));
    expect(await stripEverywhere(type, webp(extended(flag.exif), lossy, chunk("EXIF", body)))).toEqual(expected);
  });

  test("not in less than it takes, not unannounced, not twice", async () => {
    const short = webp(extended(flag.exif), lossy, chunk("EXIF", tiff(6).subarray(0, 25)));
    expect(await stripEverywhere(type, short)).toEqual(webp(extended(flag.exif), lossy, junk(25)));
    const unannounced = webp(extended(0), lossy, chunk("EXIF", tiff(6)));
    expect(await stripEverywhere(type, unannounced)).toEqual(webp(extended(0), lossy, junk(42)));
    const twice = webp(extended(flag.exif), lossy, chunk("EXIF", tiff(6)), chunk("EXIF", tiff(3)));
    expect(await stripEverywhere(type, twice)).toEqual(webp(extended(flag.exif), lossy, minimalExif(6, 42), junk(42)));
  });
});

test("a resolution stays where there is room for it", async () => {
  const sized = minimalTiff(6, 300);
  const file = webp(extended(flag.exif), lossy, chunk("EXIF", concatBytes([sized, secret])));
  const kept = chunk("EXIF", concatBytes([sized, new Uint8Array(secret.length)]));
  expect(await stripEverywhere(type, file)).toEqual(webp(extended(flag.exif), lossy, kept));
});

describe("broken files", () => {
  const file = webp(
    extended(0xff),
    chunk("ICCP", rgbProfile(d50.srgb, srgbCurve)),
    chunk("XMP ", secret),
    chunk("VP8 ", pattern(41)),
    chunk("ABCD", secret),
    frame(chunk("VP8 ", pattern(11)), chunk("EFGH", secret)),
    chunk("EXIF", tiff(6)),
  );

  test("cut after any byte: as far as it goes, without the metadata", async () => {
    for (let length = 0; length < file.length; length++) {
      const stripped = await strip(type, file.subarray(0, length));
      expect(tells(stripped)).toBe(false);
      expect(stripped.length).toBeLessThanOrEqual(length);
      // The heads of chunks come whole or not at all.
      if (length >= 12) expect(stripped.length).toBeGreaterThan(length - 8);
      if (length % 16 === 0) await stripEverywhere(type, file.subarray(0, length));
    }
  });

  test("any bit turned over", async () => {
    for (const broken of flipped(concatBytes([file, secret]))) {
      const stripped = await strip(type, broken);
      expect(stripped.length).toBeLessThanOrEqual(broken.length);
    }
  });

  test("a bit turned over outside the lengths of kept chunks", async () => {
    const simple = webp(lossy, chunk("XMP ", secret), chunk("ABCD", secret));
    const from = 12 + lossy.length;
    for (let at = from; at < simple.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const broken = simple.slice();
        broken[at] = (broken[at] ?? 0) ^ (1 << bit);
        expect(tells(await strip(type, broken))).toBe(false);
      }
    }
  });

  test("a chunk that reaches beyond its file, or its frame", async () => {
    const long = chunk("VP8 ", pattern(40));
    new DataView(long.buffer).setUint32(4, 0xffffffff, true);
    expect(await stripEverywhere(type, concatBytes([webp(long), secret]))).toEqual(webp(long));
    const inFrame = webp(frame(long), chunk("XMP ", secret));
    expect(await stripEverywhere(type, inFrame)).toEqual(webp(frame(long), junk(16)));
  });

  test("a size that is too small ends the picture there", async () => {
    const sized = (size: number): Uint8Array => {
      const copy = webp(lossy, chunk("XMP ", secret));
      new DataView(copy.buffer).setUint32(4, size, true);
      return copy;
    };
    for (const size of [0, 3, 4]) {
      expect(await stripEverywhere(type, sized(size))).toEqual(sized(size).subarray(0, 12));
    }
    expect(await stripEverywhere(type, sized(50))).toEqual(sized(50).subarray(0, 58));
    expect((await stripEverywhere(type, sized(0xffffffff))).length).toBe(sized(0).length);
  });

  test.each([
    new Uint8Array(0),
    secret,
    webp().subarray(0, 11),
    chunk("RIFF", bytesOf("WAVEfmt ")),
    chunk("RIFX", bytesOf("WEBP")),
  ])("not a WebP: nothing passes", async (bytes) => {
    expect(await stripEverywhere(type, bytes)).toEqual(new Uint8Array(0));
  });
});
