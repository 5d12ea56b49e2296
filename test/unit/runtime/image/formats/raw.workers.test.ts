/** Raw files of cameras, of which the header is read. */
import { describe, expect, test } from "vitest";
import { createImageTap } from "../../../../../src/runtime/image/image-tap.ts";
import { bigEndian, box, bytesOf, fileType, fullBox } from "../../../../support/header-files.ts";
import { cr2, cr3, makersRaw, orf, pef, raf, rw2 } from "../../../../support/raw-files.ts";
import { runInChunks, runSampler, type Format, type Sampled } from "./run-sampler.ts";

const sensor = { width: 6000, height: 4000 };

type Known = Partial<Pick<Sampled, "orientation" | "animated" | "hasAlpha">>;
type Row = readonly [name: string, format: Format, file: Uint8Array, known: Known];

const rows: readonly Row[] = [
  ...[true, false].flatMap((little): Row[] => {
    const order = little ? "little-endian" : "big-endian";
    const options = { ...sensor, orientation: 6, little };
    return [
      [`Nikon, ${order}`, "tiff", makersRaw("NIKON", options), { orientation: 6, animated: false }],
      [`Olympus, ${order}`, "tiff", orf(options), { orientation: 6 }],
      [`Pentax, ${order}`, "tiff", pef(options), {}],
    ];
  }),
  ["CR2: by EXIF", "tiff", cr2({ ...sensor, orientation: 8 }), { orientation: 8 }],
  ["RW2: a part of the sensor", "tiff", rw2({ ...sensor, orientation: 6 }), { orientation: 6 }],
  ["RAF", "raf", raf({ ...sensor, orientation: 8 }), { orientation: 8, hasAlpha: false, animated: false }],
  ["RAF, older", "raf", raf(sensor, true), {}],
  ["CR3", "cr3", cr3({ ...sensor, orientation: 6 }), { orientation: 6, hasAlpha: false, animated: false }],
  ["CR3 by its track", "cr3", cr3({ ...sensor, orientation: 6 }, false), { orientation: 6, animated: false }],
];

const cases = rows.map(([name, format, file, known]) => ({ name, format, file, known }));

test.each(cases)("$name", async ({ format, file, known }) => {
  expect(await runInChunks(format, file)).toMatchObject({ size: sensor, grid: null, fault: null, ...known });
});

test.each<readonly [name: string, format: Format, file: Uint8Array, fault: RegExp]>([
  ["a header within the head", "raf", new Uint8Array(200), /before its place/u],
  ["no header", "raf", raf(sensor).subarray(0, -40), /before its size/u],
  ["a box shorter than its head", "cr3", bytesOf(fileType("crx "), bigEndian(3, 4), "moov"), /short box/u],
  ["a track without its sides", "cr3", box("moov", box("trak", fullBox("tkhd", 0, 0, new Uint8Array(9)))), /thrown/u],
])("%s: %s is a fault", async (_, format, file, fault) => {
  const sampled = await runInChunks(format, file);
  expect(sampled).toMatchObject({ size: null, grid: null });
  expect(sampled.fault).toMatch(fault);
});

describe("broken files neither throw anything else, nor differ by chunks", () => {
  test.each(cases)("$name", async ({ format, file }) => {
    // The JPEG within is passed over.
    const small = file.subarray(0, 600);
    for (let length = 0; length < small.length; length++) {
      const { size, fault } = await runInChunks(format, small.subarray(0, length));
      expect(size !== null || fault !== null).toBe(true);
    }
    for (let bit = 0; bit < small.length * 8; bit++) {
      const flipped = file.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { size, fault } = bit % 32 === 0 ? await runInChunks(format, flipped) : await runSampler(format, flipped);
      expect(size !== null || fault !== null).toBe(true);
    }
  });
});

test.each([
  ["dng", "x-adobe-dng", makersRaw("Adobe", sensor)],
  ["nef", "x-nikon-nef", makersRaw("NIKON", sensor)],
  ["arw", "x-sony-arw", makersRaw("SONY", sensor)],
  ["srw", "x-samsung-srw", makersRaw("SAMSUNG", sensor)],
  ["pef", "x-pentax-pef", pef(sensor)],
  ["cr2", "x-canon-cr2", cr2(sensor)],
  ["cr3", "x-canon-cr3", cr3(sensor)],
  ["orf", "x-olympus-orf", orf(sensor)],
  ["rw2", "x-panasonic-rw2", rw2(sensor)],
  ["raf", "x-fuji-raf", raf(sensor)],
])("a picture of the type of .%s has its size", async (_, type, file) => {
  const tap = createImageTap(`image/${type}`, new Set(["width", "height"]));
  await tap?.push(file);
  expect(await tap?.finish()).toMatchObject({ ...sensor, fault: null });
});
