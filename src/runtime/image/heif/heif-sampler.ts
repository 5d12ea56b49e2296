/**
 * Reads the size and orientation of an AVIF, HEIC or HEIF file's primary picture (ISO/IEC 23008-12) from its boxes, or
 * of its film when it has no such picture. Pixels are not read.
 */
import { UnreadableImage, type Sampler } from "../sampler.ts";
import { createWalkSampler, type Facts } from "../structure/walk-sampler.ts";
import { skip, type ReadRequest, type Walk } from "../structure/walk.ts";
import { fullBoxBytes, hasSequenceBrand, maxBrandBytes, readBoxHead } from "./boxes.ts";
import { readPrimaryItem } from "./primary-item.ts";
import { readTrack } from "./track.ts";

/** A phone's picture of many tiles has some 5 KiB of properties; more is not held. */
const maxHeldBytes = 256 * 1024;

/** Boxes that hold others, with the bytes before these. What they hold is read as if it stood in their place. */
const containers: ReadonlyMap<string, number> = new Map([
  ["meta", fullBoxBytes],
  ["moov", 0],
  ["trak", 0],
]);

/** A sampler for one AVIF, HEIC or HEIF file. */
export function createHeifSampler(): Sampler {
  return createWalkSampler(walkHeif);
}

function* walkHeif(facts: Facts): Walk {
  let isSequence = false;
  const held = new Map<string, DataView>();
  for (;;) {
    const { name, bodyBytes } = yield* readBoxHead();
    if (bodyBytes < 0) throw new UnreadableImage("a short box");
    const lead = containers.get(name);
    if (name === "ftyp" && facts.animated === null && bodyBytes <= maxBrandBytes) {
      isSequence = hasSequenceBrand(yield bodyBytes, bodyBytes);
      facts.animated = false;
    } else if (lead !== undefined && (isSequence || name !== "moov")) yield skip(lead);
    else if (name === "tkhd" && bodyBytes <= maxBrandBytes) readTrack(yield* take(bodyBytes), facts);
    else if ((name === "pitm" || name === "iprp") && !held.has(name)) {
      if (bodyBytes > maxHeldBytes) throw new UnreadableImage("too large a box");
      held.set(name, yield* take(bodyBytes));
      const [primary, properties] = [held.get("pitm"), held.get("iprp")];
      if (primary === undefined || properties === undefined) continue;
      readPrimaryItem(primary, properties, facts);
      // Only a film could still tell something, and one in a file that is no sequence was appended by a phone.
      if (!isSequence) return;
    } else yield skip(bodyBytes);
  }
}

/** A copy, which stays as it is. */
function* take(bytes: number): Generator<ReadRequest, DataView, DataView> {
  return new DataView((yield bytes).buffer.slice(0, bytes));
}
