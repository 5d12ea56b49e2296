/**
 * Boxes of the ISO base media file format (ISO/IEC 14496-12, 4.2): their heads as they come in a stream, and the boxes
 * inside a piece that is held in memory. Their meaning is left to the callers.
 */
import { UnreadableImage } from "../sampler.ts";
import { nameAt, type ReadRequest } from "../structure/walk.ts";

export interface BoxHead {
  readonly name: string;
  /** Bytes of the box after its head; negative when the box claims to be shorter than its head. */
  readonly bodyBytes: number;
}

/** Files have some ten brands of four bytes. */
export const maxBrandBytes = 1024;
const sequenceBrands: ReadonlySet<string> = new Set(["avis", "msf1", "hevc", "hevx"]);
export const boxHeadBytes = 8;
/** Version and flags, with which some boxes begin. */
export const fullBoxBytes = 4;
export const largeHeadBytes = 16;

/** Takes the head of the next box. A box without a size extends to the end of the file, and its size is infinite. */
export function* readBoxHead(): Generator<ReadRequest, BoxHead, DataView> {
  return yield* readRestOfHead(yield boxHeadBytes);
}

/** The same when the first eight bytes have been taken. */
export function* readRestOfHead(head: DataView): Generator<ReadRequest, BoxHead, DataView> {
  const name = nameAt(head, 4);
  const size = head.getUint32(0);
  if (size === 0) return { name, bodyBytes: Number.POSITIVE_INFINITY };
  if (size !== 1) return { name, bodyBytes: size - boxHeadBytes };
  const large = yield largeHeadBytes - boxHeadBytes;
  return { name, bodyBytes: Number(large.getBigUint64(0)) - largeHeadBytes };
}

/** A box with its body, a view on the piece that is held in memory. */
export interface Box {
  readonly name: string;
  readonly body: DataView;
}

/** The boxes that fill `view` from byte `from`; stops silently at one that does not fit. */
export function* boxesIn(view: DataView, from: number): Generator<Box, void, undefined> {
  for (let at = from; at + boxHeadBytes <= view.byteLength;) {
    const size = view.getUint32(at) || view.byteLength - at;
    if (size < boxHeadBytes || at + size > view.byteLength) return;
    yield {
      name: nameAt(view, at + 4),
      body: new DataView(view.buffer, view.byteOffset + at + boxHeadBytes, size - boxHeadBytes),
    };
    at += size;
  }
}

/** The same boxes. @throws UnreadableImage when they do not fill the view */
export function* fillingBoxes(view: DataView, from: number): Generator<Box, void, undefined> {
  let end = from;
  for (const box of boxesIn(view, from)) {
    end = box.body.byteOffset + box.body.byteLength - view.byteOffset;
    yield box;
  }
  if (end !== view.byteLength) throw new UnreadableImage("a box that does not fit into the one around it");
}

/** The number of an item, which some versions of boxes write in four bytes. */
export function idAt(view: DataView, at: number, isLong: boolean): number {
  return isLong ? view.getUint32(at) : view.getUint16(at);
}

/** Whether any of a `ftyp` box's brands, not counting the minor version, announces a sequence (4.3). */
export function hasSequenceBrand(body: DataView, bytes: number): boolean {
  for (let at = 0; at + 4 <= bytes; at += 4) {
    if (at !== 4 && sequenceBrands.has(nameAt(body, at))) return true;
  }
  return false;
}
