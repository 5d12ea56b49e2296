import { decode } from "jpeg-js";
import { describe, expect, test } from "vitest";
import { adobeSegment, encodeJpeg, segment, type JpegOptions } from "../../../support/jpeg-encoder.ts";
import { concatBytes } from "../../../support/png-encoder.ts";
import { chunkSizes, expectClose, sampleGrid } from "./sampling.ts";

/** Smooth within blocks, so that chroma subsampling loses little; different per component. */
function testSample(component: number, x: number, y: number): number {
  const wave = Math.sin(x / 40 + component * 2) * 50 + Math.cos(y / 30 + component) * 50;
  return Math.round(Math.max(0, Math.min(255, 128 + wave * (component === 0 ? 1 : 0.6))));
}

/** The 1:8 picture, also of pictures that are small enough to be decoded in full. */
const streamed = { smallJpegPixels: 0 };

const subsampled: JpegOptions["sampling"] = [
  [2, 2],
  [1, 1],
  [1, 1],
];

const samplings: Readonly<Record<string, JpegOptions["sampling"]>> = {
  gray: [[1, 1]],
  "gray with sampling factors": [[2, 2]],
  "4:4:4": [
    [1, 1],
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
  "4:2:0": subsampled,
  "4:1:1": [
    [4, 1],
    [1, 1],
    [1, 1],
  ],
};

const layouts: Readonly<Record<string, Partial<JpegOptions>>> = {
  baseline: {},
  "one scan a component": { interleaved: false },
  restarts: { restartInterval: 3 },
  progressive: { progressive: true },
  "progressive, restarts": { progressive: true, restartInterval: 2 },
  "progressive, one DC scan a component": { progressive: true, interleaved: false },
};

/** jpeg-js reads on beyond the last block of a scan of one component with restarts: it gets the same picture without. */
function decodeFully(options: JpegOptions): { data: Uint8Array; width: number; height: number } {
  // It cuts off the fractions of the colours that it makes, so that they are made here.
  const full = decode(encodeJpeg({ ...options, restartInterval: 0 }), {
    useTArray: true,
    formatAsRGBA: true,
    colorTransform: false,
  });
  if (options.sampling.length !== 3) return full;
  const data = new Uint8ClampedArray(full.data.length);
  for (let at = 0; at < data.length; at += 4) {
    const [luma = 0, cb = 0, cr = 0] = full.data.subarray(at, at + 3);
    const [blueness, redness] = [cb - 128, cr - 128];
    data.set(
      [luma + 1.402 * redness, luma - 0.344136 * blueness - 0.714136 * redness, luma + 1.772 * blueness, 255],
      at,
    );
  }
  return { ...full, data: new Uint8Array(data) };
}

const sizes = [
  [1, 1],
  [7, 9],
  [8, 8],
  [16, 16],
  [17, 15],
  [33, 50],
  [160, 121],
] as const;

const cases = Object.entries(samplings).flatMap(([samplingName, sampling]) =>
  Object.entries(layouts).map(([layoutName, layout]) => ({ name: `${samplingName}, ${layoutName}`, sampling, layout })),
);

describe.each(cases)("$name", ({ sampling, layout }) => {
  test("the 1:8 picture and the full one agree with jpeg-js", async () => {
    for (const [width, height] of sizes) {
      const options = { width, height, sampling, sample: testSample, ...layout };
      const file = encodeJpeg(options);
      const full = decodeFully(options);
      // At the edges a block's average includes its padding; cells are large, pictures small.
      expectClose(await sampleGrid(file, streamed), full, { mean: 4, most: 24 });
      const fullPath = layout.progressive !== true || layout.restartInterval === undefined || sampling.length === 1;
      if (fullPath) expectClose(await sampleGrid(file), full, { mean: 0.5, most: 1.01 });
    }
  });

  test("whole blocks: exact but for rounding", async () => {
    const options = { width: 256, height: 128, sampling, sample: testSample, ...layout };
    expectClose(await sampleGrid(encodeJpeg(options), streamed), decodeFully(options), { mean: 0.8, most: 4 });
  });

  test("any chunking gives the same grid", async () => {
    const file = encodeJpeg({ width: 45, height: 37, sampling, sample: testSample, ...layout });
    for (const limits of [{}, streamed]) {
      const whole = await sampleGrid(file, limits);
      for (const chunkBytes of chunkSizes) expect(await sampleGrid(file, { ...limits, chunkBytes })).toEqual(whole);
    }
  });
});

describe("colour models", () => {
  const gradient = (component: number, x: number, y: number): number =>
    [40 + x / 2, 200 - y / 2, 90 + (x + y) / 4, 250 - x / 3][component] ?? 0;
  const four: JpegOptions["sampling"] = [
    [1, 1],
    [1, 1],
    [1, 1],
    [1, 1],
  ];
  const three = four.slice(0, 3);
  const picture = { width: 256, height: 192, sample: gradient };
  /** What a pixel should look like, by the plain formulas. */
  const channel = {
    raw: (x: number, y: number) => [0, 1, 2].map((component) => gradient(component, x, y)),
    ycc: (x: number, y: number) => {
      const [luma = 0, cb = 0, cr = 0] = channel.raw(x, y);
      return [
        luma + 1.402 * (cr - 128),
        luma - 0.344136 * (cb - 128) - 0.714136 * (cr - 128),
        luma + 1.772 * (cb - 128),
      ].map((value) => Math.max(0, Math.min(255, value)));
    },
  };
  const k = (x: number, y: number) => gradient(3, x, y) / 255;
  const rows: readonly {
    name: string;
    options: Pick<JpegOptions, "sampling" | "before" | "ids">;
    color: (x: number, y: number) => number[];
  }[] = [
    { name: "YCbCr without any word on it", options: { sampling: three }, color: channel.ycc },
    {
      name: "YCbCr by Adobe",
      options: { sampling: three, before: [adobeSegment(1)], ids: [82, 71, 66] },
      color: channel.ycc,
    },
    { name: "RGB by Adobe", options: { sampling: three, before: [adobeSegment(0)] }, color: channel.raw },
    { name: "RGB by the components' names", options: { sampling: three, ids: [82, 71, 66] }, color: channel.raw },
    {
      name: "YCbCr by JFIF, whatever the names",
      options: { sampling: three, ids: [82, 71, 66], before: [segment(0xe0, new TextEncoder().encode("JFIF\0"))] },
      color: channel.ycc,
    },
    {
      name: "CMYK, inverted by Adobe",
      options: { sampling: four, before: [adobeSegment(0)] },
      color: (x, y) => channel.raw(x, y).map((light) => light * k(x, y)),
    },
    {
      name: "CMYK without any word on it",
      options: { sampling: four },
      color: (x, y) => channel.raw(x, y).map((light) => light * k(x, y)),
    },
    {
      name: "YCCK by Adobe",
      options: { sampling: four, before: [adobeSegment(2)] },
      color: (x, y) => channel.ycc(x, y).map((ink) => (255 - ink) * k(x, y)),
    },
  ];

  test.each(rows)("$name", async ({ options, color }) => {
    const { width, height } = picture;
    const data = new Uint8Array(width * height * 4).fill(255);
    for (let at = 0; at < width * height; at++) data.set(color(at % width, Math.floor(at / width)), at * 4);
    for (const interleaved of [true, false]) {
      const file = encodeJpeg({ ...picture, ...options, interleaved });
      expectClose(await sampleGrid(file, streamed), { data, width, height }, { mean: 1.5, most: 5 });
      expectClose(await sampleGrid(file), { data, width, height }, { mean: 1.5, most: 5 });
    }
  });
});

describe("12 bits", () => {
  test.each([
    { name: "sequential", layout: {} },
    { name: "sequential, restarts", layout: { restartInterval: 4 } },
    { name: "progressive", layout: { progressive: true } },
  ])("$name: the same picture as with 8 bits", async ({ layout }) => {
    const options = { width: 256, height: 128, sampling: subsampled, sample: testSample };
    const file = encodeJpeg({ ...options, ...layout, precisionBits: 12 });
    expectClose(await sampleGrid(file), decodeFully(options), { mean: 1, most: 3 });
  });
});

describe("restarts find their place again", () => {
  /** One row of units, 16 pixels high, to a segment; cells are as large as units. */
  const options: JpegOptions = {
    width: 256,
    height: 256,
    sampling: subsampled,
    sample: testSample,
    restartInterval: 16,
  };

  /** Where the marker after segment `index` is. */
  function restartAfter(file: Uint8Array, index: number): number {
    const places = [...file.keys()].filter((at) => file[at] === 0xff && ((file[at + 1] ?? 0) & 0xf8) === 0xd0);
    return places[index] ?? Number.NaN;
  }

  async function expectRows(damaged: Uint8Array, lost: readonly number[]): Promise<void> {
    const [whole, found] = [await sampleGrid(encodeJpeg(options), streamed), await sampleGrid(damaged, streamed)];
    expect(whole.height).toBe(16);
    const same = Array.from({ length: whole.height }, (_, row) => row).filter((row) => {
      const range = [row * whole.width * 4, (row + 1) * whole.width * 4] as const;
      return found.rgba.slice(...range).every((value, at) => value === whole.rgba[range[0] + at]);
    });
    expect(same).toEqual([...whole.rgba.slice(0, 16).keys()].filter((row) => !lost.includes(row)));
  }

  test("a segment of nonsense is lost alone", async () => {
    const file = encodeJpeg(options);
    file.fill(0x55, restartAfter(file, 4) + 2, restartAfter(file, 5));
    await expectRows(file, [5]);
  });

  test("missing segments leave the others in place", async () => {
    const file = encodeJpeg(options);
    const before = file.subarray(0, restartAfter(file, 4));
    await expectRows(concatBytes([before, file.subarray(restartAfter(file, 5))]), [5]);
    await expectRows(concatBytes([before, file.subarray(restartAfter(file, 6))]), [5, 6]);
  });

  test("a damaged marker number moves nothing", async () => {
    for (const change of [3, 4, 5, 6, 7]) {
      const file = encodeJpeg(options);
      const at = restartAfter(file, 4) + 1;
      file[at] = 0xd0 | (((file[at] ?? 0) + change) & 7);
      await expectRows(file, []);
    }
  });
});
