/**
 * Blanks in place what the boxes of a `meta` or `moov` tell beside the picture (ISO/IEC 14496-12, ISO/IEC 23008-12), and
 * finds out where in the file the picture's own bytes are. Only boxes that are known stay: the others become `free`, as
 * long as they were and without content, so that nothing moves.
 */
import { UnreadableImage } from "../sampler.ts";
import { cleanProfile } from "../strip/profile.ts";
import type { Range } from "../strip/ranges.ts";
import { nameAt } from "../structure/walk.ts";
import { boxesIn, boxHeadBytes, fillingBoxes, fullBoxBytes, type Box } from "./boxes.ts";
import { bytesIn, HeifItems } from "./items.ts";
import { sampleRanges } from "./samples.ts";

/** Boxes that hold others, with the bytes before these. */
const containers: ReadonlyMap<string, number> = new Map([
  ...["iprp", "ipco", "dinf", "trak", "edts", "mdia", "minf", "stbl"].map((name): [string, number] => [name, 0]),
  ["dref", 8],
  ["stsd", 8],
]);
/** Descriptions of samples hold boxes as well. */
const sampleEntries: ReadonlySet<string> = new Set("av01 hvc1 hev1 avc1 avc3 vvc1".split(" "));
const sampleEntryLead = 78;
const freeName = 0x66726565;
/** Deeper than in any file. */
const maxDepth = 10;

/** Boxes of numbers that say how a picture is made of its bytes. */
const plainBoxes: ReadonlySet<string> = new Set(
  (
    "pitm grpl ipma av1C hvcC lhvC avcC vvcC evcC jpgC j2kH uncC cmpd ispe pixi pasp clap irot imir auxC " +
    "a1op lsel a1lx oinf tols rloc clli mdcv cclv amve ndwt reve rref iscl " +
    "vmhd elst tref stts ctts cslg stsc stsz stco co64 stss sdtp sbgp sgpd ccst auxi btrt"
  ).split(" "),
);

/** What is blanked of boxes that stay: their bytes from one place to another. */
const blanked: ReadonlyMap<string, Range> = new Map([
  // The name of whoever handles it.
  ["hdlr", [20, Number.POSITIVE_INFINITY]],
  // Where another file is.
  ["url ", [fullBoxBytes, Number.POSITIVE_INFINITY]],
  // The name of the compressor.
  ...[...sampleEntries].map((name): [string, Range] => [name, [42, 74]]),
]);
/** These begin with the times of creation and of the last change, which are longer in version 1. */
const timedBoxes: ReadonlySet<string> = new Set(["mvhd", "tkhd", "mdhd"]);

/** Kinds of tracks that are seen. */
const pictureHandlers: ReadonlySet<string> = new Set(["pict", "auxv", "vide"]);
const handlerAt = 8;
/** Kinds of `colr` that hold a profile, behind the kind. */
const profileKinds: ReadonlySet<string> = new Set(["prof", "rICC"]);
const profileAt = 4;

export class BoxCleaner {
  readonly #items = new HeifItems();
  readonly #samples: Range[] = [];

  /**
   * Cleans the boxes that fill `view` from byte `from`.
   * @throws UnreadableImage when they do not fill it, RangeError when a box ends within a field
   */
  clean(view: DataView, from: number, depth = 0): void {
    if (depth > maxDepth) throw new UnreadableImage("boxes within boxes without end");
    for (const box of fillingBoxes(view, from)) {
      if (this.#cleanBox(box, depth)) continue;
      setFree(new DataView(view.buffer, box.body.byteOffset - boxHeadBytes));
      bytesIn(box.body).fill(0);
    }
  }

  /**
   * Cleans what can be cleaned only when all boxes are known, and returns where the picture's bytes are. `place`: of the
   * first byte of the boxes' buffer in the file.
   */
  finish(place: number): Range[] {
    return [...this.#items.finish(place), ...this.#samples];
  }

  /** False: the box has to go. */
  #cleanBox({ name, body }: Box, depth: number): boolean {
    if (name === "trak" && !isSeen(body)) return false;
    if (name === "colr") return cleanColor(body);
    if (name === "stbl") for (const range of sampleRanges(body)) this.#samples.push(range);
    const range = blanked.get(name);
    if (range !== undefined) bytesIn(body).fill(0, ...range);
    if (timedBoxes.has(name)) bytesIn(body).fill(0, fullBoxBytes, fullBoxBytes + (body.getUint8(0) === 1 ? 16 : 8));
    const lead = sampleEntries.has(name) ? sampleEntryLead : containers.get(name);
    if (lead !== undefined) this.clean(body, lead, depth + 1);
    const isKnown = lead !== undefined || range !== undefined || timedBoxes.has(name) || plainBoxes.has(name);
    return this.#items.take(name, body) || isKnown;
  }
}

/** Whether a track shows something; sound, and what devices note while they record, is not seen. */
function isSeen(track: DataView): boolean {
  const handler = bodyOf(bodyOf(track, "mdia"), "hdlr");
  return handler !== undefined && pictureHandlers.has(nameAt(handler, handlerAt));
}

function bodyOf(view: DataView | undefined, name: string): DataView | undefined {
  return view === undefined ? undefined : [...boxesIn(view, 0)].find((box) => box.name === name)?.body;
}

/** False: a profile that is none. Colours that are told by numbers stay as they are. */
function cleanColor(body: DataView): boolean {
  if (!profileKinds.has(nameAt(body, 0))) return true;
  const profile = bytesIn(body).subarray(profileAt);
  const cleaned = cleanProfile(profile);
  if (cleaned === null) return false;
  profile.set(cleaned.head);
  return true;
}

/** Renames the box with this head. */
export function setFree(head: DataView): void {
  head.setUint32(4, freeName);
}
