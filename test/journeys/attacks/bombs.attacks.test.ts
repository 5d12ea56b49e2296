/** Pictures that are small and say they are huge, or have loops without progress in them. */
import { expect } from "vitest";
import {
  bigEndian,
  bmp,
  bytesOf,
  extents,
  fileType,
  ico,
  metaBox,
  riffChunk,
  tiff,
  vp8x,
  webp,
} from "../../support/header-files.ts";
import { encodeGif } from "../../support/gif-encoder.ts";
import { segment } from "../../support/jpeg-encoder.ts";
import { concatBytes, deflateZeros, pngChunk, pngHeader, pngSignature } from "../../support/png-encoder.ts";
import { latin1 } from "./support/contents.ts";
import { uploadDoors } from "./support/doors.ts";
import { across, suite } from "./support/suite.ts";
import { expectInert, readStoredFile } from "./support/verdicts.ts";
import { within } from "./support/within.ts";
import { newCaller, openWorld, send } from "./support/world.ts";

const world = openWorld();
const doors = uploadDoors("wide");

/** Far above what any of these take on a busy machine, far below what the attack wants. */
const MAX_MILLISECONDS = 4000;

interface Picture {
  readonly type: string;
  readonly bytes: () => Promise<Uint8Array> | Uint8Array;
}

const png = (
  width: number,
  height: number,
  depth: number,
  color: number,
  rows: number,
  interlaced = false,
): Picture => ({
  type: "image/png",
  bytes: async () =>
    concatBytes([
      pngSignature,
      pngHeader(width, height, depth, color, interlaced),
      pngChunk("IDAT", await deflateZeros(rows)),
      pngChunk("IEND", new Uint8Array(0)),
    ]),
});
const jpeg = (...parts: readonly Uint8Array[]): Picture => ({
  type: "image/jpeg",
  bytes: () => concatBytes([Uint8Array.of(0xff, 0xd8), ...parts, Uint8Array.of(0xff, 0xd9)]),
});
const frame = (code: number, width: number, height: number, components = 1) =>
  segment(
    code,
    bytesOf(
      8,
      bigEndian(height, 2),
      bigEndian(width, 2),
      components,
      ...Array.from({ length: components }, (_, at) => bytesOf(at + 1, 0x11, 0)),
    ),
  );
const plain = (type: string, bytes: Uint8Array): Picture => ({ type, bytes: () => bytes });
const table = segment(0xdb, new Uint8Array(65).fill(1));

const bombs: readonly (readonly [string, Picture])[] = [
  ["PNG of 2^31 × 2^31", png(0x7fffffff, 0x7fffffff, 8, 6, 1000)],
  ["PNG of 65,535 × 65,535", png(65_535, 65_535, 16, 6, 100_000)],
  ["PNG of 20,000 × 20,000 in one bit", png(20_000, 20_000, 1, 0, 2_501 * 20_000)],
  ["PNG, interlaced, of one long row", png(60_000, 1, 8, 0, 100_000, true)],
  ["PNG, interlaced, of one tall column", png(1, 60_000, 8, 0, 200_000, true)],
  ["PNG of one row of a hundred million", png(100_000_000, 1, 1, 0, 1000)],
  ["PNG of 4 × 4 over 50 MB of zeros", png(4, 4, 8, 0, 50_000_000)],
  [
    "PNG with 20,000 empty chunks",
    {
      type: "image/png",
      bytes: () =>
        concatBytes([
          pngSignature,
          pngHeader(4, 4, 8, 0),
          ...Array.from({ length: 20_000 }, () => pngChunk("IDAT", new Uint8Array(0))),
          pngChunk("IEND", new Uint8Array(0)),
        ]),
    },
  ],
  [
    "PNG with an inflated text of 50 MB",
    {
      type: "image/png",
      bytes: async () =>
        concatBytes([
          pngSignature,
          pngHeader(4, 4, 8, 0),
          pngChunk("zTXt", bytesOf("a", 0, 0, await deflateZeros(50_000_000))),
          pngChunk("IEND", new Uint8Array(0)),
        ]),
    },
  ],
  [
    "PNG with an inflated profile of 50 MB",
    {
      type: "image/png",
      bytes: async () =>
        concatBytes([
          pngSignature,
          pngHeader(4, 4, 8, 0),
          pngChunk("iCCP", bytesOf("a", 0, 0, await deflateZeros(50_000_000))),
          pngChunk("IEND", new Uint8Array(0)),
        ]),
    },
  ],
  ["JPEG of 65,535 × 65,535", jpeg(table, frame(0xc0, 65_535, 65_535, 3))],
  ["JPEG, progressive, of 65,535 × 65,535", jpeg(table, frame(0xc2, 65_535, 65_535, 3))],
  ["JPEG of no height", jpeg(table, frame(0xc0, 100, 0))],
  ["JPEG with 255 components", jpeg(table, frame(0xc0, 9, 9, 255))],
  ["JPEG with 100,000 fill bytes", jpeg(new Uint8Array(100_000).fill(0xff))],
  ["JPEG with 20,000 tables", jpeg(...Array.from({ length: 3000 }, () => table))],
  ["JPEG with segments of no length", jpeg(...Array.from({ length: 5000 }, () => Uint8Array.of(0xff, 0xfe, 0, 0)))],
  [
    "JPEG with 5,000 scans of nothing",
    jpeg(
      table,
      frame(0xc2, 2000, 2000),
      ...Array.from({ length: 5000 }, () => bytesOf(segment(0xda, Uint8Array.of(1, 1, 0, 0, 63, 0)), 0)),
    ),
  ],
  [
    "GIF of 65,535 × 65,535",
    plain("image/gif", latin1("GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x08\xff")),
  ],
  [
    "GIF with 20,000 frames",
    plain(
      "image/gif",
      concatBytes([
        latin1("GIF89a\x04\0\x04\0\0\0\0"),
        ...Array.from({ length: 20_000 }, () => latin1(",\0\0\0\0\x01\0\x01\0\0\x02\0")),
        latin1(";"),
      ]),
    ),
  ],
  [
    "GIF with sub-blocks of one byte",
    plain(
      "image/gif",
      concatBytes([
        latin1("GIF89a\x04\0\x04\0\0\0\0!\xfe"),
        ...Array.from({ length: 60_000 }, () => Uint8Array.of(1, 65)),
        latin1("\0;"),
      ]),
    ),
  ],
  [
    "GIF that is large and of one colour",
    plain(
      "image/gif",
      encodeGif({
        width: 300,
        height: 300,
        palette: new Uint8Array(6),
        frames: [{ width: 300, height: 300, pixel: () => 0 }],
      }),
    ),
  ],
  ["WebP of 16,777,216 × 16,777,216", plain("image/webp", webp(vp8x(16_777_216, 16_777_216, 0)))],
  [
    "WebP with 20,000 empty chunks",
    plain(
      "image/webp",
      webp(vp8x(4, 4, 0), ...Array.from({ length: 20_000 }, () => riffChunk("abcd", new Uint8Array(0)))),
    ),
  ],
  [
    "AVIF of 2^32 × 2^32",
    plain("image/avif", concatBytes([fileType("avif"), metaBox({ properties: [extents(0xffffffff, 0xffffffff)] })])),
  ],
  [
    "AVIF with 10,000 properties",
    plain(
      "image/avif",
      concatBytes([
        fileType("avif"),
        metaBox({ properties: Array.from({ length: 10_000 }, () => extents(1, 1)), items: { 1: [1] } }),
      ]),
    ),
  ],
  ["AVIF with boxes of no size", plain("image/avif", concatBytes([fileType("avif"), new Uint8Array(50_000)]))],
  ["BMP of 2^31 × 2^31", plain("image/bmp", bmp(0x7fffffff, 0x7fffffff))],
  ["TIFF of 2^32 × 2^32", plain("image/tiff", tiff({ width: 0xffffffff, height: 0xffffffff, sideType: 4 }))],
  [
    "TIFF whose directory is itself",
    plain("image/tiff", bytesOf("II*\0", Uint8Array.of(8, 0, 0, 0, 0, 0, 8, 0, 0, 0))),
  ],
  [
    "an icon of 65,535 pictures",
    plain("image/x-icon", concatBytes([Uint8Array.of(0, 0, 1, 0, 255, 255), new Uint8Array(5000)])),
  ],
  ["an icon of one", plain("image/x-icon", ico([[256, 256]]))],
];

suite(
  "6 pictures that say they are huge",
  across(doors, bombs, async (door, { type, bytes }) => {
    const caller = newCaller();
    const body = await bytes();
    const answer = await within(MAX_MILLISECONDS, () => send(world, door, caller, [{ fileName: "a", type, body }]));
    const file = await readStoredFile(world, door, caller, answer);
    expectInert(await world.ask(file.readUrl));
    const { width, height, color } = file.picture;
    for (const side of [width, height]) if (side !== null) expect(side).toBeGreaterThanOrEqual(0);
    if (color !== null) expect(color).toMatch(/^#[0-9a-f]{6}$/);
  }),
);
