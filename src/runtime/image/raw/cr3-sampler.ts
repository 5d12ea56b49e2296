/**
 * Reads the size and orientation of a Canon CR3 file, a film whose header holds a TIFF's first directory in a box of
 * Canon's; where that tells no size, of its first track. https://github.com/lclevy/canon_cr3
 */
import { readBoxHead } from "../heif/boxes.ts";
import { readTrack } from "../heif/track.ts";
import { readExif } from "../orientation.ts";
import { UnreadableImage, type Sampler } from "../sampler.ts";
import { createWalkSampler, type Facts } from "../structure/walk-sampler.ts";
import { bytesOf, skip, type Walk } from "../structure/walk.ts";

/** Boxes that hold others, with the bytes before these. */
const containers: ReadonlyMap<string, number> = new Map([
  ["moov", 0],
  ["trak", 0],
  ["uuid", 16],
]);
/** They have some hundred. */
const maxHeldBytes = 65_536;

/** A sampler for one CR3 file. */
export function createCr3Sampler(): Sampler {
  return createWalkSampler(walkCr3);
}

function* walkCr3(facts: Facts): Walk {
  while (facts.size === null) {
    const { name, bodyBytes } = yield* readBoxHead();
    if (bodyBytes < 0) throw new UnreadableImage("a short box");
    const isHeld = bodyBytes <= maxHeldBytes;
    if (name === "CMT1" && isHeld) readExif(bytesOf(yield bodyBytes, bodyBytes), facts);
    else if (name === "tkhd" && isHeld) readTrack(yield bodyBytes, facts);
    else yield skip(containers.get(name) ?? bodyBytes);
  }
  facts.hasAlpha = facts.animated = false;
}
