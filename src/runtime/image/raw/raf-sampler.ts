/**
 * Reads the size of a Fujifilm raw file from its own header, which lies behind a JPEG as large as a photograph, and the
 * orientation from this JPEG's EXIF. Fujifilm describes none of it; decoders agree on what is read here.
 */
import { readOrientation } from "../orientation.ts";
import { sizeOf, UnreadableImage, type Sampler } from "../sampler.ts";
import { createWalkSampler, type Facts } from "../structure/walk-sampler.ts";
import { bytesOf, skip, type Walk } from "../structure/walk.ts";

const headBytes = 100;
/** Where the head says where the JPEG and the header of the pixels are. */
const jpegPlace = 84;
const headerPlace = 92;
/** The start of an image, the marker of its EXIF and this one's length; EXIF has a name before its TIFF. */
const jpegHeadBytes = 6;
const jpegWithExif = 0xffd8ffe1;
const exifNameBytes = 6;
/** The sizes of the sensor, of its part that makes the picture, and of the pixels of older cameras. */
const sensorTag = 0x100;
const pictureTag = 0x111;
const pixelsTag = 0x121;
const maxRecords = 255;

/** A sampler for one RAF file. */
export function createRafSampler(): Sampler {
  return createWalkSampler(walkRaf);
}

function* walkRaf(facts: Facts): Walk {
  const head = yield headBytes;
  const [jpegAt, headerAt] = [head.getUint32(jpegPlace), head.getUint32(headerPlace)];
  let at = headBytes;
  facts.hasAlpha = facts.animated = false;
  if (jpegAt >= at && jpegAt < headerAt) {
    yield skip(jpegAt - at);
    const jpeg = yield jpegHeadBytes;
    at = jpegAt + jpegHeadBytes;
    const exifBytes = jpeg.getUint32(0) === jpegWithExif ? jpeg.getUint16(4) - 2 : 0;
    if (exifBytes > exifNameBytes) {
      facts.orientation = readOrientation(bytesOf(yield exifBytes, exifBytes).subarray(exifNameBytes));
      at += exifBytes;
    }
  }
  if (headerAt < at) throw new UnreadableImage("a header before its place");
  yield skip(headerAt - at);
  for (let left = Math.min(maxRecords, (yield 4).getUint32(0)); left > 0; left--) {
    const record = yield 4;
    const [tag, bytes] = [record.getUint16(0), record.getUint16(2)];
    const tells = tag === pictureTag || (facts.size === null && (tag === sensorTag || tag === pixelsTag));
    if (tells && bytes === 4) {
      const sides = yield bytes;
      facts.size = sizeOf(sides.getUint16(2), sides.getUint16(0)) ?? facts.size;
    } else yield skip(bytes);
  }
}
