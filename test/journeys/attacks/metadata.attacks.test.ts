/** What a picture tells of who took it, where and with what: it never reaches the bucket of an ABI with strip_metadata. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { encodeGif, gifExtension, grayPalette } from "../../support/gif-encoder.ts";
import { box, bytesOf, fileType, riffChunk, vp8, vp8x, webp } from "../../support/header-files.ts";
import { heifFile, type HeifOptions } from "../../support/heif-file.ts";
import { iccProfile, profileSegments } from "../../support/icc-profile.ts";
import { encodeJpeg, exifSegment, segment } from "../../support/jpeg-encoder.ts";
import { encodePng, pngChunk } from "../../support/png-encoder.ts";
import { secret, secretText, tells } from "../../unit/runtime/image/strip/stripping.ts";
import { abiUploadDoors } from "./support/doors.ts";
import { across, suite } from "./support/suite.ts";
import { expectRefused, readStoredFile } from "./support/verdicts.ts";
import { newCaller, openWorld, send } from "./support/world.ts";

const world = openWorld();

interface Telling {
  readonly type: string;
  readonly bytes: () => Promise<Uint8Array> | Uint8Array;
}

const size = { width: 9, height: 9 } as const;
const jpegWith = (...before: readonly Uint8Array[]): Telling => ({
  type: "image/jpeg",
  bytes: () => encodeJpeg({ ...size, sampling: [[1, 1]], sample: (_, x) => x, before }),
});
const pngWith = (...before: readonly Uint8Array[]): Telling => ({
  type: "image/png",
  bytes: () => encodePng({ ...size, colorType: 0, depth: 8, pixel: (x) => [x], before }),
});
const pngAfter = (...after: readonly Uint8Array[]): Telling => ({
  type: "image/png",
  bytes: () => encodePng({ ...size, colorType: 0, depth: 8, pixel: (x) => [x], after }),
});
const webpWith = (flags: number, ...chunks: readonly Uint8Array[]): Telling => ({
  type: "image/webp",
  bytes: () => webp(vp8x(4, 3, flags), vp8(4, 3), ...chunks),
});

const gifWith = (...before: readonly Uint8Array[]): Telling => ({
  type: "image/gif",
  bytes: () => encodeGif({ ...size, palette: grayPalette(2), frames: [{ ...size, pixel: (x) => x & 1 }], before }),
});
const heifWith = (type: string, options: HeifOptions): Telling => ({ type, bytes: () => heifFile(options) });
const pixels = { type: "av01", data: new Uint8Array(40).fill(9) };

/** Little-endian TIFF with one text entry, such as a serial number. */
const tiffText = bytesOf(
  "II*\0",
  Uint8Array.of(8, 0, 0, 0, 1, 0, 0x31, 0xa4, 2, 0, secret.length, 0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0),
  secret,
);
const xmp = bytesOf("http://ns.adobe.com/xap/1.0/", 0, "<x:xmpmeta>", secret, "</x:xmpmeta>");

const telling: readonly (readonly [string, Telling])[] = [
  ["JPEG, EXIF", jpegWith(exifSegment(tiffText))],
  ["JPEG, EXIF twice", jpegWith(exifSegment(tiffText), exifSegment(tiffText))],
  ["JPEG, EXIF that is no TIFF", jpegWith(exifSegment(secret))],
  ["JPEG, XMP", jpegWith(segment(0xe1, xmp))],
  ["JPEG, extended XMP", jpegWith(segment(0xe1, bytesOf("http://ns.adobe.com/xmp/extension/", 0, secret)))],
  ["JPEG, Photoshop and IPTC", jpegWith(segment(0xed, bytesOf("Photoshop 3.0", 0, "8BIM", secret)))],
  ["JPEG, a comment", jpegWith(segment(0xfe, secret))],
  ["JPEG, an empty comment and one that tells", jpegWith(segment(0xfe, new Uint8Array(0)), segment(0xfe, secret))],
  ...[0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xeb, 0xec, 0xef].map(
    (code) => [`JPEG, segment ${code.toString(16)}`, jpegWith(segment(code, secret))] as const,
  ),
  ["PNG, eXIf", pngWith(pngChunk("eXIf", tiffText))],
  ["PNG, eXIf behind the data", pngAfter(pngChunk("eXIf", tiffText))],
  ["PNG, tEXt", pngWith(pngChunk("tEXt", bytesOf("Author", 0, secret)))],
  ["PNG, tEXt behind the data", pngAfter(pngChunk("tEXt", bytesOf("Author", 0, secret)))],
  ["PNG, iTXt with XMP", pngWith(pngChunk("iTXt", bytesOf("XML:com.adobe.xmp", 0, 0, 0, 0, 0, secret)))],
  ["PNG, zTXt", pngWith(pngChunk("zTXt", bytesOf("Author", 0, 0, secret)))],
  ["PNG, tIME", pngWith(pngChunk("tIME", secret))],
  ["PNG, a private chunk", pngWith(pngChunk("prVt", secret))],
  ["PNG, another private chunk behind the data", pngAfter(pngChunk("caBX", secret))],
  ["WebP, EXIF", webpWith(0x08, riffChunk("EXIF", tiffText))],
  ["WebP, XMP", webpWith(0x04, riffChunk("XMP ", xmp))],
  ["WebP, both, without the flags", webpWith(0, riffChunk("EXIF", tiffText), riffChunk("XMP ", xmp))],
  ["GIF, a comment", gifWith(gifExtension(0xfe, secret))],
  ["GIF, XMP", gifWith(gifExtension(0xff, bytesOf("XMP DataXMP", secret)))],
  ["AVIF, EXIF", heifWith("image/avif", { items: [pixels, { type: "Exif", data: secret }] })],
  ["AVIF, XMP in meta", heifWith("image/avif", { items: [pixels, { type: "mime", data: secret }], inMeta: true })],
  ["AVIF, a description", heifWith("image/avif", { items: [pixels], properties: [box("udes", secret)] })],
  ["HEIC, EXIF", heifWith("image/heic", { items: [pixels, { type: "Exif", data: secret }], brands: ["heic", "mif1"] })],
  ["HEIC, provenance", heifWith("image/heic", { items: [pixels], brands: ["heic"], between: [box("uuid", secret)] })],
  [
    "HEIC, what a phone adds",
    heifWith("image/heic", { items: [pixels], brands: ["heic"], after: [box("sefd", secret)] }),
  ],
  [
    "JPEG, a colour profile's maker",
    jpegWith(...profileSegments(iccProfile("RGB ", { mmod: bytesOf("mmod", secret) }))),
  ],
  ["WebP, an unknown chunk", webpWith(0, riffChunk("abcd", secret))],
];

suite(
  "22 metadata",
  across(abiUploadDoors("strict"), telling, async (door, { type, bytes }) => {
    const body = await bytes();
    expect(tells(body, secretText)).toBe(true);
    const caller = newCaller();
    const answer = await send(world, door, caller, [{ fileName: "a", type, body }]);
    const file = await readStoredFile(world, door, caller, answer);
    const object = await env.BUCKET.get(file.key);
    const stored = new Uint8Array((await object?.arrayBuffer()) ?? []);
    expect(stored.length).toBeGreaterThan(0);
    expect(tells(stored)).toBe(false);
    expect(tells((await world.ask(file.readUrl)).bytes)).toBe(false);
  }),
);

/** What tells where the pixels are, behind them. */
const backwards = (): Uint8Array => {
  const file = heifFile({ items: [pixels] });
  const [start, mdat] = [fileType("avif", "mif1"), box("mdat", pixels.data)];
  return bytesOf(start, mdat, file.subarray(start.length, file.length - mdat.length));
};

suite(
  "22 metadata that cannot be removed as the file passes",
  across(abiUploadDoors("strict"), [["AVIF, meta behind its pixels", backwards]], async (door, bytes) => {
    const answer = await send(world, door, newCaller(), [{ fileName: "a.avif", type: "image/avif", body: bytes() }]);
    expectRefused(door, answer, "metadata_not_removable");
  }),
  { leavesNothing: true },
);
