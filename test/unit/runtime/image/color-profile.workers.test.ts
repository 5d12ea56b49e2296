/** Colours as people see them: what profiles and chunks say is applied, and nothing they say costs time. */
import { describe, expect, test } from "vitest";
import { maxProfileBytes, readIccProfile } from "../../../../src/runtime/image/color/icc-profile.ts";
import { bigEndian, bytesOf } from "../../../support/header-files.ts";
import {
  d50,
  gammaCurve,
  grayProfile,
  iccProfile,
  identityCurve,
  parametricCurve,
  profileSegments,
  rgbProfile,
  srgbCurve,
  tableCurve,
  xyzTag,
} from "../../../support/icc-profile.ts";
import { adobeSegment, encodeJpeg, segment, type JpegOptions } from "../../../support/jpeg-encoder.ts";
import { concatBytes, deflateZeros, encodePng, pngChunk, type PngOptions } from "../../../support/png-encoder.ts";
import { inspect, sampleGrid } from "./sampling.ts";

type Rgb = readonly [number, number, number];

function convert(profile: Uint8Array, color: Rgb, isColor = true): number[] | null {
  const toSrgb = readIccProfile(profile, isColor);
  if (toSrgb === null) return null;
  const values = Float64Array.from(color);
  toSrgb(values, 0);
  return [...values].map(Math.round);
}

const srgbLight = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

describe("profiles of three primaries", () => {
  /** What LittleCMS makes of the same profiles. */
  test.each<{ name: string; profile: Uint8Array; color: Rgb; expected: Rgb }>([
    {
      name: "Display P3",
      profile: rgbProfile(d50.displayP3, srgbCurve),
      color: [92, 189, 82],
      expected: [35, 192, 64],
    },
    {
      name: "Display P3, white",
      profile: rgbProfile(d50.displayP3, srgbCurve),
      color: [255, 255, 255],
      expected: [255, 255, 255],
    },
    {
      name: "Display P3, beyond sRGB",
      profile: rgbProfile(d50.displayP3, srgbCurve),
      color: [0, 255, 0],
      expected: [0, 255, 0],
    },
    {
      name: "Adobe RGB",
      profile: rgbProfile(d50.adobeRgb, gammaCurve(2.19921875)),
      color: [120, 160, 90],
      expected: [98, 161, 86],
    },
    {
      name: "ProPhoto",
      profile: rgbProfile(d50.proPhoto, gammaCurve(1.8)),
      color: [100, 110, 90],
      expected: [115, 132, 107],
    },
    {
      name: "light as it is",
      profile: rgbProfile(d50.srgb, identityCurve),
      color: [64, 64, 64],
      expected: [137, 137, 137],
    },
    {
      name: "a table",
      profile: rgbProfile(
        d50.srgb,
        tableCurve(1024, (x) => x),
      ),
      color: [64, 64, 64],
      expected: [137, 137, 137],
    },
    {
      name: "a table of two",
      profile: rgbProfile(
        d50.srgb,
        tableCurve(2, (x) => x),
      ),
      color: [255, 64, 0],
      expected: [255, 137, 0],
    },
  ])("$name", ({ profile, color, expected }) => {
    for (const [channel, value] of (convert(profile, color) ?? []).entries()) {
      expect(Math.abs(value - (expected[channel] ?? 0))).toBeLessThanOrEqual(1);
    }
    expect(convert(profile, color)).not.toBeNull();
  });

  test.each([
    { name: "of sRGB's formula", curve: srgbCurve },
    { name: "of a table", curve: tableCurve(256, srgbLight) },
  ])("sRGB itself, $name, changes nothing", ({ curve }) => {
    expect(readIccProfile(rgbProfile(d50.srgb, curve), true)).toBeNull();
    expect(readIccProfile(grayProfile(curve), false)).toBeNull();
  });

  test.each([
    { type: 0, parameters: [2], expected: 0.25 },
    { type: 1, parameters: [2, 2, -0.5], expected: 0.25 },
    { type: 2, parameters: [2, 1, 0, 0.25], expected: 0.5 },
    { type: 3, parameters: [2, 1, 0, 0.5, 0.9], expected: 0.25 },
    { type: 4, parameters: [2, 1, 0, 0.5, 0.1, 0.25, 0.9], expected: 0.5 },
    { type: 4, parameters: [2, 1, 0, 0.5, 0.9, 0.9, 0.25], expected: 0.5 },
  ])("parametric curves of type $type", ({ type, parameters, expected }) => {
    const [level = 0] = convert(grayProfile(parametricCurve(type, ...parameters)), [127.5, 127.5, 127.5], false) ?? [];
    expect(srgbLight(level / 255)).toBeCloseTo(expected, 2);
  });

  test("gray", () => {
    expect(convert(grayProfile(gammaCurve(1)), [64, 64, 64], false)).toEqual([137, 137, 137]);
  });
});

describe("profiles that are not applied", () => {
  const whole = rgbProfile(d50.displayP3, srgbCurve);
  const { length } = whole;

  test.each([
    { name: "of ink", profile: iccProfile("CMYK", { A2B0: new Uint8Array(40) }) },
    { name: "of look-up tables", profile: iccProfile("RGB ", { A2B0: new Uint8Array(40) }) },
    { name: "of gray, for colours", profile: grayProfile(gammaCurve(1)) },
    { name: "of an unknown curve", profile: rgbProfile(d50.srgb, bytesOf("what", new Uint8Array(20))) },
    { name: "of a formula that ICC lacks", profile: rgbProfile(d50.srgb, parametricCurve(5, 1, 1, 1, 1, 1, 1, 1)) },
    {
      name: "of a table without its numbers",
      profile: rgbProfile(d50.srgb, bytesOf("curv", bigEndian(0, 4), bigEndian(0xffffffff, 4))),
    },
    { name: "without anything", profile: new Uint8Array(0) },
    { name: "of zeros", profile: new Uint8Array(4000) },
  ])("$name", ({ profile }) => {
    expect(readIccProfile(profile, true)).toBeNull();
  });

  test("cut anywhere, or with any byte changed: a colour or none, never a throw", () => {
    for (let at = 0; at < length; at++) {
      readIccProfile(whole.subarray(0, at), true);
      for (const value of [0, 0xff]) {
        const converted = convert(whole.with(at, value), [10, 200, 90]);
        for (const channel of converted ?? []) expect(channel >= 0 && channel <= 255).toBe(true);
      }
    }
  });

  test("tags without end, all in one place, and a table that claims the whole file", () => {
    const tags = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`t${index}`.padEnd(4).slice(0, 4), xyzTag([0, 0, 0])]),
    );
    expect(readIccProfile(iccProfile("RGB ", tags), true)).toBeNull();
    const claims = whole.slice();
    new DataView(claims.buffer).setUint32(128, 0xffffffff);
    expect(readIccProfile(claims, true)).not.toBeNull();
  });
});

const flat = (color: Rgb): Pick<JpegOptions, "width" | "height" | "sampling" | "ids" | "sample" | "step"> => ({
  width: 16,
  height: 16,
  sampling: [
    [1, 1],
    [1, 1],
    [1, 1],
  ],
  ids: [82, 71, 66],
  sample: (component) => color[component] ?? 0,
  step: 1,
});
const p3 = rgbProfile(d50.displayP3, srgbCurve);

describe("JPEG", () => {
  const colorOf = async (file: Uint8Array): Promise<(string | null)[]> => {
    const results = [await inspect(file), await inspect(file, { smallJpegPixels: 0 })];
    return results.map(({ dominantColor }) => dominantColor);
  };

  test("Display P3, in one segment or in several, in any order", async () => {
    const parts = profileSegments(p3, 100);
    for (const before of [profileSegments(p3), parts, parts.toReversed(), [...parts, ...parts]]) {
      expect(await colorOf(encodeJpeg({ ...flat([92, 189, 82]), before }))).toEqual(["#23c040", "#23c040"]);
    }
  });

  test("a profile that lacks a part, is too long, or is of another application", async () => {
    const padded = bytesOf(p3, new Uint8Array(maxProfileBytes));
    for (const before of [
      profileSegments(p3, 100).slice(1),
      profileSegments(padded),
      [segment(0xe2, bytesOf("MPF\0", p3))],
    ]) {
      expect(await colorOf(encodeJpeg({ ...flat([92, 189, 82]), before }))).toEqual(["#5cbd52", "#5cbd52"]);
    }
  });

  test("gray with its own profile, and with one of colours", async () => {
    const gray = { width: 16, height: 16, sampling: [[1, 1]] as const, sample: () => 64, step: 1 };
    expect(await colorOf(encodeJpeg({ ...gray, before: profileSegments(grayProfile(identityCurve)) }))).toEqual([
      "#898989",
      "#898989",
    ]);
    expect(
      await colorOf(encodeJpeg({ ...gray, before: profileSegments(rgbProfile(d50.srgb, identityCurve)) })),
    ).toEqual(["#898989", "#898989"]);
  });

  const four = [...flat([0, 0, 0]).sampling, [1, 1]] as const;

  test("ink is stored as light, with and without Adobe's word on it", async () => {
    const ink = { width: 16, height: 16, sampling: four, sample: () => 255, step: 1 };
    for (const before of [[], [adobeSegment(0)]]) {
      expect(await colorOf(encodeJpeg({ ...ink, before }))).toEqual(["#ffffff", "#ffffff"]);
    }
  });

  test("black counts where it is, not on average", async () => {
    // Left: white paper; right: black on which the colours are light. Averaged apart, both would be gray.
    const ink = {
      width: 640,
      height: 512,
      sampling: four,
      sample: (component: number, x: number) => ((component === 3) === x % 32 < 16 ? 255 : 0),
      step: 1,
    };
    const { rgba } = await sampleGrid(encodeJpeg({ ...ink, before: [adobeSegment(0)] }));
    expect(Math.max(...rgba.filter((_, at) => at % 4 < 3))).toBeLessThanOrEqual(2);
  });

  test("JFIF decides before Adobe, as in libjpeg", async () => {
    const jfif = segment(0xe0, bytesOf("JFIF\0", new Uint8Array(9)));
    const [one] = await colorOf(encodeJpeg({ ...flat([128, 128, 128]), before: [jfif, adobeSegment(0)] }));
    const [other] = await colorOf(encodeJpeg({ ...flat([100, 128, 200]), before: [jfif, adobeSegment(0)] }));
    expect([one, other]).toEqual(["#808080", "#c93164"]);
  });

  test.each([1, 12, 40, 80])("a gray of coarse progressive files stays gray, with steps of %i", async (step) => {
    for (const sampling of [
      [[1, 1]] as const,
      [
        [2, 2],
        [1, 1],
        [1, 1],
      ] as const,
    ]) {
      const options = { width: 640, height: 512, sampling, sample: () => 128, step };
      for (const progressive of [false, true]) {
        expect((await inspect(encodeJpeg({ ...options, progressive }))).dominantColor).toBe("#808080");
      }
    }
  });

  test.each([60, 133, 201])("the last bit of coarse progressive files counts: gray %i", async (level) => {
    const gray = { width: 640, height: 512, sampling: [[1, 1]] as const, sample: () => level, step: 40 };
    const colors = await Promise.all(
      [{}, { progressive: true }, { progressive: true, restartInterval: 7 }].map(async (layout) => {
        const file = encodeJpeg({ ...gray, ...layout });
        return (await inspect(file, { chunkBytes: 1000 })).dominantColor;
      }),
    );
    expect(new Set(colors).size).toBe(1);
  });
});

describe("PNG", () => {
  const png = (options: Partial<PngOptions>): Promise<Uint8Array> =>
    encodePng({ width: 4, height: 4, colorType: 2, depth: 8, pixel: () => [64, 64, 64], ...options });
  const colorOf = async (...before: Uint8Array[]): Promise<string | null> =>
    (await inspect(await png({ before }), { chunkBytes: 7 })).dominantColor;
  const gamma = (value: number): Uint8Array => pngChunk("gAMA", bigEndian(value, 4));
  const srgb = pngChunk("sRGB", Uint8Array.of(0));
  const packed = async (profile: Uint8Array): Promise<Uint8Array> => {
    const stream = new Blob([profile.slice()]).stream().pipeThrough(new CompressionStream("deflate"));
    return pngChunk("iCCP", bytesOf("a name", 0, 0, new Uint8Array(await new Response(stream).arrayBuffer())));
  };

  test("a gamma of 1 is light as it is; sRGB and a profile come first", async () => {
    expect(await colorOf(gamma(100_000))).toBe("#898989");
    expect(await colorOf(gamma(100_000), srgb)).toBe("#404040");
    expect(await colorOf(gamma(100_000), await packed(rgbProfile(d50.srgb, srgbCurve)))).toBe("#404040");
    expect(await colorOf(await packed(rgbProfile(d50.srgb, identityCurve)), gamma(45_455))).toBe("#898989");
  });

  test("a gamma like sRGB's, or none at all, changes nothing", async () => {
    for (const value of [45_455, 45_000, 47_000, 0]) expect(await colorOf(gamma(value))).toBe("#404040");
    expect(await colorOf(pngChunk("gAMA", new Uint8Array(3)))).toBe("#404040");
  });

  /** What Chromium shows. */
  const d65 = [0.3127, 0.329] as const;
  const chroma = (...points: readonly number[]): Uint8Array =>
    pngChunk("cHRM", bytesOf(...points.map((value) => bigEndian(Math.round(value * 100_000), 4))));
  const p3Chroma = chroma(...d65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06);
  const codes = (...values: readonly number[]): Uint8Array => pngChunk("cICP", Uint8Array.from(values));
  test.each<{ name: string; before: readonly Uint8Array[]; expected: string }>([
    { name: "cHRM alone", before: [p3Chroma], expected: "#5cbd52" },
    { name: "cHRM and gAMA", before: [p3Chroma, gamma(45_455)], expected: "#1fc13e" },
    { name: "cHRM and a gAMA of 1", before: [gamma(100_000), p3Chroma], expected: "#8fe292" },
    {
      name: "cHRM of another white",
      before: [gamma(55_556), chroma(0.34567, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001)],
      expected: "#00d745",
    },
    { name: "cHRM behind sRGB", before: [srgb, gamma(45_455), p3Chroma], expected: "#5cbd52" },
    { name: "a cHRM cut short", before: [gamma(45_455), pngChunk("cHRM", new Uint8Array(31))], expected: "#5cbd52" },
    { name: "cHRM of zeros", before: [gamma(45_455), chroma(0, 0, 0, 0, 0, 0, 0, 0)], expected: "#5cbd52" },
    {
      name: "cHRM on a line",
      before: [gamma(45_455), chroma(...d65, 0.3, 0.3, 0.4, 0.4, 0.5, 0.5)],
      expected: "#5cbd52",
    },
    { name: "cICP of Display P3", before: [codes(12, 13, 0, 1), gamma(100_000)], expected: "#23c040" },
    { name: "cICP of television", before: [codes(1, 1, 0, 1)], expected: "#53b948" },
    { name: "cICP of sRGB before gAMA", before: [codes(1, 13, 0, 1), gamma(100_000)], expected: "#5cbd52" },
    { name: "cICP of HDR, which is left out", before: [codes(9, 16, 0, 1), gamma(100_000)], expected: "#a2df9a" },
  ])("$name", async ({ before, expected }) => {
    expect((await inspect(await png({ before, pixel: () => [92, 189, 82] }))).dominantColor).toBe(expected);
  });

  test("any cHRM at all: a colour, and none for gray that is not gray", async () => {
    let state = 1;
    const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> (state & 31);
    for (let round = 0; round < 200; round++) {
      const points = pngChunk("cHRM", bytesOf(...Array.from({ length: 8 }, () => bigEndian(next(), 4))));
      const color = (await colorOf(gamma(70_000), points)) ?? "";
      const [red = 0, green = 0, blue = 0] = (color.match(/[0-9a-f]{2}/g) ?? []).map((level) =>
        Number.parseInt(level, 16),
      );
      expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThanOrEqual(1);
    }
  });

  test("gray, palettes and 16 bits alike", async () => {
    const before = [gamma(100_000)];
    const kinds: Partial<PngOptions>[] = [
      { colorType: 0, pixel: () => [64] },
      { colorType: 3, pixel: () => [1], palette: Uint8Array.of(0, 0, 0, 64, 64, 64) },
      { depth: 16, pixel: () => [64 * 257, 64 * 257, 64 * 257] },
      { colorType: 6, pixel: () => [64, 64, 64, 200] },
    ];
    for (const kind of kinds) expect((await inspect(await png({ ...kind, before }))).dominantColor).toBe("#898989");
  });

  test("of 16 bits both bytes count", async () => {
    const file = await png({ depth: 16, pixel: () => [0x00ff, 0x00ff, 0x00ff], before: [gamma(100_000)] });
    expect((await inspect(file)).dominantColor).toBe("#0d0d0d");
  });

  test("a profile that is a bomb, cut, or no deflate stream costs nothing and changes nothing", async () => {
    const bomb = pngChunk("iCCP", bytesOf("x", 0, 0, await deflateZeros(8_000_000)));
    const whole = await packed(p3);
    const cut = pngChunk("iCCP", whole.subarray(8, 60));
    for (const chunk of [
      bomb,
      cut,
      pngChunk("iCCP", new Uint8Array(30_000).fill(7)),
      pngChunk("iCCP", new Uint8Array(0)),
    ]) {
      expect(await colorOf(chunk)).toBe("#404040");
    }
    // Only the first of many is read.
    expect(await colorOf(...Array.from({ length: 100 }, () => bomb), whole)).toBe("#404040");
  });

  test.each([
    { depth: 1, colorType: 0, shown: [0], hidden: [1], transparency: Uint8Array.of(0, 0xff) },
    { depth: 2, colorType: 0, shown: [0], hidden: [2], transparency: Uint8Array.of(0xab, 0xfe) },
    { depth: 4, colorType: 0, shown: [0], hidden: [9], transparency: Uint8Array.of(1, 0x39) },
    { depth: 8, colorType: 0, shown: [0], hidden: [200], transparency: Uint8Array.of(0x7f, 200) },
    { depth: 8, colorType: 2, shown: [0, 0, 0], hidden: [9, 8, 7], transparency: Uint8Array.of(255, 9, 1, 8, 128, 7) },
  ])(
    "bits of tRNS beyond the depth mean nothing: colour type $colorType, $depth bits",
    async ({ depth, colorType, shown, hidden, transparency }) => {
      for (const interlaced of [false, true]) {
        const pixel = (x: number): readonly number[] => (x % 2 === 0 ? shown : hidden);
        const file = await png({ width: 8, height: 8, depth, colorType, pixel, transparency, interlaced });
        const { dominantColor, hasAlpha } = await inspect(file);
        expect({ dominantColor, hasAlpha }).toEqual({ dominantColor: "#000000", hasAlpha: true });
        const alphas = (await sampleGrid(file)).rgba.filter((_, at) => at % 4 === 3);
        expect(alphas).toEqual(Uint8ClampedArray.from({ length: 64 }, (_, at) => (at % 2 === 0 ? 255 : 0)));
      }
    },
  );

  test("of 16 bits in tRNS every one counts", async () => {
    const options = { depth: 16, colorType: 0, transparency: Uint8Array.of(1, 44) };
    for (const [level, dominantColor] of [
      [0x12c, null],
      [0x2c, "#000000"],
    ] as const) {
      expect((await inspect(await png({ ...options, pixel: () => [level] }))).dominantColor).toBe(dominantColor);
    }
  });
});

test("a JPEG whose height comes behind its pixels has its size", async () => {
  const file = encodeJpeg({ ...flat([1, 2, 3]), width: 96, height: 64 });
  const frame = file.findIndex((byte, at) => byte === 0xff && file[at + 1] === 0xc0);
  const late = concatBytes([file.subarray(0, -2), segment(0xdc, Uint8Array.of(0, 64)), Uint8Array.of(0xff, 0xd9)]);
  late.fill(0, frame + 5, frame + 7);
  for (const chunkBytes of [1, 64, Infinity]) {
    expect(await inspect(late, { chunkBytes })).toMatchObject({
      width: 96,
      height: 64,
      dominantColor: null,
      fault: "no height before the first scan",
    });
    expect(await inspect(late, { chunkBytes, wanted: new Set(["width"] as const) })).toMatchObject({
      width: 96,
      fault: null,
    });
  }
});

test("an empty comment ends nothing", async () => {
  const before = [Uint8Array.of(0xff, 0xfe, 0, 2), Uint8Array.of(0xff, 0xfe, 0, 0)];
  expect((await inspect(encodeJpeg({ ...flat([92, 189, 82]), before }))).dominantColor).toBe("#5cbd52");
});
