/**
 * Finds the orientation in an EXIF block (a TIFF structure), as found in a JPEG's APP1 segment and a PNG's eXIf chunk.
 * Everything else in EXIF is ignored.
 */
import { emptyFacts, type Facts } from "./structure/walk-sampler.ts";
import { Follower } from "./structure/walk.ts";
import { walkTiff } from "./tiff/tiff-sampler.ts";

/** 1 (upright) to 8 (EXIF 2.32, 4.6.4 A); 1 when absent or malformed. Never throws. */
export function readOrientation(tiff: Uint8Array): number {
  const facts = emptyFacts();
  readExif(tiff, facts);
  return facts.orientation;
}

/** What a TIFF that is held tells of its picture. Never throws. */
export function readExif(tiff: Uint8Array, facts: Facts): void {
  try {
    new Follower(walkTiff(facts)).push(tiff);
  } catch {
    // What was found before the fault counts.
  }
}

/** Whether a viewer turns the picture by a quarter, so that its width is the stored height. */
export function isTurned(orientation: number): boolean {
  return orientation >= 5;
}
