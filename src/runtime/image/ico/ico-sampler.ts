/** Reads the size of the largest picture in an icon file from its directory. The pictures themselves are not opened. */
import type { Sampler } from "../sampler.ts";
import { createWalkSampler, type Facts } from "../structure/walk-sampler.ts";
import type { Walk } from "../structure/walk.ts";

const headBytes = 6;
const entryBytes = 16;

/** A sampler for one ICO file. */
export function createIcoSampler(): Sampler {
  return createWalkSampler(walkIco);
}

function* walkIco(facts: Facts): Walk {
  const head = yield headBytes;
  const entries = head.getUint16(4, true);
  let largest = { width: 0, height: 0 };
  for (let index = 0; index < entries; index++) {
    const entry = yield entryBytes;
    // A side of 256 does not fit its byte and is written as 0.
    const width = entry.getUint8(0) || 256;
    const height = entry.getUint8(1) || 256;
    if (width * height > largest.width * largest.height) largest = { width, height };
  }
  if (entries > 0) facts.size = largest;
  facts.animated = false;
}
