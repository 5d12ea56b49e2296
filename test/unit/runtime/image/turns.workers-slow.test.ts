/** Pictures read in many short turns: the same is told of them, and no stretch without a pause is long, however few bytes it is. */
import { describe, expect, test } from "vitest";
import type { Seat } from "../../../../src/runtime/admission/turns.ts";
import { createImageTap, type ImageResult } from "../../../../src/runtime/image/image-tap.ts";
import { stripMetadata } from "../../../../src/runtime/image/strip/strip.ts";
import { createStructureTap } from "../../../../src/runtime/image/structure/tap.ts";
import { encodeGif, grayPalette } from "../../../support/gif-encoder.ts";
import { encodeJpeg, segment } from "../../../support/jpeg-encoder.ts";
import {
  concatBytes,
  deflateZeros,
  encodePng,
  pngChunk,
  pngHeader,
  pngSignature,
} from "../../../support/png-encoder.ts";
import { sourceOf } from "../../../support/source.ts";
import { imageFields } from "./sampling.ts";

/** A small part of a real turn, so that small pictures take many. */
const turnWork = 100_000;
/** What is done in one go, at most: hardly more than a real turn. */
const mostAtOnce = 5_000_000;

/** Pauses for real events, and notes how much was done between two pauses. */
function createMeasuredSeat() {
  let done = 0;
  const noted = { most: 0, pauses: 0 };
  const seat: Seat = {
    take: () => true,
    count(units) {
      done += units;
      noted.most = Math.max(noted.most, done);
    },
    pause() {
      if (done < turnWork) return null;
      done = 0;
      noted.pauses++;
      return scheduler.wait(0);
    },
    close: () => undefined,
  };
  return { seat, noted };
}

async function read(type: string, file: Uint8Array, seat?: Seat): Promise<ImageResult | null> {
  const tap = createImageTap(type, imageFields, {}, seat);
  // From one recycled buffer, wiped as soon as the tap has answered.
  const recycled = new Uint8Array(Math.min(262_144, file.length));
  for (let at = 0; at < file.length; at += recycled.length) {
    const chunk = recycled.subarray(0, Math.min(recycled.length, file.length - at));
    chunk.set(file.subarray(at, at + chunk.length));
    await tap?.push(chunk);
    recycled.fill(0x5a);
  }
  return tap?.finish() ?? null;
}

const zeros = async (width: number, height: number, depth: number, colorType: number, rowBytes: number) =>
  concatBytes([
    pngSignature,
    pngHeader(width, height, depth, colorType),
    pngChunk("IDAT", await deflateZeros((rowBytes + 1) * height)),
    pngChunk("IEND", new Uint8Array(0)),
  ]);
const noise = (x: number, y: number, channel: number): number => ((x * 31 + y * 17 + channel) ** 2 * 2654435761) & 255;
const sampling = [
  [2, 2],
  [1, 1],
  [1, 1],
] as const;
const sample = (component: number, x: number, y: number): number => (component * 70 + x * 5 + y * 3) & 255;

/** Blocks of two bits: codes of one bit for no difference and for the end of a block. */
function tinyBlocks(): Uint8Array {
  const tables = [0x00, 0x10].map((name) => segment(0xc4, Uint8Array.of(name, 1, ...Array<number>(15).fill(0), 0)));
  return concatBytes([
    Uint8Array.of(0xff, 0xd8),
    segment(0xdb, Uint8Array.of(0, ...Array<number>(64).fill(1))),
    ...tables,
    segment(0xc0, Uint8Array.of(8, 0x20, 0, 0x20, 0, 1, 1, 0x11, 0)),
    segment(0xda, Uint8Array.of(1, 1, 0, 0, 63, 0)),
    new Uint8Array(300_000),
  ]);
}

const pictures: readonly (readonly [name: string, type: string, make: () => Uint8Array | Promise<Uint8Array>])[] = [
  [
    "a PNG of noise",
    "image/png",
    () =>
      encodePng({
        width: 600,
        height: 500,
        colorType: 2,
        depth: 8,
        pixel: (x, y) => [noise(x, y, 0), noise(x, y, 1), noise(x, y, 2)],
      }),
  ],
  [
    "an interlaced PNG",
    "image/png",
    () =>
      encodePng({
        width: 500,
        height: 400,
        colorType: 6,
        depth: 8,
        interlaced: true,
        pixel: (x, y) => [x & 255, y & 255, 9, 255],
      }),
  ],
  ["a PNG of a thousand pixels a byte", "image/png", () => zeros(1500, 1500, 8, 2, 4500)],
  ["a PNG of rows of one byte", "image/png", () => zeros(8, 300_000, 1, 0, 1)],
  ["a JPEG", "image/jpeg", () => encodeJpeg({ width: 1200, height: 900, sampling, sample })],
  [
    "a progressive JPEG",
    "image/jpeg",
    () => encodeJpeg({ width: 1200, height: 900, sampling, sample, progressive: true }),
  ],
  ["a JPEG of tiny blocks", "image/jpeg", tinyBlocks],
  [
    "a GIF of one colour",
    "image/gif",
    () =>
      encodeGif({
        width: 2000,
        height: 2000,
        palette: grayPalette(4),
        frames: [{ width: 2000, height: 2000, pixel: () => 1, pixelBits: 2, lzw: "deferred" }],
      }),
  ],
];

test.each(pictures)("%s", async (_, type, make) => {
  const file = await make();
  const { seat, noted } = createMeasuredSeat();
  const result = await read(type, file, seat);
  expect(result).toEqual(await read(type, file));
  expect(result?.dominantColor).not.toBeNull();
  expect(noted.pauses).toBeGreaterThan(0);
  expect(noted.most).toBeLessThan(mostAtOnce);
});

test("a small JPEG, which is decoded in one go, waits for all the turns of it before", async () => {
  const file = encodeJpeg({ width: 500, height: 500, sampling, sample });
  const { seat, noted } = createMeasuredSeat();
  expect(await read("image/jpeg", file, seat)).toEqual(await read("image/jpeg", file));
  expect(noted.most).toBeGreaterThanOrEqual(500 * 500 * 50);
});

describe("files of nothing but crumbs", () => {
  const start = Uint8Array.of(0xff, 0xd8);
  const repeated = (head: Uint8Array, piece: Uint8Array) =>
    concatBytes([head, ...Array.from({ length: 40_000 }, () => piece)]);
  const crumbs: readonly (readonly [string, string, Uint8Array])[] = [
    ["JPEG segments", "image/jpeg", repeated(start, segment(0xe1, new Uint8Array(0)))],
    ["JPEG comments", "image/jpeg", repeated(start, segment(0xfe, new Uint8Array(0)))],
    [
      "PNG chunks",
      "image/png",
      repeated(concatBytes([pngSignature, pngHeader(9, 9, 8, 0)]), pngChunk("tEXt", new Uint8Array(0))),
    ],
  ];

  test.each(crumbs)("%s are sampled, checked and stripped in turns", async (_, type, file) => {
    const { seat, noted } = createMeasuredSeat();
    await read(type, file, seat);
    expect(noted.pauses).toBeGreaterThan(0);

    const check = createMeasuredSeat();
    const verdicts = [createStructureTap(type, check.seat), createStructureTap(type)];
    for (const tap of verdicts) await tap?.push(file);
    expect(await verdicts[0]?.finish()).toBe(await verdicts[1]?.finish());
    expect(check.noted.pauses).toBeGreaterThan(0);

    const removal = createMeasuredSeat();
    const source = stripMetadata(type, sourceOf(file, 262_144), removal.seat);
    while ((await source.read()) !== null);
    expect(removal.noted.pauses).toBeGreaterThan(0);
    for (const { most } of [noted, check.noted, removal.noted]) expect(most).toBeLessThan(mostAtOnce);
  });
});
