/**
 * Decodes GIF's variable-length-code LZW (GIF89a, appendix F) into rows of pixels as the bytes come. Holds one batch of
 * rows and the tables.
 */

/** Codes grow to twelve bits; a full table stays as it is until a clear code. */
const maxCodeBits = 12;
const maxCodes = 1 << maxCodeBits;
/** Rows are handed over once this many pixels are there. */
const batchPixels = 16384;

/** Bytes that are decoded at a time; a data block has 255. */
const mostBytes = 256;

/** Receives a row at `pixels[from]`, valid during the call. */
export type TakeRow = (pixels: Uint8Array, from: number) => void;

/** A class, because its hot method needs a stable shape. */
export class LzwDecoder {
  /** Whether all rows are there, the end code was met, or a code made no sense: more bytes change nothing. */
  done = false;
  readonly #takeRow: TakeRow;
  readonly #rowPixels: number;
  #rowsLeft: number;
  readonly #clearCode: number;
  /**
   * Each code stands for the text of a shorter code and one more pixel. A text is held in fours, counted from its start:
   * here are its last one to four pixels, the first of them in the lowest byte.
   */
  readonly #tails = new Int32Array(maxCodes);
  /** The code of the pixels before those (12 bits), the length of the text less 1 (12), and its first pixel (8). */
  readonly #texts = new Int32Array(maxCodes);
  /** The code that the next table entry gets. */
  #next: number;
  #codeBits: number;
  /** −1 at the start and after a clear code. */
  #previous = -1;
  /** Bytes of which a code is yet to be read, the bit where it begins, and room for a window behind the last. */
  readonly #bytes = new Uint8Array(mostBytes + 8);
  readonly #window = new DataView(this.#bytes.buffer);
  #held = 0;
  #bit = 0;
  readonly #pixels: Uint8Array;
  readonly #view: DataView;
  #filled = 0;
  readonly #batch: number;

  /** `pixelBits` is the stream's minimum code size, 1 to 8. */
  constructor(pixelBits: number, rowPixels: number, rows: number, takeRow: TakeRow) {
    this.#takeRow = takeRow;
    this.#rowPixels = rowPixels;
    this.#rowsLeft = rows;
    this.#clearCode = 1 << pixelBits;
    this.#next = this.#clearCode + 2;
    this.#codeBits = pixelBits + 1;
    for (let code = 0; code < this.#clearCode; code++) {
      this.#tails[code] = code;
      this.#texts[code] = code << 24;
    }
    this.#batch = Math.max(rowPixels, batchPixels);
    // A code may stand for as many pixels as there are codes, and four are written at a time.
    this.#pixels = new Uint8Array(this.#batch + maxCodes + 3);
    this.#view = new DataView(this.#pixels.buffer);
  }

  /** Takes `bytes` from `from` to before `to`. */
  decode(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to && !this.done; at += mostBytes) {
      const end = Math.min(to, at + mostBytes);
      this.#bytes.set(bytes.subarray(at, end), this.#held);
      this.#held += end - at;
      this.#decodeHeld();
    }
  }

  #decodeHeld(): void {
    const window = this.#window;
    const endBit = this.#held * 8;
    const clearCode = this.#clearCode;
    const tails = this.#tails;
    const texts = this.#texts;
    const view = this.#view;
    const batch = this.#batch;
    let next = this.#next;
    let codeBits = this.#codeBits;
    let previous = this.#previous;
    let bit = this.#bit;
    let filled = this.#filled;
    // Of the code before.
    let tail = tails[Math.max(0, previous)] as number;
    let text = texts[Math.max(0, previous)] as number;
    while (bit + codeBits <= endBit) {
      const code = (window.getUint32(bit >>> 3, true) >>> (bit & 7)) & ((1 << codeBits) - 1);
      bit += codeBits;
      if (code === clearCode) {
        next = clearCode + 2;
        codeBits = 32 - Math.clz32(clearCode);
        previous = -1;
        continue;
      }
      // The end code, a code past the next entry, or one that is not defined yet.
      if (code === clearCode + 1 || code > (previous < 0 ? clearCode : next)) {
        this.done = true;
        break;
      }
      if (previous >= 0 && next < maxCodes) {
        // The code may be the very one that is defined here: then its text ends as it begins.
        const pixel = (code === next ? text : (texts[code] as number)) >>> 24;
        const place = ((text >>> 12) + 1) & 3;
        tails[next] = place === 0 ? pixel : tail | (pixel << (8 * place));
        texts[next] = (place === 0 ? (text & ~4095) | previous : text) + 4096;
        next++;
      }
      if (next >= 1 << codeBits && codeBits < maxCodeBits) codeBits++;
      previous = code;
      tail = tails[code] as number;
      text = texts[code] as number;
      const lengthLess1 = (text >>> 12) & 4095;
      // What is written beyond the text is the next one's.
      let place = filled + (lengthLess1 & ~3);
      view.setInt32(place, tail, true);
      for (let earlier = text & 4095; place > filled; earlier = (texts[earlier] as number) & 4095) {
        place -= 4;
        view.setInt32(place, tails[earlier] as number, true);
      }
      filled += lengthLess1 + 1;
      if (filled >= batch) {
        filled = this.#takeRows(filled);
        if (this.done) break;
      }
    }
    this.#next = next;
    this.#codeBits = codeBits;
    this.#previous = previous;
    this.#bytes.copyWithin(0, bit >>> 3, this.#held);
    this.#held -= bit >>> 3;
    this.#bit = bit & 7;
    this.#filled = filled;
  }

  /** Hands over the rows that are whole. Called once, after the last bytes. */
  end(): void {
    this.#filled = this.#takeRows(this.#filled);
    this.done = true;
  }

  /** Hands over whole rows of the first `filled` pixels; returns how many pixels are left. */
  #takeRows(filled: number): number {
    let at = 0;
    for (; this.#rowsLeft > 0 && at + this.#rowPixels <= filled; at += this.#rowPixels) {
      this.#takeRow(this.#pixels, at);
      this.#rowsLeft--;
    }
    this.#pixels.copyWithin(0, at, filled);
    if (this.#rowsLeft === 0) this.done = true;
    return this.#rowsLeft === 0 ? 0 : filled - at;
  }
}
