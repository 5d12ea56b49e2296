import { decode } from "jpeg-js";
import { describe, expect, test } from "vitest";
import { createImageTap, type ImageLimits, type ImageResult } from "../../../../../src/runtime/image/image-tap.ts";
import { making } from "../../../../../src/runtime/image/thumbnail/making.ts";
import {
  adobeSegment,
  encodeJpeg,
  exifOrientation,
  exifSegment,
  type JpegOptions,
} from "../../../../support/jpeg-encoder.ts";
import { concatBytes } from "../../../../support/png-encoder.ts";

interface Options extends Partial<ImageLimits> {
  readonly edges?: readonly number[];
  readonly chunkBytes?: number;
}

async function inspect(file: Uint8Array, { edges = [40], chunkBytes = 65_536, ...limits }: Options = {}) {
  const rules = edges.map((maxEdge) => ({
    name: `to ${maxEdge}`,
    maxEdge,
    quality: 95,
    background: [255, 255, 255] as const,
  }));
  const tap = createImageTap("image/jpeg", new Set(["width", "dominant_color"]), limits, undefined, { making, rules });
  for (let at = 0; at < file.length; at += chunkBytes) await tap?.push(file.subarray(at, at + chunkBytes));
  return (await tap?.finish()) as ImageResult;
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

async function pixelsOf(file: Uint8Array, options: Options = {}): Promise<Pixels> {
  const { thumbnails, fault } = await inspect(file, options);
  const jpeg = thumbnails?.[0]?.jpeg;
  if (jpeg === null || jpeg === undefined) throw new Error(`no thumbnail: ${fault ?? "no fault"}`);
  return decode(jpeg, { useTArray: true, formatAsRGBA: true });
}

type Color = (x: number, y: number) => readonly number[];

/** Compares each pixel with the colour in its middle: pictures here change slowly. */
function expectColors(
  pixels: Pixels,
  picture: { readonly width: number; readonly height: number },
  color: Color,
  most = 8,
): void {
  const [stepX, stepY] = [picture.width / pixels.width, picture.height / pixels.height];
  let worst = 0;
  for (let y = 0; y < pixels.height; y++) {
    for (let x = 0; x < pixels.width; x++) {
      const expected = color((x + 0.5) * stepX - 0.5, (y + 0.5) * stepY - 0.5);
      for (const [channel, value] of expected.entries()) {
        const found = pixels.data[(y * pixels.width + x) * 4 + channel] ?? Number.NaN;
        worst = Math.max(worst, Math.abs(found - Math.max(0, Math.min(255, value))));
      }
    }
  }
  expect(worst).toBeLessThan(most);
}

const sample = (component: number, x: number, y: number): number =>
  [40 + x / 2, 150 - y / 4, 110 + (x + y) / 12, 250 - x / 4][component] ?? 0;
const raw: Color = (x, y) => [0, 1, 2].map((component) => sample(component, x, y));
const ycc: Color = (x, y) => {
  const [luma = 0, blueness = 0, redness = 0] = raw(x, y);
  return [
    luma + 1.402 * (redness - 128),
    luma - 0.344136 * (blueness - 128) - 0.714136 * (redness - 128),
    luma + 1.772 * (blueness - 128),
  ].map((value) => Math.max(0, Math.min(255, value)));
};
const gray: Color = (x, y) => [0, 0, 0].map(() => sample(0, x, y));

const one = [1, 1] as const;
const samplings: Readonly<Record<string, JpegOptions["sampling"]>> = {
  gray: [one],
  "4:4:4": [one, one, one],
  "4:2:2": [[2, 1], one, one],
  "4:4:0": [[1, 2], one, one],
  "4:2:0": [[2, 2], one, one],
  "4:1:1": [[4, 1], one, one],
  "3:1, 2:1": [[3, 1], [2, 1], one],
};
const layouts: Readonly<Record<string, Partial<JpegOptions>>> = {
  baseline: {},
  "one scan a component": { interleaved: false },
  restarts: { restartInterval: 3 },
  progressive: { progressive: true },
  "progressive, restarts": { progressive: true, restartInterval: 2 },
  "12 bits": { precisionBits: 12 },
  "12 bits, progressive": { precisionBits: 12, progressive: true },
};
const cases = Object.entries(samplings).flatMap(([samplingName, sampling]) =>
  Object.entries(layouts).map(([layoutName, layout]) => ({ name: `${samplingName}, ${layoutName}`, sampling, layout })),
);

describe.each(cases)("$name", ({ sampling, layout }) => {
  const picture = { width: 331, height: 210, sampling, sample, ...layout };
  const color = sampling.length === 1 ? gray : ycc;

  // Each larger than half of what blocks of one side less can give.
  test.each([31, 60, 119, 240])("at most %i pixels", async (edge) => {
    const pixels = await pixelsOf(encodeJpeg(picture), { edges: [edge] });
    expect([pixels.width, pixels.height]).toEqual([edge, Math.round((edge * 210) / 331)]);
    expectColors(pixels, picture, color);
  });

  test("the same whatever the chunks", async () => {
    const file = encodeJpeg(picture);
    const whole = await inspect(file, { edges: [40, 119] });
    for (const chunkBytes of [7, 977]) {
      expect(await inspect(file, { edges: [40, 119], chunkBytes })).toEqual(whole);
    }
  });
});

describe("colour models", () => {
  const black = (x: number, y: number): number => sample(3, x, y) / 255;
  const four = [one, one, one, one];
  test.each<{ name: string; options: Pick<JpegOptions, "sampling" | "before" | "ids">; color: Color }>([
    { name: "RGB by Adobe", options: { sampling: four.slice(1), before: [adobeSegment(0)] }, color: raw },
    { name: "RGB by names", options: { sampling: four.slice(1), ids: [82, 71, 66] }, color: raw },
    {
      name: "CMYK",
      options: { sampling: four, before: [adobeSegment(0)] },
      color: (x, y) => raw(x, y).map((light) => light * black(x, y)),
    },
    {
      name: "YCCK",
      options: { sampling: four, before: [adobeSegment(2)] },
      color: (x, y) => ycc(x, y).map((ink) => (255 - ink) * black(x, y)),
    },
  ])("$name", async ({ options, color }) => {
    for (const progressive of [false, true]) {
      const picture = { width: 333, height: 211, sample, ...options, progressive };
      for (const edge of [31, 119])
        expectColors(await pixelsOf(encodeJpeg(picture), { edges: [edge] }), picture, color, 10);
    }
  });
});

describe("sizes", () => {
  const sampling: JpegOptions["sampling"] = [[2, 2], one, one];

  test("several of one picture, in the order of their rules; a picture stands for those that are no smaller", async () => {
    const picture = { width: 300, height: 200, sampling, sample };
    const { thumbnails } = await inspect(encodeJpeg(picture), { edges: [400, 30, 150] });
    expect(thumbnails?.map(({ name, width, height, jpeg }) => [name, width, height, jpeg === null])).toEqual([
      ["to 400", 300, 200, true],
      ["to 30", 30, 20, false],
      ["to 150", 150, 100, false],
    ]);
    for (const index of [1, 2]) {
      const jpeg = thumbnails?.[index]?.jpeg ?? new Uint8Array(0);
      expectColors(decode(jpeg, { useTArray: true, formatAsRGBA: true }), picture, ycc);
    }
  });

  test.each([
    [1, 1],
    [8, 8],
    [40, 17],
  ])("%i × %i is its own", async (width, height) => {
    const { thumbnails } = await inspect(encodeJpeg({ width, height, sampling, sample }));
    expect(thumbnails).toEqual([{ name: "to 40", width, height, jpeg: null }]);
  });

  test.each([
    [41, 1],
    [1, 41],
    [9000, 1],
    [1, 9000],
    [4001, 3],
    [57, 49],
  ])("%i × %i", async (width, height) => {
    for (const progressive of [false, true]) {
      const file = encodeJpeg({ width, height, sampling, sample: (component) => 90 + component * 20, progressive });
      const pixels = await pixelsOf(file);
      expect(Math.max(pixels.width, pixels.height)).toBe(40);
      expectColors(
        pixels,
        { width, height },
        () => [90 + 1.402 * 2, 90 + 0.344136 * 18 - 0.714136 * 2, 90 - 1.772 * 18],
        4,
      );
    }
  });

  test("upright", async () => {
    const picture = { width: 320, height: 200, sampling, sample };
    const before = [exifSegment(exifOrientation(6))];
    const pixels = await pixelsOf(encodeJpeg({ ...picture, before }));
    expect([pixels.width, pixels.height]).toEqual([25, 40]);
    // Turned by a quarter to the right: the shown column is the stored row from below.
    expectColors(pixels, { width: 200, height: 320 }, (x, y) => ycc(y, 199 - x));
  });
});

describe("broken pictures", () => {
  const options: JpegOptions = { width: 256, height: 256, sampling: [[2, 2], one, one], sample, restartInterval: 16 };
  const restarts = (file: Uint8Array): number[] =>
    [...file.keys()].filter((at) => file[at] === 0xff && ((file[at + 1] ?? 0) & 0xf8) === 0xd0);
  /** What lies in lost rows of units looks like rows beside them. */
  const isNear = (found: Pixels, whole: Pixels, rows: (row: number) => boolean, most: number): void => {
    for (const [at, value] of found.data.entries()) {
      const row = Math.floor(at / 4 / found.width);
      if (rows(row)) expect(Math.abs(value - (whole.data[at] ?? 0))).toBeLessThan(most);
    }
  };

  test.each([32, 64, 128])("a lost segment shows what is beside it (%i pixels)", async (edge) => {
    const file = encodeJpeg(options);
    const places = restarts(file);
    const cut = concatBytes([file.subarray(0, places[4]), file.subarray(places[5])]);
    const [whole, found] = [await pixelsOf(file, { edges: [edge] }), await pixelsOf(cut, { edges: [edge] })];
    isNear(found, whole, () => true, 14);
  });

  test.each([
    { name: "baseline", layout: {} },
    { name: "progressive", layout: { progressive: true } },
  ])("$name, cut: the last row that came goes on below", async ({ layout }) => {
    const picture = { ...options, ...layout, restartInterval: 0 };
    const file = encodeJpeg(picture);
    for (const edge of [32, 64, 128]) {
      let found = 0;
      for (let tenth = 1; tenth < 10; tenth++) {
        const { thumbnails } = await inspect(file.subarray(0, Math.floor((file.length * tenth) / 10)), {
          edges: [edge],
        });
        const jpeg = thumbnails?.[0]?.jpeg;
        if (jpeg === null || jpeg === undefined) continue;
        found++;
        const { data } = decode(jpeg, { useTArray: true, formatAsRGBA: true });
        // The picture's columns are the same in all rows but for a slow change: gray would be far from it.
        const last = [...data.subarray(data.length - edge * 4)];
        const [left, right] = [last.slice(0, 3), last.slice(-4, -1)];
        for (const [pixel, x] of [
          [left, 0],
          [right, 255],
        ] as const) {
          const luma = 0.299 * (pixel[0] ?? 0) + 0.587 * (pixel[1] ?? 0) + 0.114 * (pixel[2] ?? 0);
          expect(Math.abs(luma - sample(0, x, 0))).toBeLessThan(16);
        }
      }
      expect(found).toBeGreaterThan(5);
    }
  });

  test("no thumbnail without a component", async () => {
    const file = encodeJpeg({ ...options, interleaved: false, restartInterval: 0 });
    const { thumbnails } = await inspect(file.subarray(0, Math.floor(file.length / 2)));
    expect(thumbnails).toBeNull();
  });

  test("bytes that were changed: an end, within the work that a picture may take", async () => {
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 0x7fff_ffff;
      return seed % below;
    };
    for (const layout of [{}, { progressive: true }, { precisionBits: 12 as const }, { restartInterval: 0 }]) {
      const file = encodeJpeg({ ...options, ...layout });
      for (let round = 0; round < 60; round++) {
        const broken = file.slice();
        for (let changes = random(5); changes >= 0; changes--) broken[random(broken.length)] = random(256);
        const result = await inspect(broken, { edges: [32, 120], maxWork: 20_000_000 });
        for (const thumbnail of result.thumbnails ?? []) {
          if (thumbnail.jpeg === null) continue;
          const { width, height } = decode(thumbnail.jpeg, { useTArray: true });
          expect([width, height]).toEqual([thumbnail.width, thumbnail.height]);
        }
        if (round % 10 === 0) {
          expect(await inspect(broken, { edges: [32, 120], maxWork: 20_000_000, chunkBytes: 101 })).toEqual(result);
        }
      }
    }
  });

  test("what thumbnails take is counted before it is done", async () => {
    const file = encodeJpeg({ ...options, progressive: true });
    const { thumbnails, fault } = await inspect(file, { edges: [200], maxWork: 100_000 });
    expect(thumbnails).toBeNull();
    expect(fault).toBe("more than 100000 units of work");
  });
});
