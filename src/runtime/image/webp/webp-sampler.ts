/**
 * Reads a WebP's size and orientation, and whether it is animated or has alpha, from its headers (RFC 9649, sections
 * 2.5 to 2.7 and 3.4; RFC 6386, 9.1). Pixels are not read.
 */
import { readOrientation } from "../orientation.ts";
import { sizeOf, UnreadableImage, type Sampler } from "../sampler.ts";
import { createWalkSampler, type Facts } from "../structure/walk-sampler.ts";
import { nameAt, skip, type Walk } from "../structure/walk.ts";

const animationFlag = 0x02;
const exifFlag = 0x08;
const alphaFlag = 0x10;
const maxExifBytes = 65536;
const exifHeader = "Exif";
/** The body starts with it where a writer took EXIF from a JPEG as it was. */
const exifHeaderBytes = 6;
const lossySync = 0x9d012a;
const losslessMark = 0x2f;
const notBegun = "no picture";

/** A sampler for one WebP file. */
export function createWebpSampler(): Sampler {
  return createWalkSampler(walkWebp);
}

function* walkWebp(facts: Facts): Walk {
  // RIFF, its size, WEBP, and the first chunk's head.
  const head = yield 20;
  const name = nameAt(head, 12);
  const length = head.getUint32(16, true);
  facts.animated = false;
  if (name === "VP8 ") readLossy(yield 10, facts);
  else if (name === "VP8L") readLossless(yield 5, facts);
  else if (name === "VP8X") {
    const flags = readExtended(yield 10, facts);
    yield skip(Math.max(0, length - 10) + (length & 1));
    yield* readChunks(facts, (flags & exifFlag) !== 0, (flags & animationFlag) !== 0);
  } else throw new UnreadableImage(notBegun);
}

function readLossy(frame: DataView, facts: Facts): void {
  const isKeyFrame = (frame.getUint8(0) & 1) === 0;
  const sync = (frame.getUint16(3) << 8) | frame.getUint8(5);
  if (!isKeyFrame || sync !== lossySync) throw new UnreadableImage(notBegun);
  // Two bits above the fourteen of each side ask for scaling, which no reader does.
  facts.size = sizeOf(frame.getUint16(6, true) & 0x3fff, frame.getUint16(8, true) & 0x3fff);
  facts.hasAlpha = false;
}

function readLossless(stream: DataView, facts: Facts): void {
  if (stream.getUint8(0) !== losslessMark) throw new UnreadableImage(notBegun);
  const bits = stream.getUint32(1, true);
  facts.size = { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  facts.hasAlpha = ((bits >>> 28) & 1) === 1;
}

/** Returns the flags. */
function readExtended(body: DataView, facts: Facts): number {
  const flags = body.getUint8(0);
  facts.size = { width: uint24At(body, 4) + 1, height: uint24At(body, 7) + 1 };
  facts.hasAlpha = (flags & alphaFlag) !== 0;
  return flags;
}

function uint24At(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

/** EXIF stands behind the pixels, and some writers announce an animation of a single frame. */
function* readChunks(facts: Facts, hasExif: boolean, mayMove: boolean): Walk {
  let frames = 0;
  for (;;) {
    if (!hasExif && (!mayMove || facts.animated)) return;
    const head = yield 8;
    const name = nameAt(head, 0);
    const length = head.getUint32(4, true);
    if (name === "ANMF" && mayMove) facts.animated = ++frames > 1;
    if (name === "EXIF" && hasExif && length > exifHeaderBytes && length <= maxExifBytes) {
      const body = yield length;
      const start = nameAt(body, 0) === exifHeader ? exifHeaderBytes : 0;
      facts.orientation = readOrientation(new Uint8Array(body.buffer).subarray(start, length));
      return;
    }
    yield skip(length + (length & 1));
  }
}
