/**
 * Blanks the metadata of an AVIF, HEIC or HEIF file in place (ISO/IEC 14496-12): the file tells by their places where its
 * pictures are, so that no byte may move. What no picture claims becomes zeros, boxes that are not known become `free`.
 * It does not decode.
 *
 * The boxes that tell where the pictures are have to come before the pixels: a file in which they do not cannot be
 * cleaned as it passes.
 */
import { UnreadableImage } from "../sampler.ts";
import type { Flow, StripInput } from "../strip/input.ts";
import { gapsBetween, passGaps, type Range } from "../strip/ranges.ts";
import { nameAt } from "../structure/walk.ts";
import { boxHeadBytes, fullBoxBytes, hasSequenceBrand, largeHeadBytes, maxBrandBytes } from "./boxes.ts";
import { BoxCleaner, setFree } from "./clean-boxes.ts";

/** The boxes about the pictures are held whole. A phone's have some 5 KiB, colour profiles included. */
const maxHeldBytes = 1024 * 1024;
/** What stands before the boxes in those two boxes. */
const leads: ReadonlyMap<string, number> = new Map([
  ["meta", fullBoxBytes],
  ["moov", 0],
]);

/**
 * Nothing passes unless the file begins as one with boxes. The output is as long as the input, up to where no box begins
 * although one should.
 * @throws UnreadableImage when the metadata cannot be found
 */
export function* stripHeif(input: StripInput): Flow {
  const start = yield* takeHead(input);
  if (start?.name !== "ftyp" || start.bodyBytes > maxBrandBytes) return;
  yield start.head;
  const brands = yield* input.exactly(start.bodyBytes);
  yield brands;
  const isSequence = hasSequenceBrand(viewOf(brands), brands.length);

  let at = start.head.length + brands.length;
  const found = new Set<string>();
  let kept: readonly Range[] = [];
  let gaps: readonly Range[] | null = null;
  for (;;) {
    const box = yield* takeHead(input);
    if (box === null) break;
    const { name, head, bodyBytes } = box;
    at += head.length;
    if (leads.has(name) && !found.has(name) && (isSequence || name === "meta")) {
      if (gaps !== null) throw new UnreadableImage(`its ${name} box stands behind its pixels`);
      found.add(name);
      const body = yield* takeHeld(input, bodyBytes);
      kept = [...kept, ...clean(body, name, at)];
      yield head;
      yield body;
    } else if (name === "mdat") {
      if (found.size === 0) throw new UnreadableImage("its pixels stand before its meta box");
      gaps ??= gapsBetween(kept);
      yield head;
      yield* passGaps(input, at, bodyBytes, gaps);
    } else {
      setFree(viewOf(head));
      yield head;
      yield* input.blank(bodyBytes);
    }
    at += bodyBytes;
  }
  if (found.size === 0) throw new UnreadableImage("it has no meta box");
}

interface BoxStart {
  readonly name: string;
  /** A copy. */
  readonly head: Uint8Array;
  /** Infinite in a box that reaches to the end of the file. */
  readonly bodyBytes: number;
}

/** Null at the end, and where no box begins. */
function* takeHead(input: StripInput): Flow<BoxStart | null> {
  let head = (yield* input.exactly(boxHeadBytes)).slice();
  if (head.length < boxHeadBytes) return null;
  const name = nameAt(viewOf(head), 4);
  let size = viewOf(head).getUint32(0) || Number.POSITIVE_INFINITY;
  if (size === 1) {
    head = Uint8Array.of(...head, ...(yield* input.exactly(largeHeadBytes - boxHeadBytes)));
    if (head.length < largeHeadBytes) return null;
    size = Number(viewOf(head).getBigUint64(boxHeadBytes));
  }
  return size < head.length ? null : { name, head, bodyBytes: size - head.length };
}

/** A copy of a body, in a buffer of its own. */
function* takeHeld(input: StripInput, bodyBytes: number): Flow<Uint8Array> {
  const isEndless = bodyBytes === Number.POSITIVE_INFINITY;
  if (bodyBytes > maxHeldBytes && !isEndless) throw new UnreadableImage(tooLong);
  const body = (yield* input.exactly(Math.min(bodyBytes, maxHeldBytes + 1))).slice();
  if (body.length > maxHeldBytes) throw new UnreadableImage(tooLong);
  if (body.length < bodyBytes && !isEndless) throw new UnreadableImage("it ends before its pixels");
  return body;
}

const tooLong = "what it tells about its pictures is over 1 MiB";

/** Where the pixels are of which the box tells. */
function clean(body: Uint8Array, name: string, place: number): Range[] {
  const cleaner = new BoxCleaner();
  try {
    cleaner.clean(viewOf(body), leads.get(name) ?? 0);
    return cleaner.finish(place);
  } catch (error) {
    // A view throws where a box ends too early.
    throw error instanceof RangeError ? new UnreadableImage("a box that is too short") : error;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
