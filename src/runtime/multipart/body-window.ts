/**
 * A window on a request body: one recycled buffer that moves along the stream, and the count of the bytes that went
 * through it.
 */
import { openByteReader, type ByteReader } from "../byte-reader.ts";
import { Problem } from "../../contract/problem.ts";
import { malformed, tooLarge } from "./refusals.ts";

/** The most that one body in flight is buffered. */
export const BUFFER_BYTES = 256 * 1024;
/** Room for the largest headers twice over. */
const MIN_BUFFER_BYTES = 32 * 1024;

/** The buffer for a body of at most so many bytes: memory is cleared before it is used, so a small one is quicker. */
export function bufferBytesFor(bodyBytes: number): number {
  return Math.min(BUFFER_BYTES, Math.max(MIN_BUFFER_BYTES, bodyBytes));
}

export interface BodyLimits {
  /** Every byte of the body counts, including what surrounds the parts. */
  readonly maxBodyBytes: number;
  /** Of the buffer. */
  readonly bufferBytes: number;
  /** Awaits the client's next bytes, and may end the wait. @throws Problem */
  readonly receive: <Bytes extends Uint8Array>(reading: Promise<Bytes>) => Promise<Bytes>;
}

/** Owns the stream's lock from construction until `release` or `cancel`. */
export class BodyWindow {
  /** Replaced by each `fill`; views on the previous one are detached. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Index of the first byte that nobody has taken yet. */
  start = 0;
  /** Index after the last byte that was read. */
  end: number;
  /** True: the stream has ended; what lies between start and end is all there is. */
  ended = false;
  readonly #reader: ByteReader;
  readonly #limits: BodyLimits;
  #readBytes = 0;
  /** Why there is nothing more to be had; final. */
  #failure: Problem | null = null;
  #locked = true;

  /** `prefix` is seen before the first byte of the body and not counted. */
  constructor(body: ReadableStream<Uint8Array>, prefix: Uint8Array, limits: BodyLimits) {
    this.#reader = openByteReader(body);
    this.#limits = limits;
    this.bytes = new Uint8Array(limits.bufferBytes);
    this.bytes.set(prefix);
    this.end = prefix.byteLength;
  }

  /**
   * Moves the untaken bytes to the front of the buffer and reads more behind them, or sets `ended`. Throws
   * Problem("body_too_large") when the body has more bytes than allowed, what `receive` throws, Problem("body_malformed") when the
   * stream fails (the client went away), had ended before or has been given up. What it throws it throws again, and the bytes
   * that were still untaken are gone.
   */
  async fill(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    if (this.ended) throw this.#fail(malformed("The multipart body ends before its last boundary."));
    this.bytes.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
    if (this.end === this.bytes.length) throw new Error("The window is full: something waits for more than it holds.");
    const filled = await this.#read(this.bytes.subarray(this.end));
    if (filled.byteLength === 0) this.ended = true;
    this.bytes = new Uint8Array(filled.buffer);
    this.end += filled.byteLength;
    this.#readBytes += filled.byteLength;
    const { maxBodyBytes } = this.#limits;
    if (this.#readBytes > maxBodyBytes) {
      throw this.#fail(
        tooLarge("The request body is larger than is accepted here, or than its Content-Length says.", maxBodyBytes),
      );
    }
  }

  async #read(view: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    let filled: Uint8Array<ArrayBuffer>;
    try {
      filled = await this.#limits.receive(this.#reader.read(view));
    } catch (cause) {
      if (cause instanceof Problem) throw this.#fail(cause);
      throw this.#fail(malformed("The request body could not be read to its end.", cause));
    }
    // Given up while the read was waiting: it ended like a stream that has ended, but this one has not.
    if (this.#failure !== null) throw this.#failure;
    return filled;
  }

  #fail(problem: Problem): Problem {
    this.#failure ??= problem;
    this.start = 0;
    this.end = 0;
    if (this.#locked) {
      this.#locked = false;
      // Not awaited: giving up must not depend on what the other end does about it.
      this.#reader.cancel(problem).catch(() => undefined);
      this.#reader.releaseLock();
    }
    return this.#failure;
  }

  /** Unlocks the stream, which has been read to its end. */
  release(): void {
    this.#locked = false;
    this.#reader.releaseLock();
  }

  /**
   * Unless released: tells the stream that nobody will read the rest, so that the request does not hang. Harmless when
   * repeated.
   */
  cancel(): void {
    if (this.#locked) this.#fail(malformed("The request body was given up before its end."));
  }
}
