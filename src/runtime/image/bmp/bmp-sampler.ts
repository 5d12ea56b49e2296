/**
 * Reads a BMP's size, from any version of its header (BITMAPCOREHEADER and BITMAPINFOHEADER of the Windows GDI, and
 * OS/2's). Pixels are not read.
 */
import { sizeOf, UnreadableImage, type Sampler } from "../sampler.ts";
import { createWalkSampler, type Facts } from "../structure/walk-sampler.ts";
import type { Walk } from "../structure/walk.ts";

const fileHeaderBytes = 14;
const coreHeaderBytes = 12;
/** OS/2's second version may be cut after any field from here on; the headers of Windows start at 40 bytes. */
const leastInfoHeaderBytes = 16;

/** A sampler for one BMP file. */
export function createBmpSampler(): Sampler {
  return createWalkSampler(walkBmp);
}

function* walkBmp(facts: Facts): Walk {
  const head = yield fileHeaderBytes + 4;
  const headerBytes = head.getUint32(fileHeaderBytes, true);
  if (headerBytes === coreHeaderBytes) {
    const core = yield 4;
    facts.size = sizeOf(core.getUint16(0, true), core.getUint16(2, true));
  } else if (headerBytes >= leastInfoHeaderBytes) {
    const info = yield 8;
    // A negative height means that the rows run from the top.
    facts.size = sizeOf(info.getInt32(0, true), Math.abs(info.getInt32(4, true)));
  } else throw new UnreadableImage("a header that BMP lacks");
  facts.animated = false;
}
