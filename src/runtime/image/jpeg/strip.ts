/**
 * Lets only the picture of a JPEG file pass: frame, tables, scans, colour profile and orientation (ITU-T T.81, B.1 and
 * B.2). It does not decode: whatever is inside entropy-coded data passes as data.
 */
import * as marker from "./marker.ts";
import { iccHeader, iccHeaderBytes, isRestart, isStartOfFrame } from "./marker.ts";
import { isScanHeader, keptBody, mayBeKept } from "./segment.ts";
import { dpiOf, exifPrefix, minimalTiff, orientationOf } from "../strip/minimal-exif.ts";
import { isomorphicDecode, type Flow, type StripInput } from "../strip/input.ts";
import { cleanProfile } from "../strip/profile.ts";
import { blankGaps, type Range } from "../strip/ranges.ts";

/** Codes up to here are reserved and have no length: what follows them is skipped like any garbage. */
const lastReserved = 0xbf;
/** In a JFIF segment; 0 says that its density is no more than the shape of pixels. */
const jfifUnitAt = 7;

/**
 * Nothing passes unless the file begins as a JPEG. Bytes between segments, and segments that are not what they should be,
 * are dropped. The picture ends with EOI, or where another one begins; a cut file ends where it was cut.
 */
export function* stripJpeg(input: StripInput): Flow {
  if (isomorphicDecode(yield* input.exactly(2)) !== "\xff\xd8") return;
  yield Uint8Array.of(0xff, marker.startOfImage);
  const segments = new JpegSegments();
  let code = yield* findMarker(input);
  while (code !== null && code !== marker.startOfImage) {
    if (code === marker.endOfImage) {
      yield Uint8Array.of(0xff, code);
      return;
    }
    const inScan = isSegment(code) && (yield* segments.take(input, code));
    code = yield* inScan ? passScan(input) : findMarker(input);
  }
}

function isSegment(code: number): boolean {
  return code > lastReserved && !isRestart(code);
}

/** Cleans a colour profile that was cut into segments, which have to come in their order (ICC.1:2022, B.4). */
class ProfileSegments {
  #parts = 0;
  #at = 0;
  #gaps: readonly Range[] = [];

  /** The body of the next segment; null where it is not the next, or no profile begins with the first. */
  clean(body: Uint8Array): Uint8Array | null {
    if (body[iccHeader.length] !== this.#parts + 1) return null;
    const cleaned = body.slice();
    const part = cleaned.subarray(iccHeaderBytes);
    if (this.#parts === 0) {
      const profile = cleanProfile(part);
      if (profile === null) return null;
      this.#gaps = profile.gaps;
      part.set(profile.head);
    } else blankGaps(part, this.#at, this.#gaps);
    this.#parts++;
    this.#at += part.length;
    return cleaned;
  }
}

/** What must be known of the segments so far. */
class JpegSegments {
  #frame: Uint8Array | null = null;
  #scanned = false;
  /** The first EXIF block decides; null before it. */
  #exif: { readonly orientation: number; readonly dpi: number } | null = null;
  #exifWaits = false;
  /** Whether JFIF has told the resolution, which EXIF repeats. */
  #hasResolution = false;
  readonly #profile = new ProfileSegments();

  /** Takes the segment behind a marker. True: entropy-coded data follows. */
  *take(input: StripInput, code: number): Flow<boolean> {
    const size = input.ready(2) ?? (yield* input.exactly(2));
    // Below 2 there is no telling where the segment ends: the search goes on right here.
    const length = (((size[0] ?? 0) << 8) | (size[1] ?? 0)) - 2;
    if (!mayBeKept(code)) {
      if (length > 0) yield* input.drop(length);
      return false;
    }
    if (length < 0) return false;
    const body = input.ready(length) ?? (yield* input.exactly(length));
    if (body.length !== length) return false;
    if (code === marker.exif) {
      this.#readExif(body);
      return false;
    }
    const isScan = code === marker.startOfScan && isScanHeader(body, this.#frame);
    const whole = isScan ? body : keptBody(code, body);
    const kept = whole === null || code !== marker.iccProfile ? whole : this.#profile.clean(whole);
    if (kept === null) return false;
    // JFIF has to be the first segment, so that EXIF comes after it whatever their order was.
    if (code === marker.jfif) this.#hasResolution = kept[jfifUnitAt] !== 0;
    else yield* this.#passExif();
    if (isStartOfFrame(code)) this.#frame = kept.slice();
    this.#scanned ||= isScan;
    yield* passSegment(code, kept);
    return isScan;
  }

  #readExif(body: Uint8Array): void {
    if (this.#exif !== null || this.#scanned) return;
    if (isomorphicDecode(body.subarray(0, exifPrefix.length)) !== exifPrefix) return;
    this.#exif = { orientation: orientationOf(body), dpi: dpiOf(body) };
    this.#exifWaits = true;
  }

  *#passExif(): Flow {
    if (this.#exif === null || !this.#exifWaits) return;
    this.#exifWaits = false;
    const { orientation, dpi } = this.#exif;
    const tiff = this.#hasResolution ? minimalTiff(orientation) : minimalTiff(orientation, dpi);
    if (orientation === 1 && tiff.length === minimalTiff(1).length) return;
    const prefix = Uint8Array.from(exifPrefix, (character) => character.charCodeAt(0));
    yield* passSegment(marker.exif, Uint8Array.of(...prefix, ...tiff));
  }
}

function* passSegment(code: number, body: Uint8Array): Flow {
  const length = body.length + 2;
  yield Uint8Array.of(0xff, code, length >> 8, length & 255);
  yield body;
}

/** Passes over everything up to a marker that begins a segment, or that of a picture's start or end; null at the end. */
function* findMarker(input: StripInput): Flow<number | null> {
  for (let prefixed = false; ;) {
    prefixed ||= input.seekPrefix();
    const code = prefixed ? input.byte() : -1;
    if (code < 0) {
      if (input.ended) return null;
      yield null;
    } else if (code !== 0xff) {
      if (isSegment(code)) return code;
      prefixed = false;
    }
  }
}

/** Lets entropy-coded data pass, restart markers included, and returns the code of the marker behind it; null at the end. */
function* passScan(input: StripInput): Flow<number | null> {
  for (;;) {
    const view = input.some(Infinity);
    const to = dataEnd(view);
    if (to > 0) yield view.subarray(0, to);
    if (to === view.length) {
      if (input.ended) return null;
      yield null;
      continue;
    }
    input.putBack(view.length - to - 1);
    const code = yield* readCode(input);
    if (code === null || (code !== 0 && !isRestart(code))) return code;
    yield Uint8Array.of(0xff, code);
  }
}

/** The first FF that is neither stuffed nor of a restart marker, or of which this cannot be said yet; else the length. */
function dataEnd(view: Uint8Array): number {
  let at = view.indexOf(0xff);
  while (at >= 0) {
    const code = view[at + 1];
    if (code === undefined || (code !== 0 && !isRestart(code))) return at;
    at = view.indexOf(0xff, at + 2);
  }
  return view.length;
}

/** The byte after FF and any fill bytes; null at the end. */
function* readCode(input: StripInput): Flow<number | null> {
  for (;;) {
    const code = input.byte();
    if (code >= 0 && code !== 0xff) return code;
    if (code >= 0) continue;
    if (input.ended) return null;
    yield null;
  }
}
