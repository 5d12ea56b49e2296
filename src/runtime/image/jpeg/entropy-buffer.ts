/** Collects the bytes of one entropy-coded segment, without byte stuffing, up to the next marker (ITU-T T.81, B.1.1.5). */

/**
 * More than the bytes of one unit of blocks (10 blocks of 64 symbols of at most 31 bits), so that a unit that begins this
 * far before the end of the buffered bytes is whole, and reading a word beyond the last byte stays inside the buffer.
 */
export const marginBytes = 4096;
const capacityBytes = 65536;

export class EntropyBuffer {
  /** `null` until a marker was met; the byte after FF then. */
  marker: number | null = null;
  /** Bytes held. */
  length = 0;
  /** The next bit to be read, counted from the first byte held. */
  bit = 0;
  /** Bytes FF met so far: each ends a native search and copy. */
  prefixes = 0;
  readonly #bytes = new Uint8Array(capacityBytes + marginBytes);
  readonly view = new DataView(this.#bytes.buffer);
  #afterPrefix = false;

  get full(): boolean {
    return this.length >= capacityBytes;
  }

  /**
   * Takes bytes of `chunk` from `from` until a marker is met, the buffer is full or the chunk ends; returns the index after
   * the last byte taken. Without `keep` the bytes are only passed over.
   */
  read(chunk: Uint8Array, from: number, keep: boolean): number {
    this.marker = null;
    let at = from;
    while (at < chunk.length) {
      if (this.#afterPrefix) {
        if (this.#takeAfterPrefix(chunk[at++] ?? 0, keep)) return at;
        continue;
      }
      if (keep && this.full) return at;
      const stop = keep ? Math.min(chunk.length, at + capacityBytes - this.length) : chunk.length;
      // Search and copy are native: fast from the first byte on, with nothing to warm up.
      const found = chunk.indexOf(0xff, at);
      const end = found < 0 || found > stop ? stop : found;
      if (keep) {
        this.#bytes.set(chunk.subarray(at, end), this.length);
        this.length += end - at;
      }
      this.#afterPrefix = end === found;
      if (this.#afterPrefix) this.prefixes++;
      at = this.#afterPrefix ? end + 1 : end;
    }
    return at;
  }

  /** True when the byte makes a marker of the FF before it. */
  #takeAfterPrefix(byte: number, keep: boolean): boolean {
    if (byte === 0xff) return false; // a fill byte
    this.#afterPrefix = false;
    if (byte !== 0) {
      this.marker = byte;
      return true;
    }
    if (keep) this.#bytes[this.length++] = 0xff;
    return false;
  }

  /** Forgets the bytes before the next bit. */
  dropRead(): void {
    const from = this.bit >>> 3;
    this.#bytes.copyWithin(0, from, this.length);
    this.length -= from;
    this.bit &= 7;
  }

  /** Forgets all bytes. */
  clear(): void {
    this.length = this.bit = 0;
  }
}
