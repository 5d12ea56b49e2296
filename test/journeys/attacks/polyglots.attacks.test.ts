/** Pictures that are something else as well, or that do not end where they should. */
import { expect } from "vitest";
import { encodeGif } from "../../support/gif-encoder.ts";
import { bytesOf, riffChunk, vp8, webp } from "../../support/header-files.ts";
import { encodeJpeg, segment } from "../../support/jpeg-encoder.ts";
import { HTML } from "../../support/pictures.ts";
import { concatBytes, pngChunk, pngHeader, pngSignature } from "../../support/png-encoder.ts";
import { tells } from "../../unit/runtime/image/strip/stripping.ts";
import { abiUploadDoors, picture, uploadDoors } from "./support/doors.ts";
import { latin1 } from "./support/contents.ts";
import { across, suite } from "./support/suite.ts";
import { expectInert, expectRefused, readStoredFile } from "./support/verdicts.ts";
import { newCaller, openWorld, send } from "./support/world.ts";

const world = openWorld();

const jpeg = encodeJpeg({ width: 9, height: 9, sampling: [[1, 1]], sample: (_, x, y) => x * y });
const gif = encodeGif({
  width: 2,
  height: 2,
  palette: Uint8Array.of(0, 0, 0, 255, 255, 255),
  frames: [{ width: 2, height: 2, pixel: (x, y) => (x + y) % 2 }],
});
const riff = webp(vp8(4, 3));
const html = latin1(HTML);
const zip = latin1("PK\x03\x04\x14\0\0\0\0\0PK\x05\x06\0\0\0\0\0\0\0\0");
const php = latin1("<?php system($_GET['c']); ?>");

interface Polyglot {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const png = (...parts: readonly Uint8Array[]): Polyglot => ({ type: "image/png", bytes: concatBytes(parts) });
const jpg = (...parts: readonly Uint8Array[]): Polyglot => ({ type: "image/jpeg", bytes: concatBytes(parts) });
const flip = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes.at(at) ?? 0) ^ 1);
const idat = picture.subarray(33, picture.length - 12);
const end = pngChunk("IEND", new Uint8Array(0));

/** What is behind the picture's end, or where it has none. */
const broken: readonly (readonly [string, Polyglot])[] = [
  ["PNG and HTML", png(picture, html)],
  ["PNG and ZIP", png(picture, zip)],
  ["PNG and PHP", png(picture, php)],
  ["PNG and one byte", png(picture, Uint8Array.of(1))],
  ["PNG and another PNG", png(picture, picture)],
  ["PNG and a chunk after the end", png(picture, pngChunk("tEXt", html))],
  ["PNG with two ends", png(picture, end)],
  ["PNG without an end", png(picture.subarray(0, -12))],
  ["PNG cut in its data", png(picture.subarray(0, 60))],
  ["PNG cut in its signature's chunk", png(picture.subarray(0, 20))],
  ["PNG with a wrong checksum of the header", png(flip(picture, 30))],
  ["PNG with a wrong checksum of the data", png(flip(picture, picture.length - 14))],
  ["PNG without data", png(pngSignature, pngHeader(4, 3, 8, 2), end)],
  ["PNG whose header comes second", png(pngSignature, pngChunk("tEXt", html), pngHeader(4, 3, 8, 2), idat, end)],
  ["PNG with two headers", png(pngSignature, pngHeader(4, 3, 8, 2), pngHeader(9, 9, 8, 2), idat, end)],
  [
    "PNG with a chunk that is longer than the file",
    png(picture.subarray(0, 33), Uint8Array.of(0x7f, 255, 255, 255), html),
  ],
  ["JPEG and HTML", jpg(jpeg, html)],
  ["JPEG and ZIP", jpg(jpeg, zip)],
  ["JPEG and PHP", jpg(jpeg, php)],
  ["JPEG and another JPEG", jpg(jpeg, jpeg)],
  ["JPEG without an end", jpg(jpeg.subarray(0, -2))],
  ["JPEG cut in its scan", jpg(jpeg.subarray(0, -20))],
  ["JPEG that is only a beginning", jpg(jpeg.subarray(0, 4))],
  ["JPEG without a frame", jpg(Uint8Array.of(0xff, 0xd8), segment(0xfe, html), Uint8Array.of(0xff, 0xd9))],
  ["GIF and HTML", { type: "image/gif", bytes: concatBytes([gif, html]) }],
  ["GIF without an end", { type: "image/gif", bytes: gif.subarray(0, -1) }],
  ["GIF that is a script", { type: "image/gif", bytes: latin1("GIF89a/*\x01\0\x01\0*/=1;alert(1)//") }],
  ["WebP and HTML", { type: "image/webp", bytes: concatBytes([riff, html]) }],
  ["WebP cut short", { type: "image/webp", bytes: riff.subarray(0, -4) }],
  [
    "WebP that says it is shorter",
    { type: "image/webp", bytes: concatBytes([riff.subarray(0, 4), Uint8Array.of(4, 0, 0, 0), riff.subarray(8)]) },
  ],
  ["WebP without a picture", { type: "image/webp", bytes: webp(riffChunk("XMP ", html)) }],
];

suite(
  "3 pictures with something behind their end",
  across(abiUploadDoors("strict"), broken, async (door, { type, bytes }) => {
    const answer = await send(world, door, newCaller(), [{ fileName: "a", type, body: bytes }]);
    expectRefused(door, answer, "file_type_mismatch", "file_type_not_allowed");
  }),
  { leavesNothing: true },
);

suite(
  "3 the same beside a whole picture",
  across(
    abiUploadDoors("strict").filter(({ maxFiles }) => maxFiles > 1),
    broken.slice(0, 12),
    async (door, { type, bytes }) => {
      const good = { fileName: "good.png", type: "image/png", body: picture };
      const answer = await send(world, door, newCaller(), [good, { fileName: "a", type, body: bytes }]);
      expectRefused(door, answer, "file_type_mismatch", "file_type_not_allowed");
    },
  ),
  { leavesNothing: true },
);

const inside: readonly (readonly [string, Polyglot])[] = [
  ["a ZIP in a JPEG's comment", jpg(concatBytes([jpeg.subarray(0, 2), segment(0xfe, zip), jpeg.subarray(2)]))],
  [
    "HTML in a JPEG's comment",
    jpg(encodeJpeg({ width: 9, height: 9, sampling: [[1, 1]], sample: () => 9, before: [segment(0xfe, html)] })),
  ],
  ["PHP in a PNG's text", png(pngSignature, pngHeader(4, 3, 8, 2), pngChunk("tEXt", bytesOf("a", 0, php)), idat, end)],
];

suite(
  "3 what comments carry is not of strict_images, and goes with strip_metadata",
  across(abiUploadDoors("strict"), inside, async (door, { type, bytes }) => {
    const caller = newCaller();
    const answer = await send(world, door, caller, [{ fileName: "a", type, body: bytes }]);
    const { bytes: stored } = await world.ask((await readStoredFile(world, door, caller, answer)).readUrl);
    for (const payload of ["<script", "<?php", "PK"]) expect(tells(stored, payload)).toBe(false);
  }),
);

suite(
  "3 polyglots are pictures and nothing else to whoever opens them",
  across(uploadDoors("wide"), [...broken, ...inside], async (door, { type, bytes }) => {
    const caller = newCaller();
    const answer = await send(world, door, caller, [{ fileName: "a.html", type, body: bytes }]);
    const file = await readStoredFile(world, door, caller, answer);
    expect(file.key).toMatch(/\.(?:png|jpg|gif|webp)$/);
    const opened = await world.ask(file.readUrl);
    expectInert(opened);
    expect(opened.headers.get("content-type")).toBe(type);
    expect(opened.bytes).toEqual(bytes.slice());
  }),
);
