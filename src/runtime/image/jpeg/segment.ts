/**
 * Decides which parts of a JPEG segment belong to the picture (ITU-T T.81, annex B). Segments are checked against their
 * own structure, so that one whose marker or place is wrong does not carry text through.
 */
import * as marker from "./marker.ts";
import { iccHeader, iccHeaderBytes, isStartOfFrame } from "./marker.ts";
import { isomorphicDecode } from "../strip/input.ts";

const hierarchy = 0xde;
const expansion = 0xdf;

const jfifName = "JFIF\0";
const adobeName = "Adobe";

/** JFIF 1.02: version, density and the size of a thumbnail, which follows. */
const jfifBytes = 14;
const adobeBytes = 12;
const maxConditionedTables = 8;

/** False: nothing of such a segment can stay, so its body need not be read. */
export function mayBeKept(code: number): boolean {
  return code <= marker.iccProfile || code === marker.adobe;
}

/**
 * The body that passes, null when the segment is dropped. Scan headers and EXIF are not decided here: null. A part of a
 * colour profile passes as it is.
 */
export function keptBody(code: number, body: Uint8Array): Uint8Array | null {
  switch (code) {
    case marker.jfif:
      // The name JFXX stands before nothing but thumbnails.
      return isNamed(body, jfifName, jfifBytes) ? Uint8Array.of(...body.subarray(0, jfifBytes - 2), 0, 0) : null;
    case marker.iccProfile:
      return isNamed(body, iccHeader, iccHeaderBytes) ? body : null;
    case marker.adobe:
      return isNamed(body, adobeName, adobeBytes) ? body.subarray(0, adobeBytes) : null;
    default:
      return isWellFormed(code, body) ? body : null;
  }
}

/** A header of 1 to 4 components that the frame has: the last frame header's body, null when there was none. */
export function isScanHeader(body: Uint8Array, frame: Uint8Array | null): boolean {
  const [count = 0] = body;
  if (frame === null || count < 1 || count > 4 || body.length !== 4 + 2 * count) return false;
  const known = frame.filter((_, at) => at >= 6 && at % 3 === 0);
  return body.subarray(1, 1 + 2 * count).every((id, at) => at % 2 === 1 || known.includes(id));
}

function isNamed(body: Uint8Array, name: string, leastBytes: number): boolean {
  return body.length >= leastBytes && isomorphicDecode(body.subarray(0, name.length)) === name;
}

function isWellFormed(code: number, body: Uint8Array): boolean {
  if (isStartOfFrame(code) || code === hierarchy) return body.length === 6 + 3 * (body[5] ?? 0);
  switch (code) {
    case marker.huffmanTables:
      return areTables(body, (at) => body.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 17));
    case marker.quantizationTables:
      return areTables(body, (at) => ((body[at] ?? 0) < 16 ? 65 : 129));
    case marker.arithmeticConditioning:
      return body.length <= 2 * maxConditionedTables && areTables(body, () => 2);
    case marker.restartInterval:
    case marker.numberOfLines:
      return body.length === 2;
    case expansion:
      return body.length === 1;
    default:
      return false;
  }
}

/** Whether tables fill the body: each begins with a class of 0 or 1 and a number of 0 to 3, and says how long it is. */
function areTables(body: Uint8Array, bytesAt: (at: number) => number): boolean {
  let at = 0;
  for (; at < body.length; at += bytesAt(at)) {
    if (((body[at] ?? 0) & 0xec) !== 0) return false;
  }
  return at > 0 && at === body.length;
}
