/**
 * Blanks what an ICC profile (ICC.1:2022) tells of the device that it was made for and of when and by whom, in place:
 * no tag moves. What it says of colours stays. Only tags of the specification that have to do with colours stay; those
 * of their makers, such as `mmod` with a display's serial number, go.
 */
import { nameAt } from "../structure/walk.ts";
import { blankGaps, gapsBetween, type Range } from "./ranges.ts";

const signature = "acsp";
const signatureAt = 36;
const tableAt = 128;
const tagsAt = 132;
const tagBytes = 12;
const maxTags = 100;
/** No more of a profile has to be held: its header and the table of its tags. */
export const maxHeadBytes = tagsAt + maxTags * tagBytes;

const colorTags: ReadonlySet<string> = new Set(
  (
    "desc cprt wtpt bkpt chad chrm cicp lumi meas tech view gamt ciis clro clrt clot ncl2 rig0 rig2 " +
    "rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 pre0 pre1 pre2 " +
    "B2D0 B2D1 B2D2 B2D3 D2B0 D2B1 D2B2 D2B3"
  ).split(" "),
);
/** Only profiles that were made for one device have these. Their description names it, often with a date. */
const deviceTags: ReadonlySet<string> = new Set("mmod ndin vcgt targ calt meta DevD CIED Pmtr".split(" "));
/** Type and reserved bytes, behind which a text begins. */
const typeBytes = 8;

/** Date, then who made the device, which model, special attributes of it, who made the profile, its checksum, unused. */
const headerGaps: readonly Range[] = [
  [24, 36],
  [48, 56],
  [56, 60],
  [80, 128],
];

export interface CleanProfile {
  /** As long as the head that it was made from. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** What is to be blanked of the whole profile. */
  readonly gaps: readonly Range[];
}

/**
 * `head` is the whole profile, or its first `maxHeadBytes` at least. Null when it does not begin as a profile. Takes as
 * long whatever its tags say.
 */
export function cleanProfile(head: Uint8Array): CleanProfile | null {
  const clean = head.slice();
  const view = new DataView(clean.buffer);
  if (clean.length < tagsAt || nameAt(view, signatureAt) !== signature) return null;
  const count = view.getUint32(tableAt);
  const bodyAt = tagsAt + count * tagBytes;
  if (count > maxTags || bodyAt > clean.length) return null;

  const tags = Array.from({ length: count }, (_, index) => readTag(view, tagsAt + index * tagBytes));
  const isOfDevice = tags.some(({ name }) => deviceTags.has(name));
  const kept = tags.filter(({ name, from }) => colorTags.has(name) && from >= bodyAt);
  const gaps = gapsBetween([
    [0, bodyAt],
    ...kept.map(({ name, from, to }): Range => [from, name === "desc" && isOfDevice ? from + typeBytes : to]),
  ]);

  blankGaps(clean, 0, [...headerGaps, [tagsAt, bodyAt], ...gaps]);
  view.setUint32(tableAt, kept.length);
  for (const [index, { entry }] of kept.entries()) clean.set(entry, tagsAt + index * tagBytes);
  return { head: clean, gaps };
}

interface Tag {
  readonly name: string;
  readonly entry: Uint8Array;
  readonly from: number;
  readonly to: number;
}

function readTag(view: DataView, at: number): Tag {
  const from = view.getUint32(at + 4);
  const entry = new Uint8Array(view.buffer).slice(at, at + tagBytes);
  return { name: nameAt(view, at), entry, from, to: from + view.getUint32(at + 8) };
}
