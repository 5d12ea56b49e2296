/**
 * Cuts the part of a JPEG file between its scans into marker segments, however the bytes are chunked (ITU-T T.81, B.1.1).
 * It knows where a segment ends, not what it means.
 */
import { UnreadableImage } from "../sampler.ts";

export const marker = {
  startOfFrame: 0xc0,
  huffmanTables: 0xc4,
  extensions: 0xc8,
  arithmeticConditioning: 0xcc,
  restart: 0xd0,
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  quantizationTables: 0xdb,
  restartInterval: 0xdd,
  jfif: 0xe0,
  exif: 0xe1,
  adobe: 0xee,
} as const;

/** The sixteen codes from 0xC0 are frame headers, but for three. */
export function isStartOfFrame(code: number): boolean {
  return (
    code >= 0xc0 &&
    code <= 0xcf &&
    code !== marker.huffmanTables &&
    code !== marker.extensions &&
    code !== marker.arithmeticConditioning
  );
}

/** RST0 to RST7, numbered by their low three bits. */
export function isRestart(code: number): boolean {
  return (code & 0xf8) === marker.restart;
}

const wantedBodies: ReadonlySet<number> = new Set([
  marker.huffmanTables,
  marker.startOfScan,
  marker.quantizationTables,
  marker.restartInterval,
  marker.jfif,
  marker.exif,
  marker.adobe,
]);

export interface Segment {
  readonly code: number;
  /** What follows the length; the reader keeps no hold on it. Empty for markers that stand alone. */
  readonly body: Uint8Array;
}

const noBody = new Uint8Array(0);

type State = "prefix" | "code" | "length-high" | "length-low" | "body" | "skip";

/** A pull parser over pushed bytes: `read` takes what it can and leaves a finished segment in `segment`. */
export class SegmentReader {
  /** The segment that the last `read` finished, else null. Segments that nobody wants are passed over. */
  segment: Segment | null = null;
  /** Markers met so far, those that are passed over included. */
  markers = 0;
  #state: State = "prefix";
  #code = 0;
  #bodyLength = 0;
  #body = noBody;
  #filled = 0;

  /** Takes bytes of `chunk` from `from`; returns the index after the last byte taken. */
  read(chunk: Uint8Array, from: number): number {
    this.segment = null;
    let at = from;
    while (at < chunk.length && this.segment === null) {
      if (this.#state === "prefix") at = this.#findPrefix(chunk, at);
      else if (this.#state === "body" || this.#state === "skip") at = this.#takeBody(chunk, at);
      else this.#takeByte(chunk[at++] ?? 0);
    }
    return at;
  }

  /** Continues with a marker that was found elsewhere (at the end of a scan). */
  startWith(code: number): void {
    this.segment = null;
    this.#takeCode(code);
  }

  /** Garbage between segments is passed over, as every decoder does. */
  #findPrefix(chunk: Uint8Array, from: number): number {
    const at = chunk.indexOf(0xff, from);
    if (at < 0) return chunk.length;
    this.#state = "code";
    return at + 1;
  }

  #takeByte(byte: number): void {
    if (this.#state === "code") this.#takeCode(byte);
    else if (this.#state === "length-high") {
      this.#bodyLength = byte << 8;
      this.#state = "length-low";
    } else this.#startBody((this.#bodyLength | byte) - 2);
  }

  #takeCode(code: number): void {
    if (code === 0xff) return; // a fill byte: the code is still to come
    const standsAlone = code <= 0x01 || (code >= marker.restart && code <= marker.endOfImage);
    this.#state = standsAlone ? "prefix" : "length-high";
    this.#code = code;
    this.markers++;
    if (code === marker.startOfImage || code === marker.endOfImage) this.segment = { code, body: noBody };
  }

  #startBody(length: number): void {
    if (length < 0) throw new UnreadableImage("a segment is shorter than its own length field");
    this.#bodyLength = length;
    this.#filled = 0;
    const wanted = wantedBodies.has(this.#code) || isStartOfFrame(this.#code);
    this.#body = wanted && length > 0 ? new Uint8Array(length) : noBody;
    this.#state = wanted ? "body" : "skip";
    if (length === 0) this.#endBody();
  }

  #takeBody(chunk: Uint8Array, from: number): number {
    const to = Math.min(chunk.length, from + this.#bodyLength - this.#filled);
    if (this.#state === "body") this.#body.set(chunk.subarray(from, to), this.#filled);
    this.#filled += to - from;
    if (this.#filled === this.#bodyLength) this.#endBody();
    return to;
  }

  #endBody(): void {
    if (this.#state === "body") this.segment = { code: this.#code, body: this.#body };
    this.#body = noBody;
    this.#state = "prefix";
  }
}
