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

  /** @param count up to 24 */
  write(bits: number, count: number): void {
    const held = (this.#held << count) | bits;
    let heldBits = this.#heldBits + count;
    for (; heldBits >= 8; heldBits -= 8) {
      const byte = (held >>> (heldBits - 8)) & 255;
      this.#bytes[this.#at++] = byte;
      if (byte === 255) this.#bytes[this.#at++] = 0;
    }
    this.#held = held;
    this.#heldBits = heldBits;
  }

  /** The whole file. */
  end(): Uint8Array<ArrayBuffer> {
    this.write(127, 7);
    this.#bytes.set([0xff, 0xd9], this.#at);
    return this.#bytes.slice(0, this.#at + 2);
  }
}
