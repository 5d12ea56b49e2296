/**
 * Reads the size and orientation of an AVIF, HEIC or HEIF file's primary picture (ISO/IEC 23008-12) from its boxes. It looks at
 * no pixel.
 */
import { UnreadableImage } from "../sampler.ts";
import { createHeaderSampler, type FactsSampler, type HeaderFacts } from "../structure/header-sampler.ts";
import { nameAt, skip, type Walk } from "../structure/walk.ts";
import { readBoxHead } from "./boxes.ts";
import { readPrimaryItem } from "./primary-item.ts";

/** A telephone's picture of many tiles has some 5 KiB; more is not held. */
const maxMetaBytes = 256 * 1024;
const maxBrandBytes = 1024;
/** Boxes looked at before there must be a `meta` box. */
const maxBoxes = 1024;
const sequenceBrands: ReadonlySet<string> = new Set(["avis", "msf1", "hevc", "hevx"]);

/** A sampler for one AVIF, HEIC or HEIF file. */
export function createHeifSampler(): FactsSampler {
  return createHeaderSampler(walkHeif);
}

function* walkHeif(facts: HeaderFacts): Walk {
  for (let box = 0; box < maxBoxes; box++) {
    const { name, bodyBytes } = yield* readBoxHead();
    if (bodyBytes < 0) throw new UnreadableImage("a box shorter than its head");
    if (name === "ftyp" && bodyBytes <= maxBrandBytes) {
      facts.animated = hasSequenceBrand(yield bodyBytes, bodyBytes);
    } else if (name === "meta") {
      if (bodyBytes > maxMetaBytes) throw new UnreadableImage(`a meta box of more than ${maxMetaBytes} bytes`);
      const body = yield bodyBytes;
      readPrimaryItem(new DataView(body.buffer, 0, bodyBytes), facts);
      return;
    } else yield skip(bodyBytes);
  }
  throw new UnreadableImage("no meta box");
}

/** Whether one of a `ftyp` box's brands, the minor version apart, says that there is a sequence (4.3). */
export function hasSequenceBrand(body: DataView, bytes: number): boolean {
  for (let at = 0; at + 4 <= bytes; at += 4) {
    if (at !== 4 && sequenceBrands.has(nameAt(body, at))) return true;
  }
  return false;
}
