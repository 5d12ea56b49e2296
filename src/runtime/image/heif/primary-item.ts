/**
 * Finds the size and orientation of the primary picture in the `meta` box of a HEIF file (ISO/IEC 23008-12, 6.5 and
 * 9.3). EXIF does not count: the properties decide.
 */
import type { Facts } from "../structure/walk-sampler.ts";
import { sizeOf, UnreadableImage, type StoredSize } from "../sampler.ts";
import { boxesIn, fullBoxBytes, idAt, type Box } from "./boxes.ts";

/** EXIF's orientations as a number of quarter turns clockwise, after mirroring left and right or not. */
const turnedOrientations = [
  [1, 6, 3, 8],
  [2, 7, 4, 5],
] as const;

/**
 * Writes what the bodies of the boxes `pitm` and `iprp` say into `facts`.
 * @throws UnreadableImage when a box is missing, RangeError when one ends within a field
 */
export function readPrimaryItem(primary: DataView, properties: DataView, facts: Facts): void {
  const parts = [...boxesIn(properties, 0)];
  const all = [...boxesIn(bodyOf(parts, "ipco"), 0)];
  facts.hasAlpha = all.some(isAlpha);
  const item = idAt(primary, fullBoxBytes, primary.getUint8(0) > 0);
  facts.size = null;
  let turns = 0;
  let mirrored = 0;
  for (const index of parts.flatMap(({ name, body }) => (name === "ipma" ? associationsOf(body, item) : []))) {
    const property = all[index - 1];
    if (property === undefined) continue;
    const { name, body } = property;
    if (name === "clap" && facts.size !== null) facts.size = clippedSize(body, facts.size);
    else if (name === "ispe") facts.size = sizeOf(body.getUint32(fullBoxBytes), body.getUint32(fullBoxBytes + 4));
    else if (name === "irot") turns += 4 - (body.getUint8(0) & 3);
    else if (name === "imir") {
      // Axis 0 swaps top and bottom, which is a mirroring of left and right and half a turn.
      turns = (body.getUint8(0) & 1) === 1 ? 4 - (turns & 3) : 6 - (turns & 3);
      mirrored ^= 1;
    }
  }
  facts.orientation = turnedOrientations[mirrored === 1 ? 1 : 0][turns & 3] ?? 1;
}

/**
 * The size that a clean aperture leaves (ISO/IEC 14496-12, 12.1.4), whose sides are fractions; it comes before any turn
 * (MIAF, 7.3.6.7). One that is not inside the picture leaves it as it is.
 */
function clippedSize(aperture: DataView, whole: StoredSize): StoredSize {
  const width = Math.round(aperture.getUint32(0) / aperture.getUint32(4));
  const height = Math.round(aperture.getUint32(8) / aperture.getUint32(12));
  return width > 0 && width <= whole.width && height > 0 && height <= whole.height ? { width, height } : whole;
}

/** @throws UnreadableImage when there is none */
function bodyOf(boxes: readonly Box[], name: string): DataView {
  const box = boxes.find((candidate) => candidate.name === name);
  if (box === undefined) throw new UnreadableImage(`no ${name} box`);
  return box.body;
}

/** The properties of an item, counted from 1, in the order in which they apply (9.3.1, `ipma`). */
function associationsOf(body: DataView, item: number): number[] {
  const isLongId = body.getUint8(0) > 0;
  const isLongIndex = (body.getUint8(3) & 1) === 1;
  const entries = body.getUint32(fullBoxBytes);
  const found: number[] = [];
  for (let entry = 0, at = fullBoxBytes + 4; entry < entries; entry++) {
    const id = idAt(body, at, isLongId);
    at += isLongId ? 4 : 2;
    const count = body.getUint8(at++);
    for (let index = 0; index < count; index++, at += isLongIndex ? 2 : 1) {
      // The highest bit tells whether a reader must know the property.
      if (id === item) found.push(isLongIndex ? body.getUint16(at) & 0x7fff : body.getUint8(at) & 0x7f);
    }
  }
  return found;
}

/** An auxiliary picture that is alpha, in the terms of AV1 and of HEVC. */
function isAlpha({ name, body }: Box): boolean {
  if (name !== "auxC") return false;
  const text = new TextDecoder().decode(body);
  return text.includes("auxiliary:alpha") || text.includes("hevc:2015:auxid:1");
}
