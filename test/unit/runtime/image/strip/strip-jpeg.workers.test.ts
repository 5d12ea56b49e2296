import { decode } from "jpeg-js";
import { describe, expect, test } from "vitest";
import { d50, profileSegments, rgbProfile, tableCurve } from "../../../../support/icc-profile.ts";
import { adobeSegment, encodeJpeg, exifOrientation, exifSegment, segment } from "../../../../support/jpeg-encoder.ts";
import { bigEndian, littleEndian } from "../../../../support/header-files.ts";
import { concatBytes } from "../../../../support/png-encoder.ts";
import { pattern } from "../../../../support/source.ts";
import { bytesOf, flipped, secret, strip, stripEverywhere, tells } from "./stripping.ts";

const type = "image/jpeg";
const sampling = [
  [2, 2],
  [1, 1],
  [1, 1],
] as const;
const sample = (component: number, x: number, y: number): number => (component * 70 + x * 5 + y * 3) & 255;
const small = { width: 17, height: 9, sampling, sample };
const named = (code: number, name: string, rest: Uint8Array = secret): Uint8Array =>
  segment(code, concatBytes([bytesOf(name), rest]));

const jfif = named(0xe0, "JFIF\0", Uint8Array.of(1, 2, 1, 0, 72, 0, 72, 0, 0));
const jfifWithThumbnail = named(
  0xe0,
  "JFIF\0",
  concatBytes([Uint8Array.of(1, 2, 1, 0, 72, 0, 72, 8, 1), secret, secret]),
);
const icc = concatBytes(
  profileSegments(
    rgbProfile(
      d50.displayP3,
      tableCurve(1000, (value) => value ** 2),
    ),
    900,
  ),
);
const jfifShape = named(0xe0, "JFIF\0", Uint8Array.of(1, 2, 0, 0, 1, 0, 1, 0, 0));
const comment = segment(0xfe, secret);
const thumbnail = encodeJpeg({ ...small, before: [comment] });
const exifWith = (orientation: number, littleEndian = false): Uint8Array =>
  exifSegment(concatBytes([exifOrientation(orientation, littleEndian), secret, thumbnail]));
const minimalExif = (orientation: number): Uint8Array => exifSegment(exifOrientation(orientation));

const xmp = named(0xe1, "http://ns.adobe.com/xap/1.0/\0");
const iptc = named(0xed, "Photoshop 3.0\x008BIM");

/** Every segment that is not picture, with the secret in it. */
const metadata: Readonly<Record<string, Uint8Array>> = {
  ...Object.fromEntries(
    Array.from({ length: 16 }, (_, number) => [`APP${number}, unknown`, segment(0xe0 + number, secret)]),
  ),
  JFXX: named(0xe0, "JFXX\0\x13"),
  "JFIF, too short": named(0xe0, "JFIF\0", secret.subarray(0, 8)),
  "EXIF, upright": exifWith(1),
  "EXIF, malformed": named(0xe1, "Exif\0\0"),
  XMP: xmp,
  "XMP, extended": named(0xe1, "http://ns.adobe.com/xmp/extension/\0", concatBytes(Array(4000).fill(secret))),
  MPF: named(0xe2, "MPF\0"),
  "ICC, without its numbers": named(0xe2, "ICC_PROFILE\0", new Uint8Array(0)),
  FlashPix: named(0xe2, "FPXR\0"),
  C2PA: named(0xeb, "JP\0\x01"),
  Ducky: named(0xec, "Ducky"),
  IPTC: iptc,
  "Adobe, too short": named(0xee, "Adobe", secret.subarray(0, 6)),
  COM: comment,
  JPG: segment(0xc8, secret),
  JPG5: segment(0xf5, secret),
  "JPEG-LS": segment(0xf8, secret),
  reserved: segment(0x33, secret),
  "a length of none": concatBytes([Uint8Array.of(0xff, 0xe5, 0, 0), secret]),
  "no marker at all": secret,
  "a marker that stands alone": concatBytes([Uint8Array.of(0xff, 0x01), secret]),
  "a restart marker out of place": concatBytes([Uint8Array.of(0xff, 0xd3), secret]),
  // One bit away from what they look like.
  "a frame header that is text": segment(0xc1, secret),
  "Huffman tables that are text": segment(0xc4, secret),
  "quantization tables that are text": segment(0xdb, secret),
  "conditioning that is text": segment(0xcc, secret),
  "a restart interval that is text": segment(0xdd, secret),
  "a scan header that is text": segment(0xda, secret),
  "a scan header before the frame": concatBytes([segment(0xda, Uint8Array.of(1, 1, 0, 0, 63, 0)), secret]),
};

/** Puts bytes before every marker of a code. The encoder's tables hold no FF, and its data stuffs them. */
function putBefore(file: Uint8Array, code: number, bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = file.indexOf(0xff); at >= 0; at = file.indexOf(0xff, at + 1)) {
    if (file[at + 1] !== code) continue;
    parts.push(file.subarray(from, at), bytes);
    from = at;
  }
  return concatBytes([...parts, file.subarray(from)]);
}

function pixelsOf(file: Uint8Array): Uint8Array {
  return decode(file, { useTArray: true, formatAsRGBA: true }).data;
}

describe("metadata is dropped", () => {
  const base = encodeJpeg(small);
  const progressive = encodeJpeg({ ...small, progressive: true });

  test.each(Object.entries(metadata))("%s", async (name, bytes) => {
    expect(await stripEverywhere(type, encodeJpeg({ ...small, before: [bytes] }))).toEqual(base);
    if (name.startsWith("a scan header before")) return;
    expect(await stripEverywhere(type, putBefore(base, 0xc0, bytes))).toEqual(base);
    // Without a marker of its own it would be entropy-coded data there.
    if (bytes[0] !== 0xff || name.startsWith("a restart")) return;
    expect(await stripEverywhere(type, putBefore(base, 0xd9, bytes))).toEqual(base);
    expect(await stripEverywhere(type, putBefore(progressive, 0xda, bytes))).toEqual(progressive);
  });

  test("all at once, and the pixels are the same", async () => {
    for (const layout of [{}, { progressive: true }, { restartInterval: 2 }, { interleaved: false }]) {
      const clean = encodeJpeg({ ...small, ...layout });
      const { "a scan header before the frame": _, ...others } = metadata;
      const file = encodeJpeg({ ...small, ...layout, before: Object.values(others), after: secret });
      expect(tells(file)).toBe(true);
      const stripped = await stripEverywhere(type, file);
      expect(stripped).toEqual(clean);
      expect(pixelsOf(stripped)).toEqual(pixelsOf(clean));
    }
  });

  test.each([
    { name: "text", after: secret },
    { name: "a second picture", after: encodeJpeg({ ...small, before: [comment] }) },
    { name: "an MP4", after: concatBytes([Uint8Array.of(0, 0, 0, 24), bytesOf("ftypmp42"), secret]) },
    { name: "segments", after: concatBytes([icc, jfif, segment(0xdb, new Uint8Array(65)), comment]) },
  ])("after the end: $name", async ({ after }) => {
    expect(await stripEverywhere(type, encodeJpeg({ ...small, after }))).toEqual(base);
  });

  test("a picture that begins where the first has not ended", async () => {
    const open = base.subarray(0, -2);
    expect(await stripEverywhere(type, concatBytes([open, thumbnail]))).toEqual(open);
  });

  test("an archive behind a picture, whatever its bytes are", async () => {
    const after = concatBytes([bytesOf("PK\x03\x04"), pattern(50_000)]);
    expect(await stripEverywhere(type, encodeJpeg({ ...small, after }))).toEqual(base);
  });
});

describe("what is picture stays", () => {
  test.each([
    { name: "JFIF", bytes: jfif },
    { name: "ICC profile, in parts", bytes: icc },
    { name: "Adobe", bytes: adobeSegment(1) },
    { name: "arithmetic conditioning", bytes: segment(0xcc, Uint8Array.of(0, 0x10, 0x13, 5)) },
    {
      name: "two Huffman tables",
      bytes: segment(0xc4, Uint8Array.of(0, ...Array(16).fill(1), ...pattern(16), 0x11, 1, ...Array(15).fill(0), 7)),
    },
    {
      name: "quantization tables of 8 and 16 bits",
      bytes: segment(0xdb, Uint8Array.of(3, ...pattern(64), 0x12, ...pattern(128))),
    },
    { name: "hierarchy", bytes: segment(0xde, Uint8Array.of(8, 0, 9, 0, 17, 1, 1, 0x11, 0)) },
    { name: "expansion", bytes: segment(0xdf, Uint8Array.of(0x11)) },
  ])("$name", async ({ bytes }) => {
    const file = encodeJpeg({ ...small, before: [bytes] });
    expect(await stripEverywhere(type, file)).toEqual(file);
  });

  test.each([0xc1, 0xc3, 0xc5, 0xc9, 0xca, 0xcb, 0xcf])("frame header %i", async (frameCode) => {
    const file = encodeJpeg({ ...small, frameCode, restartInterval: 1 });
    expect(await stripEverywhere(type, file)).toEqual(file);
  });

  test("the number of lines after the first scan", async () => {
    const file = putBefore(encodeJpeg(small), 0xd9, segment(0xdc, Uint8Array.of(0, 9)));
    expect(await stripEverywhere(type, file)).toEqual(file);
  });

  test("JFIF without its thumbnail, Adobe without what follows it", async () => {
    const adobe = adobeSegment(1);
    const before = [jfifWithThumbnail, segment(0xee, concatBytes([adobe.subarray(4), secret]))];
    expect(await stripEverywhere(type, encodeJpeg({ ...small, before }))).toEqual(
      encodeJpeg({ ...small, before: [jfif, adobe] }),
    );
  });

  test("without the fill bytes before its markers", async () => {
    const file = encodeJpeg({ ...small, restartInterval: 1, before: [jfif, comment] });
    const filled = [...file].flatMap((byte, at) =>
      byte === 255 && at > 0 && file[at + 1] !== 0 ? [255, 255, 255] : [byte],
    );
    expect(filled.length).toBeGreaterThan(file.length + 20);
    expect(await stripEverywhere(type, Uint8Array.from(filled))).toEqual(
      encodeJpeg({ ...small, restartInterval: 1, before: [jfif] }),
    );
  });

  test("more entropy-coded data than is put together", async () => {
    const file = encodeJpeg({ ...small, width: 500, height: 500 });
    expect(await stripEverywhere(type, file)).toEqual(file);
  });
});

describe("orientation survives", () => {
  const upright = encodeJpeg(small);

  test.each([2, 3, 4, 5, 6, 7, 8])("%i", async (orientation) => {
    for (const littleEndian of [false, true]) {
      const file = encodeJpeg({ ...small, before: [exifWith(orientation, littleEndian)] });
      expect(await stripEverywhere(type, file)).toEqual(encodeJpeg({ ...small, before: [minimalExif(orientation)] }));
    }
  });

  test.each([0, 1, 9])("%i says nothing, so that no EXIF stays", async (orientation) => {
    expect(await stripEverywhere(type, encodeJpeg({ ...small, before: [exifWith(orientation)] }))).toEqual(upright);
  });

  test.each([
    { name: "after JFIF", before: [jfif, exifWith(6), icc], expected: [jfif, minimalExif(6), icc] },
    {
      name: "after JFIF that came later",
      before: [exifWith(6), jfifWithThumbnail, comment, icc],
      expected: [jfif, minimalExif(6), icc],
    },
    { name: "of the first EXIF", before: [exifWith(6), exifWith(3)], expected: [minimalExif(6)] },
    { name: "of the first EXIF, also when it is upright", before: [exifWith(1), exifWith(3)], expected: [] },
    { name: "after XMP", before: [xmp, exifWith(6)], expected: [minimalExif(6)] },
  ])("$name", async ({ before, expected }) => {
    const file = encodeJpeg({ ...small, before });
    expect(await stripEverywhere(type, file)).toEqual(encodeJpeg({ ...small, before: expected }));
  });

  test("found just before the frame header, and not after a scan", async () => {
    const late = putBefore(upright, 0xc0, exifWith(6));
    expect(await stripEverywhere(type, late)).toEqual(putBefore(upright, 0xc0, minimalExif(6)));
    expect(await stripEverywhere(type, putBefore(upright, 0xd9, exifWith(6)))).toEqual(upright);
  });
});

describe("the resolution survives", () => {
  /** EXIF with a resolution and a secret, in either byte order. */
  function exifOf(dots: number, unit: number, orientation: number, little: boolean): Uint8Array {
    const number = little ? littleEndian : bigEndian;
    const short = (tag: number, value: number): Uint8Array =>
      concatBytes([number(tag, 2), number(3, 2), number(1, 4), number(value, 2), number(0, 2)]);
    const place = 8 + 2 + 4 * 12 + 4;
    const entries = [
      short(0x0112, orientation),
      ...[0x011a, 0x011b].map((tag) => concatBytes([number(tag, 2), number(5, 2), number(1, 4), number(place, 4)])),
      short(0x0128, unit),
    ];
    const head = concatBytes([bytesOf(little ? "II*\0" : "MM\0*"), number(8, 4), number(4, 2)]);
    return exifSegment(concatBytes([head, ...entries, number(0, 4), number(dots, 4), number(1, 4), secret]));
  }
  const withoutSecret = (dots: number, orientation: number): Uint8Array => {
    const whole = exifOf(dots, 2, orientation, false);
    return segment(0xe1, whole.subarray(4, whole.length - secret.length));
  };
  const picture = (...before: readonly Uint8Array[]): Uint8Array => encodeJpeg({ ...small, before });

  test.each([
    { name: "in inches", before: [exifOf(300, 2, 1, false)], expected: [withoutSecret(300, 1)] },
    { name: "in the other byte order, turned", before: [exifOf(300, 2, 6, true)], expected: [withoutSecret(300, 6)] },
    { name: "in centimetres", before: [exifOf(118, 3, 1, true)], expected: [withoutSecret(300, 1)] },
    {
      name: "where JFIF tells a shape only",
      before: [jfifShape, exifOf(240, 2, 1, true)],
      expected: [jfifShape, withoutSecret(240, 1)],
    },
    { name: "of JFIF, which EXIF repeats", before: [exifOf(300, 2, 6, true), jfif], expected: [jfif, minimalExif(6)] },
    { name: "but not one that is a placeholder", before: [exifOf(72, 2, 1, true)], expected: [] },
    { name: "but not one that cannot be", before: [exifOf(0, 2, 1, true)], expected: [] },
    { name: "but not one that is too large", before: [exifOf(0xffffffff, 2, 1, true)], expected: [] },
  ])("$name", async ({ before, expected }) => {
    expect(await stripEverywhere(type, picture(...before))).toEqual(picture(...expected));
  });
});

describe("broken files", () => {
  const before = [exifWith(6), jfifWithThumbnail, comment, xmp, iptc, adobeSegment(1)];
  const whole = encodeJpeg({ ...small, width: 9, progressive: true, before, after: secret });
  const file = putBefore(whole, 0xda, comment);

  test("cut after any byte: what passes is the beginning of what would have", async () => {
    const full = await stripEverywhere(type, file);
    for (let length = 0; length < file.length; length++) {
      const stripped = await strip(type, file.subarray(0, length));
      expect(full.subarray(0, stripped.length)).toEqual(stripped);
      if (length % 32 === 0) await stripEverywhere(type, file.subarray(0, length));
    }
  });

  test("any bit turned over", async () => {
    const file = encodeJpeg({ ...small, width: 8, height: 8, sampling: [[1, 1]], before });
    for (const broken of flipped(file)) {
      const stripped = await strip(type, broken);
      expect(tells(stripped)).toBe(false);
      expect(stripped.length).toBeLessThanOrEqual(file.length);
    }
  });

  test.each([
    { name: "nothing", bytes: new Uint8Array(0) },
    { name: "text", bytes: secret },
    { name: "garbage before the picture", bytes: concatBytes([secret, whole]) },
    { name: "one byte", bytes: Uint8Array.of(0xff) },
  ])("not a JPEG, $name: nothing passes", async ({ bytes }) => {
    expect(await stripEverywhere(type, bytes)).toEqual(new Uint8Array(0));
  });

  test.each([
    "ffd8ffc1f151d800ff51d800ffdaffde",
    "ffd8ffffffffffff",
    "ffd8ffe10000ffe10001ffe10002ffe1",
    "ffd8ffd0ffd1ffd2ffd8ffd9",
  ])("%s ends", async (hex) => {
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    expect((await stripEverywhere(type, bytes)).length).toBeLessThanOrEqual(bytes.length);
  });

  test("noise of every kind of byte", async () => {
    for (let seed = 1; seed < 40; seed++) {
      const noise = pattern(3000, seed).map((byte) => (byte < 90 ? 255 : byte));
      await stripEverywhere(type, concatBytes([Uint8Array.of(0xff, 0xd8), noise]));
    }
  });
});
