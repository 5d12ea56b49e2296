/**
 * Lets only those chunks of a PNG file pass that say what its pixels are (PNG third edition, 5.3 and 11). It does not
 * inflate pixels or check CRCs. The name of a suggested palette (sPLT) stays: it is part of it.
 */
import { checksumBytes, chunkHeadAt, headerBytes, maxPaletteBytes, signature } from "./chunks.ts";
import { checksum } from "../structure/checksum.ts";
import { maxExifBytes, minimalTiff, orientationOf } from "../strip/minimal-exif.ts";
import { waitFor, type Flow, type StripInput } from "../strip/input.ts";
import { cleanProfileChunk, maxProfileChunkBytes } from "./profile-chunk.ts";

/** The chunks that pass, with the most bytes that they can have: a longer one is not what it claims to be. */
const keptBytes: ReadonlyMap<string, number> = new Map([
  ["IHDR", headerBytes],
  ["PLTE", maxPaletteBytes],
  ["IDAT", Infinity],
  ["tRNS", 256],
  ["sRGB", 1],
  ["gAMA", 4],
  ["cHRM", 32],
  ["cICP", 4],
  ["sBIT", 4],
  ["mDCV", 24],
  ["cLLI", 8],
  ["bKGD", 6],
  ["hIST", 512],
  ["sPLT", Infinity],
  ["pHYs", 9],
  ["acTL", 8],
  ["fcTL", 26],
  ["fdAT", Infinity],
  ["CgBI", 4], // Apple's private variant, whose pixels are read differently
]);

/**
 * Nothing passes unless the file begins as a PNG. Where no chunk begins although one should, the next one cannot be
 * found, and all the rest is dropped.
 */
export function* stripPng(input: StripInput): Flow {
  const start = yield* input.exactly(8);
  if (start.length < 8 || viewOf(start).getBigUint64(0) !== signature) return;
  yield start;
  let oriented = false;
  let profiled = false;
  for (;;) {
    const head = input.ready(8) ?? (yield* input.exactly(8));
    if (head.length < 8) return;
    const { name, length } = chunkHeadAt(viewOf(head));
    if (name === "") return;
    if (name === "IEND") {
      yield pngChunk(name, new Uint8Array(0));
      return;
    }
    if (name === "eXIf" && !oriented) {
      oriented = true;
      yield* passOrientation(input, length);
    } else if (name === "iCCP" && !profiled && length <= maxProfileChunkBytes) {
      profiled = true;
      yield* passProfile(input, length);
    } else if (length <= (keptBytes.get(name) ?? -1)) {
      yield head;
      yield* input.pass(length + checksumBytes);
    } else yield* input.drop(length + checksumBytes);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset);
}

function* passOrientation(input: StripInput, length: number): Flow {
  const exif = yield* input.exactly(Math.min(length, maxExifBytes));
  const orientation = orientationOf(exif);
  if (orientation > 1) yield pngChunk("eXIf", minimalTiff(orientation));
  yield* input.drop(length - exif.length + checksumBytes);
}

function* passProfile(input: StripInput, length: number): Flow {
  const body = yield* input.exactly(length);
  const cleaned = yield* waitFor(cleanProfileChunk(body.slice()));
  if (cleaned !== null) yield pngChunk("iCCP", cleaned);
  yield* input.drop(length - body.length + checksumBytes);
}

function pngChunk(name: string, body: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(8 + body.length + checksumBytes);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, body.length);
  for (let at = 0; at < 4; at++) chunk[4 + at] = name.charCodeAt(at);
  chunk.set(body, 8);
  view.setUint32(8 + body.length, checksum(chunk, 4, 8 + body.length));
  return chunk;
}
