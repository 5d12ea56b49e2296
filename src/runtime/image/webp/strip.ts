/**
 * Blanks the metadata of a WebP file (RFC 9649). The file's size comes first and cannot wait until the end is known, so
 * a removed chunk is replaced by a JUNK chunk of zeros of the same length, which readers skip like any chunk that they
 * do not know (2.7.1.6). It does not decode.
 */
import { dpiOf, maxExifBytes, minimalTiff, orientationOf } from "../strip/minimal-exif.ts";
import { isomorphicDecode, zeros, type Flow, type StripInput } from "../strip/input.ts";
import { cleanProfile, maxHeadBytes } from "../strip/profile.ts";
import { gapsBetween, passGaps } from "../strip/ranges.ts";

const headBytes = 8;
const frameHeaderBytes = 16;
const extendedBytes = 10;
const tiffBytes = minimalTiff(1).length;
const junkName = Uint8Array.of(0x4a, 0x55, 0x4e, 0x4b);
const exifFlag = 0x08;
/** Colour profile, alpha, animation; not XMP, and not the reserved bits. */
const pictureFlags = 0x32;

/** The chunks that pass, with the bytes of them that mean something. */
const frameChunks: ReadonlyMap<string, number> = new Map([
  ["ALPH", Infinity],
  ["VP8 ", Infinity],
  ["VP8L", Infinity],
]);
const fileChunks: ReadonlyMap<string, number> = new Map([["ANIM", 6], ...frameChunks]);

/**
 * Nothing passes unless the file begins as a WebP. The output is as long as the input, up to the size that the file
 * says it has. The header announces EXIF before it comes, so the first announced chunk stays, with nothing but an
 * orientation and a resolution.
 */
export function* stripWebp(input: StripInput): Flow {
  const start = yield* input.exactly(headBytes + 4);
  const text = isomorphicDecode(start);
  if (!text.startsWith("RIFF") || !text.endsWith("WEBP")) return;
  const left = sizeIn(start) - 4;
  yield start;
  yield* passChunks(input, left, chunksOfFile(input));
}

/** How a chunk's head and body pass: returns the bytes taken of the body. Null for a chunk that has to go. */
type ChunkRule = (head: Uint8Array, name: string, length: number) => Flow<number> | null;

/** Chunk by chunk through the next `bytes` bytes; no chunk reaches beyond them. */
function* passChunks(input: StripInput, bytes: number, rule: ChunkRule): Flow {
  let left = bytes;
  while (left >= headBytes) {
    const head = input.ready(headBytes) ?? (yield* input.exactly(headBytes));
    if (head.length < headBytes) return;
    left -= headBytes;
    const length = Math.min(sizeIn(head), left);
    const padded = Math.min(length + (length & 1), left);
    left -= padded;
    const flow = rule(head, isomorphicDecode(head.subarray(0, 4)), length);
    if (flow === null) yield junkHead(head);
    const taken = flow === null ? 0 : yield* flow;
    if (taken < padded) yield* input.blank(padded - taken);
  }
  yield* input.blank(left);
}

function sizeIn(head: Uint8Array): number {
  return new DataView(head.buffer, head.byteOffset).getUint32(4, true);
}

function junkHead(head: Uint8Array): Uint8Array {
  const junk = head.slice();
  junk.set(junkName);
  return junk;
}

/** The chunks of the file, or of one animation frame, that pass as they are: each but once. */
function knownChunks(input: StripInput, known: ReadonlyMap<string, number>): ChunkRule {
  const seen = new Set<string>();
  return (head, name, length) => {
    const most = known.get(name);
    // A file or frame has one picture, in either coding.
    const kind = name === "VP8L" ? "VP8 " : name;
    if (most === undefined || seen.has(kind)) return null;
    seen.add(kind);
    return passHeadAnd(input, head, Math.min(length, most));
  };
}

function chunksOfFile(input: StripInput): ChunkRule {
  const known = knownChunks(input, fileChunks);
  let extended = false;
  let awaitsExif = false;
  let awaitsProfile = true;

  function* passExtended(head: Uint8Array): Flow<number> {
    extended = true;
    yield head;
    const body = yield* input.exactly(extendedBytes);
    const [flags = 0] = body;
    awaitsExif = (flags & exifFlag) !== 0;
    const clean = Uint8Array.of(flags & (pictureFlags | exifFlag), 0, 0, 0, ...body.subarray(4));
    yield clean.subarray(0, body.length);
    return extendedBytes;
  }

  return (head, name, length) => {
    if (name === "VP8X" && length >= extendedBytes && !extended) return passExtended(head);
    if (name === "ANMF" && length >= frameHeaderBytes) return passFrame(input, head, length);
    if (name === "EXIF" && length >= tiffBytes && awaitsExif) {
      awaitsExif = false;
      return passExif(input, head, length);
    }
    if (name === "ICCP" && awaitsProfile) {
      awaitsProfile = false;
      return passProfile(input, head, length);
    }
    return known(head, name, length);
  };
}

/** What is no profile passes as zeros: the header of the file may have announced one. */
function* passProfile(input: StripInput, head: Uint8Array, length: number): Flow<number> {
  yield head;
  const start = yield* input.exactly(Math.min(length, maxHeadBytes));
  const profile = cleanProfile(start);
  yield profile?.head ?? new Uint8Array(start.length);
  yield* passGaps(input, start.length, length - start.length, profile?.gaps ?? gapsBetween([]));
  return length;
}

function* passHeadAnd(input: StripInput, head: Uint8Array, bytes: number): Flow<number> {
  yield head;
  yield* input.pass(bytes);
  return bytes;
}

function* passFrame(input: StripInput, head: Uint8Array, length: number): Flow<number> {
  yield* passHeadAnd(input, head, frameHeaderBytes);
  yield* passChunks(input, length - frameHeaderBytes, knownChunks(input, frameChunks));
  return length;
}

/** Writes a short directory over the beginning of an EXIF chunk, and zeros over the rest. */
function* passExif(input: StripInput, head: Uint8Array, length: number): Flow<number> {
  yield head;
  const exif = yield* input.exactly(Math.min(length, maxExifBytes));
  const orientation = orientationOf(exif);
  const whole = minimalTiff(orientation, dpiOf(exif));
  const tiff = whole.length > exif.length ? minimalTiff(orientation) : whole;
  yield tiff.subarray(0, exif.length);
  for (let left = exif.length - tiff.length; left > 0; left -= zeros.length) yield zeros.subarray(0, left);
  return exif.length;
}
