/**
 * Reads the size and orientation of a TIFF's first picture (TIFF 6.0, sections 2 and 8, and BigTIFF) from its first
 * directory, wherever it lies: if it is behind the pixels, they are passed over first. A directory before the header's
 * end, and those of further pictures, are not read.
 */
import { sizeOf, UnreadableImage, type Sampler } from "../sampler.ts";
import { createWalkSampler, type Facts } from "../structure/walk-sampler.ts";
import { skip, type Walk } from "../structure/walk.ts";

const littleEndianMark = 0x4949;
const bigVersion = 43;
const widthTag = 256;
const heightTag = 257;
const orientationTag = 274;
const extraSamplesTag = 338;
/** The last is BigTIFF's. */
const shortType = 3;
const longType = 4;
const long8Type = 16;

/** A sampler for one TIFF file. */
export function createTiffSampler(): Sampler {
  return createWalkSampler(walkTiff);
}

/** Also finds the orientation in an EXIF block. @throws UnreadableImage */
export function* walkTiff(facts: Facts): Walk {
  const head = yield 8;
  const little = head.getUint16(0) === littleEndianMark;
  const isBig = head.getUint16(2, little) === bigVersion;
  const headBytes = isBig ? 16 : 8;
  const directory = isBig ? Number((yield 8).getBigUint64(0, little)) : head.getUint32(4, little);
  if (directory < headBytes) throw new UnreadableImage("a directory in the header");
  yield skip(directory - headBytes);
  const count = isBig ? Number((yield 8).getBigUint64(0, little)) : (yield 2).getUint16(0, little);
  if (count > 0xffff) throw new UnreadableImage("too many entries");
  let [width, height] = [0, 0];
  facts.hasAlpha = facts.animated = false;
  for (let index = 0; index < count; index++) {
    const entry = yield isBig ? 20 : 12;
    const value = readValue(entry, isBig ? 12 : 8, little);
    const name = entry.getUint16(0, little);
    if (name === widthTag) width = value;
    else if (name === heightTag) height = value;
    else if (name === orientationTag && value >= 1 && value <= 8) facts.orientation = value;
    // 1 and 2 are alpha, multiplied and not; 0 is anything else (section 18).
    else if (name === extraSamplesTag) facts.hasAlpha = value === 1 || value === 2;
  }
  facts.size = sizeOf(width, height);
}

/** The first value of an entry, of the types that a side or an orientation has; 0 for all others. */
function readValue(entry: DataView, at: number, little: boolean): number {
  const type = entry.getUint16(2, little);
  if (type === shortType) return entry.getUint16(at, little);
  if (type === longType) return entry.getUint32(at, little);
  return type === long8Type ? Number(entry.getBigUint64(at, little)) : 0;
}
