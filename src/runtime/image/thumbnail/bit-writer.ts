/** Writes bits, and a zero behind each byte of ones, which would begin a marker (ITU-T T.81, B.1.1.5). */
export class BitWriter {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at: number;
  #held = 0;
  #heldBits = 0;

  /**
   * @param head everything before the entropy-coded bytes
   * @param bits of these, without the zeros between them
   */
  constructor(head: Uint8Array, bits: number) {
    this.#at = head.length;
    // Each byte may be followed by a zero, and then come the last one and the marker.
    this.#bytes = new Uint8Array(head.length + 2 * Math.ceil(bits / 8) + 4);
    this.#bytes.set(head);
  }

  /** @param count up to 31 */
  write(bits: number, count: number): void {
    const rest = this.#heldBits + count - 32;
    if (rest < 0) {
      this.#held = (this.#held << count) | bits;
      this.#heldBits += count;
      return;
    }
    const word = (this.#held << (count - rest)) | (bits >>> rest);
    for (let shift = 24; shift >= 0; shift -= 8) this.#writeByte((word >>> shift) & 255);
    this.#held = bits;
    this.#heldBits = rest;
  }

  #writeByte(byte: number): void {
    this.#bytes[this.#at++] = byte;
    if (byte === 255) this.#bytes[this.#at++] = 0;
  }

  /** The whole file. */
  end(): Uint8Array<ArrayBuffer> {
    this.write(127, 7);
    for (let left = this.#heldBits; left >= 8; left -= 8) this.#writeByte((this.#held >>> (left - 8)) & 255);
    this.#bytes.set([0xff, 0xd9], this.#at);
    return this.#bytes.slice(0, this.#at + 2);
  }
}
