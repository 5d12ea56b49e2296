/**
 * Trailers that cameras and editors append to pictures, known by the footer with which each ends and which tells how
 * long it is. The footers are documented by ExifTool, which reads what the trailers hold.
 */
import { nameAt } from "./walk.ts";

/** The last bytes of a file, as they pass. */
export interface Tail {
  push(bytes: Uint8Array): void;
  /**
   * Bytes of the trailers with which a file of `fileBytes` bytes ends, 0 when there is none. No more are looked for once
   * `wanted` bytes are accounted for.
   */
  trailerBytes(fileBytes: number, wanted: number): number;
}

/** The directory of a Samsung trailer has some ten entries of twelve bytes. */
const tailBytes = 4096;

/** What a footer that ends at byte `end` says of its trailer's length. @throws RangeError beyond the tail */
type LengthOf = (tail: DataView, end: number, fileBytes: number, wanted: number) => number;

/** By their marks, and how far before the end these begin. */
const footers: readonly (readonly [mark: string, before: number, lengthOf: LengthOf])[] = [
  ["SEFT", 4, samsungBytes],
  ["jxrs", 8, onePlusBytes],
  // Vivo's says nothing of its length: it takes all that is left.
  ["\xff\xff\xff\xff\x1b*9HWfu\x84\x93\xa2\xb1", 15, (_tail, _end, _fileBytes, wanted) => wanted],
  // Insta360
  ["8db42d694ccc418790edff439fe026bf", 32, (tail, end) => tail.getUint32(end - 40, true)],
  ["CANON OPTIONAL DATA\0", 64, (tail, end) => tail.getUint32(end - 44) + 92],
  // Photo Mechanic
  ["cbipcbbl", 8, (tail, end) => tail.getUint32(end - 12) + 12],
  // FotoStation
  ["\xa1\xb2\xc3\xd4", 4, (tail, end) => tail.getUint32(end - 8)],
  // AFCP, in either byte order, with the place in the file where it begins
  ["AXS!", 12, (tail, end, fileBytes) => fileBytes - tail.getUint32(end - 8)],
  ["AXS*", 12, (tail, end, fileBytes) => fileBytes - tail.getUint32(end - 8, true)],
];

export function createTail(): Tail {
  const tail = new Uint8Array(tailBytes);
  const view = new DataView(tail.buffer);
  return {
    push(bytes) {
      const added = bytes.subarray(-tailBytes);
      tail.copyWithin(0, added.length);
      tail.set(added, tailBytes - added.length);
    },
    trailerBytes(fileBytes, wanted) {
      let bytes = 0;
      while (bytes < wanted && bytes < tailBytes) {
        const length = footerBytes(view, tailBytes - bytes, fileBytes - bytes, wanted - bytes);
        if (length <= 0) break;
        bytes += length;
      }
      return bytes;
    },
  };
}

function footerBytes(tail: DataView, end: number, fileBytes: number, wanted: number): number {
  const found = footers.find(([mark, before]) => isAt(tail, end - before, mark));
  try {
    return found?.[2](tail, end, fileBytes, wanted) ?? 0;
  } catch {
    return 0;
  }
}

function isAt(tail: DataView, at: number, mark: string): boolean {
  return at >= 0 && Array.from(mark).every((character, index) => tail.getUint8(at + index) === character.charCodeAt(0));
}

/** Blocks of data, which a directory lists by how far before it each begins. */
function samsungBytes(tail: DataView, end: number): number {
  const directoryBytes = tail.getUint32(end - 8, true);
  const directory = end - 8 - directoryBytes;
  if (nameAt(tail, directory) !== "SEFH") return 0;
  const count = tail.getUint32(directory + 8, true);
  let farthest = 0;
  for (let entry = directory + 12; entry < directory + 12 + count * 12; entry += 12) {
    farthest = Math.max(farthest, tail.getUint32(entry + 4, true));
  }
  return farthest + directoryBytes + 8;
}

/** Blocks of data, which a list in JSON names by how far before it each begins. */
function onePlusBytes(tail: DataView, end: number): number {
  const listBytes = tail.getUint32(end - 4, true);
  const list = new TextDecoder().decode(new DataView(tail.buffer, end - listBytes, listBytes));
  const offsets = Array.from(list.matchAll(/"offset":(\d+)/g), ([, digits]) => Number(digits));
  return Math.max(0, ...offsets) + listBytes;
}
