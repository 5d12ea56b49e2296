/**
 * What may stand behind a picture's end: padding, the parts that the picture announces (another JPEG, or the film of a
 * motion photo), and trailers that prove themselves by a footer. Everything else is refused. A part has to be whole and
 * of the announced length; what parts and trailers show or hold is not checked.
 */
import type { AnnouncedParts } from "./announced-parts.ts";
import { walkPicture } from "../jpeg/structure.ts";
import { UnreadableImage } from "../sampler.ts";
import { walkFilm } from "./film.ts";
import { createTail } from "./footers.ts";
import { inSpan, nameAt, type Ending, type ReadRequest, type Run, type Span, type Walk } from "./walk.ts";

const alien = "bytes behind the picture's end";
const cutPart = "the file ends within a part behind the picture";
const wrongPart = "a part behind the picture that it does not announce";
/** Phones write one or two, and each may cost a search. */
const maxParts = 16;
/** What is taken before a part is known: a JPEG's start, or the size and name of a film's first box. */
const startBytes = { jpeg: 2, film: 8 } as const;

/** Cameras and editors round files up with zeros or FF, and transfers append line ends. */
export function isPadding(byte: number): boolean {
  return byte === 0 || byte === 0xff || byte === 0x0a || byte === 0x0d;
}

/** Takes nothing but padding, to the end of the file. */
export const passPadding: Run = (bytes, from) => {
  for (let at = from; at < bytes.length; at++) {
    if (!isPadding(bytes[at] as number)) throw new UnreadableImage(alien);
  }
  return -1;
};

/** From the picture's end, which is at byte `pictureBytes`, to the file's. Never ends. @throws UnreadableImage */
export function* walkBehind(pictureBytes: number, parts: AnnouncedParts, ending: Ending): Walk {
  let before = pictureBytes;
  for (let count = 0; count < maxParts; count++) {
    const gap = yield* findPart(ending);
    if (gap.begins === null) {
      // A trailer takes all that is left.
      yield passTrailer(before, gap, ending);
      return;
    }
    // Where a film ends cannot be seen, so that its length must have been announced.
    if (gap.begins === "film" && parts.lengths.size === 0) throw new UnreadableImage(alien);
    ending.fault = cutPart;
    const span = { at: startBytes[gap.begins], bytes: Number.POSITIVE_INFINITY };
    const film = () => walkFilm(gap.boxBytes - startBytes.film, () => parts.lengths.has(span.at));
    yield* inSpan(gap.begins === "jpeg" ? walkPicture() : film(), span);
    ending.fault = wrongPart;
    if (!parts.named(span.at)) yield passUpTo(parts, span);
    before += gap.padding + span.at;
  }
  throw new UnreadableImage("too many parts behind the picture");
}

interface Gap {
  /** The part that begins behind it; null for bytes that begin none. */
  readonly begins: keyof typeof startBytes | null;
  /** Bytes of padding before it. */
  readonly padding: number;
  /** Bytes that were taken, of padding and of what follows it. */
  readonly taken: number;
  /** The size of a film's first box. */
  readonly boxBytes: number;
}

/** Takes padding and the first bytes of what follows it, to which the last of the padding may belong. */
function* findPart(ending: Ending): Generator<ReadRequest, Gap, DataView> {
  let taken = 0;
  /** The last four bytes as a number. */
  let recent = 0;
  ending.fault = null;
  yield (bytes, from) => {
    for (let at = from; at < bytes.length;) {
      const byte = bytes[at++] as number;
      taken++;
      recent = ((recent << 8) | byte) >>> 0;
      if (isPadding(byte)) continue;
      ending.fault = alien;
      return at;
    }
    return -1;
  };
  const padding = taken - 1;
  if (taken > 1 && (recent & 0xffff) === 0xffd8) return { begins: "jpeg", padding: taken - 2, taken, boxBytes: 0 };
  if (taken < 4 || recent > 0xff) return { begins: null, padding, taken, boxBytes: 0 };
  const begins = nameAt(yield 4, 0) === "ftyp" ? "film" : null;
  return { begins, padding: begins === null ? padding : taken - 4, taken: taken + 4, boxBytes: recent };
}

/** An announced length may count padding behind the part. */
function passUpTo({ lengths }: AnnouncedParts, span: Span): Run {
  return (bytes, from) => {
    for (let at = from; ; at++, span.at++) {
      if (lengths.has(span.at)) return at;
      if (at === bytes.length) return -1;
      if (!isPadding(bytes[at] as number)) throw new UnreadableImage(wrongPart);
    }
  };
}

/** Takes all that is left; the file may end where a footer accounts for everything but padding. */
function passTrailer(before: number, { padding, taken }: Gap, ending: Ending): Run {
  const tail = createTail();
  let bytesTaken = taken;
  return (bytes, from) => {
    bytesTaken += bytes.length - from;
    tail.push(bytes.subarray(from));
    const accounted = tail.trailerBytes(before + bytesTaken, bytesTaken - padding);
    ending.fault = accounted >= bytesTaken - padding && accounted <= bytesTaken ? null : alien;
    return -1;
  };
}
