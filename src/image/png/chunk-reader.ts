/**
 * Cuts a PNG file into its chunks, however the bytes arrive (PNG third edition, 5.3). It collects the short ones that matter,
 * hands on image bytes as they come and passes over the rest, compressed text and profiles included. CRCs are not checked.
 */
import { UnreadableImage } from "../sampler.ts";

/** Chunk types as the four bytes that name them. */
export const chunkType = {
  header: 0x49484452, // IHDR
  animation: 0x6163544c, // acTL
  palette: 0x504c5445, // PLTE
  transparency: 0x74524e53, // tRNS
  exif: 0x65584966, // eXIf
  pixels: 0x49444154, // IDAT
  end: 0x49454e44, // IEND
  applePrivate: 0x43674249, // CgBI
} as const;

/** Chunks that are collected, with the most bytes that they may have; longer ones are passed over. */
const wantedBytes: ReadonlyMap<number, number> = new Map([
  [chunkType.header, 13],
  [chunkType.animation, 8],
  [chunkType.palette, 768],
  [chunkType.transparency, 256],
  [chunkType.exif, 65536],
  [chunkType.applePrivate, 4],
  [chunkType.end, 0],
]);

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const checksumBytes = 4;
const maxChunkBytes = 0x7fffffff;

export interface Chunk {
  readonly type: number;
  readonly body: Uint8Array;
}

type State = "signature" | "head" | "collect" | "pixels" | "skip" | "checksum";

/** A pull parser over pushed bytes: `read` stops after each finished chunk and each run of image bytes. */
export class ChunkReader {
  /** The chunk that the last `read` finished, else null. */
  chunk: Chunk | null = null;
  /** The image bytes that the last `read` met, a view on what it was given, else null. */
  pixels: Uint8Array | null = null;
  /** Chunks begun so far, those that are passed over included. */
  chunks = 0;
  #state: State = "signature";
  readonly #head = new DataView(new ArrayBuffer(8));
  /** Bytes of the signature, the head or the body taken so far. */
  #filled = 0;
  #type = 0;
  #body = new Uint8Array(0);
  /** Bytes to come until the state changes. */
  #left = 0;

  /**
   * Takes bytes of `bytes` from `from`; returns the index after the last byte taken.
   * @throws UnreadableImage when the bytes are not chunks
   */
  read(bytes: Uint8Array, from: number): number {
    this.chunk = null;
    this.pixels = null;
    let at = from;
    while (at < bytes.length && this.chunk === null && this.pixels === null) {
      if (this.#state === "signature" || this.#state === "head") this.#takeHeadByte(bytes[at++] ?? 0);
      else at = this.#takeRun(bytes, at);
    }
    return at;
  }

  #takeHeadByte(byte: number): void {
    if (this.#state === "signature" && byte !== signature[this.#filled]) throw new UnreadableImage("no PNG signature");
    this.#head.setUint8(this.#filled++, byte);
    if (this.#filled < 8) return;
    this.#filled = 0;
    if (this.#state === "head") this.#startChunk(this.#head.getUint32(0), this.#head.getUint32(4));
    else this.#state = "head";
  }

  #startChunk(length: number, type: number): void {
    if (length > maxChunkBytes || !isName(type)) throw new UnreadableImage("bytes that are no chunk");
    this.chunks++;
    this.#type = type;
    this.#left = length;
    if (type === chunkType.pixels) this.#state = "pixels";
    else if (length <= (wantedBytes.get(type) ?? -1)) {
      this.#state = "collect";
      this.#body = new Uint8Array(length);
    } else this.#state = "skip";
    if (length === 0) this.#endBody();
  }

  /** Takes as much of the current body or checksum as there is. */
  #takeRun(bytes: Uint8Array, from: number): number {
    const to = Math.min(bytes.length, from + this.#left);
    const run = bytes.subarray(from, to);
    this.#left -= run.length;
    if (this.#state === "pixels") this.pixels = run;
    else if (this.#state === "collect") {
      this.#body.set(run, this.#filled);
      this.#filled += run.length;
    }
    if (this.#left === 0) {
      if (this.#state === "checksum") this.#state = "head";
      else this.#endBody();
    }
    return to;
  }

  #endBody(): void {
    if (this.#state === "collect") this.chunk = { type: this.#type, body: this.#body };
    this.#filled = 0;
    this.#left = checksumBytes;
    this.#state = "checksum";
  }
}

/** Four ASCII letters. */
function isName(type: number): boolean {
  return [type >>> 24, (type >>> 16) & 255, (type >>> 8) & 255, type & 255].every(
    (byte) => (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122),
  );
}
