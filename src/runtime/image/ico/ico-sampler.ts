/**
 * Reads the size of the largest picture in an icon file: the directory gives it in a byte a side, and some writers do
 * not care what they put there, so each picture's own header decides.
 */
import { signature } from "../png/chunks.ts";
import { larger, sizeOf, type Sampler, type StoredSize } from "../sampler.ts";
import { createWalkSampler, type Facts } from "../structure/walk-sampler.ts";
import { skip, type Walk } from "../structure/walk.ts";

const headBytes = 6;
const entryBytes = 16;
/** A PNG's signature, and IHDR up to its sides. */
const pictureHeadBytes = 24;
/** Of BITMAPINFOHEADER. */
const bitmapHeaderBytes = 40;

/** A sampler for one ICO file. */
export function createIcoSampler(): Sampler {
  return createWalkSampler(walkIco);
}

function* walkIco(facts: Facts): Walk {
  const head = yield headBytes;
  const count = head.getUint16(4, true);
  const offsets: number[] = [];
  for (let index = 0; index < count; index++) {
    const entry = yield entryBytes;
    // A side of 256 does not fit its byte and is written as 0.
    facts.size = larger(facts.size, sizeOf(entry.getUint8(0) || 256, entry.getUint8(1) || 256));
    offsets.push(entry.getUint32(12, true));
  }
  facts.animated = false;
  let largest: StoredSize | null = null;
  let at = headBytes + count * entryBytes;
  for (const offset of offsets.toSorted((one, other) => one - other)) {
    // One that overlaps what was read is not looked at.
    if (offset < at) continue;
    yield skip(offset - at);
    at = offset + pictureHeadBytes;
    largest = larger(largest, sizeInside(yield pictureHeadBytes));
    facts.size = largest ?? facts.size;
  }
}

/** Of a PNG or a BMP without its file header, null for anything else. */
function sizeInside(picture: DataView): StoredSize | null {
  if (picture.getBigUint64(0) === signature) return sizeOf(picture.getUint32(16), picture.getUint32(20));
  if (picture.getUint32(0, true) !== bitmapHeaderBytes) return null;
  // The rows of a mask follow those of the picture and are counted with them.
  return sizeOf(picture.getInt32(4, true), Math.abs(picture.getInt32(8, true)) >> 1);
}
