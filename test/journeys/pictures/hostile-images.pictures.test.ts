/** Files made to hurt: whatever they say, a tap neither throws nor hangs, and holds little. */
import { describe, expect, test } from "vitest";
import { encodeJpeg, exifSegment, segment } from "../../support/jpeg-encoder.ts";
import { concatBytes, deflateZeros, encodePng, pngChunk, pngHeader, pngSignature } from "../../support/png-encoder.ts";
import { chunkSizes, inspect } from "../../unit/runtime/image/sampling.ts";

const mebibyte = 1024 * 1024;
const sampling = [
  [2, 2],
  [1, 1],
  [1, 1],
] as const;
const sample = (component: number, x: number, y: number): number => (component * 70 + x * 5 + y * 3) & 255;
const jpegs: Readonly<Record<string, Uint8Array>> = {
  baseline: encodeJpeg({ width: 17, height: 9, sampling, sample, restartInterval: 2 }),
  progressive: encodeJpeg({ width: 17, height: 9, sampling, sample, progressive: true }),
};

async function smallPng(interlaced: boolean): Promise<Uint8Array> {
  return encodePng({
    width: 13,
    height: 11,
    colorType: 3,
    depth: 4,
    interlaced,
    pixel: (x, y) => [(x * y) & 15],
    palette: Uint8Array.from({ length: 48 }, (_, at) => at * 5),
    transparency: Uint8Array.of(0, 128),
    idatBytes: 40,
  });
}

/** Null or `#rrggbb`, and never a size without a picture's header. */
function expectSane(result: Awaited<ReturnType<typeof inspect>>): void {
  const { width, height, dominantColor, fault } = result;
  if (dominantColor === null) expect(fault).toBeTypeOf("string");
  else {
    expect(dominantColor).toMatch(/^#[0-9a-f]{6}$/);
    expect(fault).toBeNull();
    expect(width).toBeGreaterThan(0);
  }
  expect(width === null).toBe(height === null);
}

describe.each(["jpeg", "jpeg-progressive", "png", "png-interlaced"])("a small %s", (kind) => {
  const load = async (): Promise<Uint8Array> => {
    if (kind.startsWith("png")) return smallPng(kind === "png-interlaced");
    return jpegs[kind === "jpeg" ? "baseline" : "progressive"] ?? new Uint8Array(0);
  };

  test("cut after any byte", async () => {
    const file = await load();
    for (let length = 0; length < file.length; length++) {
      const cut = file.subarray(0, length);
      const result = await inspect(cut);
      expectSane(result);
      if (length % 16 === 0) {
        for (const chunkBytes of chunkSizes) expect(await inspect(cut, { chunkBytes })).toEqual(result);
      }
    }
  });

  test("any bit flipped", async () => {
    const file = await load();
    for (let bit = 0; bit < file.length * 8; bit++) {
      const flipped = file.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const result = await inspect(flipped);
      expectSane(result);
      if (bit % 64 === 0) expect(await inspect(flipped, { chunkBytes: 3 })).toEqual(result);
      if (kind.startsWith("jpeg")) expectSane(await inspect(flipped, { smallJpegPixels: 0 }));
    }
  });
});

describe("PNG bombs", () => {
  async function bomb(width: number, height: number, depth: number, colorType: number, rowsBytes: number) {
    return concatBytes([
      pngSignature,
      pngHeader(width, height, depth, colorType),
      pngChunk("IDAT", await deflateZeros(rowsBytes)),
      pngChunk("IEND", new Uint8Array(0)),
    ]);
  }

  test("20,000 × 20,000 of one bit: too many pixels, size known", async () => {
    const file = await bomb(20_000, 20_000, 1, 0, 2_501 * 20_000);
    const fault = "more than 100000000 pixels";
    expect(await inspect(file)).toMatchObject({ width: 20_000, height: 20_000, dominantColor: null, fault });
  });

  test("8,000 × 8,000 of black: within the limits, so it is sampled", async () => {
    const file = await bomb(8_000, 8_000, 8, 2, 24_001 * 8_000);
    expect(await inspect(file, { chunkBytes: 65_536 })).toMatchObject({ width: 8_000, dominantColor: "#000000" });
  });

  test("16,000 × 16,000 with alpha: too many pixels", async () => {
    const file = concatBytes([
      pngSignature,
      pngHeader(16_000, 16_000, 8, 6),
      pngChunk("IDAT", new Uint8Array(mebibyte)),
    ]);
    expect(await inspect(file)).toMatchObject({ width: 16_000, dominantColor: null });
  });

  test("one row of a hundred million pixels: rows too long to hold", async () => {
    const file = concatBytes([pngSignature, pngHeader(100_000_000, 1, 1, 0), pngChunk("IDAT", new Uint8Array(100))]);
    expect(await inspect(file)).toMatchObject({ width: 100_000_000, fault: "rows of more than 1048576 bytes" });
  });

  test.each([
    [65_536, 1],
    [1, 65_536],
    [65_537, 1],
    [1, 100_000_000],
  ])("%i × %i, interlaced: as many pixels along a side as are held, or one more", async (width, height) => {
    const file = concatBytes([
      pngSignature,
      pngHeader(width, height, 1, 0, true),
      pngChunk("IDAT", await deflateZeros(100_000)),
      pngChunk("IEND", new Uint8Array(0)),
    ]);
    const fault = Math.max(width, height) > 65_536 ? "rows of more than 1048576 bytes" : null;
    expect(await inspect(file)).toMatchObject({ width, height, fault });
  });

  test("a small header over a large stream: inflating stops with the last row", async () => {
    const file = await bomb(4, 4, 8, 0, 256 * mebibyte);
    expect(await inspect(file)).toMatchObject({ dominantColor: "#000000" });
  });

  test("compressed text and profiles are never inflated", async () => {
    const packed = await deflateZeros(64 * mebibyte);
    const name = new TextEncoder().encode("x\0\0");
    const file = await encodePng({
      width: 4,
      height: 4,
      colorType: 0,
      depth: 8,
      pixel: () => [255],
      before: [pngChunk("iCCP", concatBytes([name, packed])), pngChunk("zTXt", concatBytes([name, packed]))],
    });
    expect(await inspect(file)).toMatchObject({ dominantColor: "#ffffff", fault: null });
  });

  test("a hundred thousand empty IDATs", async () => {
    const empty = pngChunk("IDAT", new Uint8Array(0));
    const file = await encodePng({
      width: 4,
      height: 4,
      colorType: 0,
      depth: 8,
      pixel: () => [255],
      before: Array.from({ length: 100_000 }, () => empty),
    });
    expect(await inspect(file)).toMatchObject({ dominantColor: "#ffffff" });
  });
});

describe("JPEG bombs", () => {
  const quantization = segment(0xdb, Uint8Array.of(0, ...Array<number>(64).fill(1)));
  /** Two codes of one bit: 0 and, for DC, no difference; for AC, the end of the block. */
  const tinyTables = [0x00, 0x10].map((name) => segment(0xc4, Uint8Array.of(name, 1, ...Array<number>(15).fill(0), 0)));
  const frame = (width: number, height: number, code = 0xc0, factors = 0x11): Uint8Array =>
    segment(code, Uint8Array.of(8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, factors, 0));
  const scan = segment(0xda, Uint8Array.of(1, 1, 0, 0, 63, 0));
  const start = Uint8Array.of(0xff, 0xd8);

  test("65,500 × 65,500, alone and with 16 MB of blocks", async () => {
    const header = concatBytes([start, quantization, ...tinyTables, frame(65_500, 65_500), scan]);
    for (const tail of [new Uint8Array(0), new Uint8Array(16 * mebibyte)]) {
      const result = await inspect(concatBytes([header, tail]));
      expect(result).toMatchObject({ width: 65_500, height: 65_500, dominantColor: null });
      expect(result.fault).toContain("pixels");
    }
  });

  test("the most pixels allowed, in blocks of two bits", async () => {
    const file = concatBytes([
      start,
      quantization,
      ...tinyTables,
      frame(10_000, 10_000),
      scan,
      new Uint8Array(mebibyte),
    ]);
    expect(await inspect(file)).toMatchObject({ width: 10_000, dominantColor: "#808080" });
  });

  test("endless restart markers", async () => {
    const markers = new Uint8Array(4 * mebibyte).map((_, at) => (at % 2 === 0 ? 0xff : 0xd0 + ((at >> 1) & 7)));
    for (const interval of [1, 0xffff]) {
      const restarts = segment(0xdd, Uint8Array.of(interval >> 8, interval & 255));
      const parts = [start, quantization, ...tinyTables, restarts, frame(10_000, 10_000), scan, markers];
      expectSane(await inspect(concatBytes(parts)));
    }
    expectSane(await inspect(concatBytes([start, quantization, ...tinyTables, frame(9_999, 9_999), scan, markers])));
  });

  test.each([
    { name: "a zero-length segment", bytes: [segment(0xe1, new Uint8Array(0)), Uint8Array.of(0xff, 0xe1, 0, 0)] },
    { name: "a scan without a frame", bytes: [scan] },
    { name: "a scan without tables", bytes: [frame(8, 8), scan, new Uint8Array(100)] },
    { name: "a scan without a quantization table", bytes: [...tinyTables, frame(8, 8), scan] },
    { name: "a cut Huffman table", bytes: [segment(0xc4, Uint8Array.of(0, 9, 9))] },
    {
      name: "an overfull Huffman table",
      bytes: [
        segment(0xc4, Uint8Array.of(0, 3, ...Array<number>(15).fill(0), 1, 2, 3)),
        quantization,
        frame(8, 8),
        scan,
      ],
    },
    {
      name: "no sampling factors",
      bytes: [segment(0xc0, Uint8Array.of(8, 0, 8, 0, 8, 3, 1, 0, 0, 2, 0x11, 0, 3, 0x11, 0))],
    },
    { name: "two frames", bytes: [frame(8, 8), frame(16, 16)] },
  ])("$name is a fault", async ({ bytes }) => {
    const result = await inspect(concatBytes([start, ...bytes]));
    expectSane(result);
    expect(result.dominantColor).toBeNull();
  });

  test("a height that only comes after the first scan (DNL): a size, and a fault that says why there is no colour", async () => {
    const dnl = segment(0xdc, Uint8Array.of(0, 8));
    const parts = [start, quantization, ...tinyTables, frame(8, 0), scan, Uint8Array.of(0), dnl];
    expect(await inspect(concatBytes([...parts, Uint8Array.of(0xff, 0xd9)]))).toEqual({
      width: 8,
      height: 8,
      dominantColor: null,
      palette: null,
      thumbhash: null,
      thumbnails: null,
      hasAlpha: false,
      animated: false,
      fault: "no height before the first scan",
    });
  });

  test("the file that once hung jpeg-js", async () => {
    const file = Uint8Array.from("ffd8ffc1f151d800ff51d800ffdaffde".match(/../g) ?? [], (hex) =>
      Number.parseInt(hex, 16),
    );
    for (const chunkBytes of chunkSizes)
      expect(await inspect(file, { chunkBytes })).toMatchObject({ dominantColor: null });
  });

  test("a small picture with more scans than jpeg-js should read is sampled at 1:8", async () => {
    const small = encodeJpeg({ width: 200, height: 200, sampling: [[1, 1]], sample: () => 200, progressive: true });
    const refinement = concatBytes([segment(0xda, Uint8Array.of(1, 1, 0, 1, 63, 0)), Uint8Array.of(0x55)]);
    const file = concatBytes([
      small.subarray(0, -2),
      ...Array.from({ length: 50_000 }, () => refinement),
      small.subarray(-2),
    ]);
    expect(await inspect(file)).toMatchObject({ width: 200, dominantColor: "#c8c8c8" });
  });

  test("a million tables in EXIF and DHT segments", async () => {
    const exif = exifSegment(new Uint8Array(65_000).fill(0xff));
    const tables = Array.from({ length: 40_000 }, () => tinyTables).flat();
    const small = encodeJpeg({ width: 32, height: 32, sampling: [[1, 1]], sample: () => 200 });
    const file = concatBytes([start, ...Array.from({ length: 40 }, () => exif), ...tables, small.subarray(2)]);
    expect(await inspect(file)).toMatchObject({ width: 32, dominantColor: "#c8c8c8" });
  });
});
