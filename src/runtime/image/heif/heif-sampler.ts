/**
 * Reads the size and orientation of an AVIF, HEIC or HEIF file's primary picture (ISO/IEC 23008-12) from its boxes.
 * Pixels are not read.
 */
import { UnreadableImage, type Sampler } from "../sampler.ts";
import { createWalkSampler, type Facts } from "../structure/walk-sampler.ts";
import { skip, type Walk } from "../structure/walk.ts";
import { hasSequenceBrand, maxBrandBytes, readBoxHead } from "./boxes.ts";
import { readPrimaryItem } from "./primary-item.ts";

/** A phone's picture of many tiles has some 5 KiB; more is not held. */
const maxMetaBytes = 256 * 1024;

/** A sampler for one AVIF, HEIC or HEIF file. */
export function createHeifSampler(): Sampler {
  return createWalkSampler(walkHeif);
}

function* walkHeif(facts: Facts): Walk {
  for (;;) {
    const { name, bodyBytes } = yield* readBoxHead();
    if (bodyBytes < 0) throw new UnreadableImage("a short box");
    if (name === "ftyp" && bodyBytes <= maxBrandBytes) {
      facts.animated = hasSequenceBrand(yield bodyBytes, bodyBytes);
    } else if (name === "meta") {
      if (bodyBytes > maxMetaBytes) throw new UnreadableImage("too large a meta box");
      const body = yield bodyBytes;
      readPrimaryItem(new DataView(body.buffer, 0, bodyBytes), facts);
      return;
    } else yield skip(bodyBytes);
  }
}
