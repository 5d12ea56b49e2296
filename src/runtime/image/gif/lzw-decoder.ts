/**
 * Decodes GIF's variable-length-code LZW (GIF89a, appendix F) into rows of pixels as the bytes come. Holds one batch of
 * rows and the tables.
 */

/** Codes grow to twelve bits; a full table stays as it is until a clear code. */
const maxCodeBits = 12;
const maxCodes = 1 << maxCodeBits;
/** Rows are handed over once this many pixels are there. */
const batchPixels = 16384;

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
  /** Each code stands for the text of a shorter code and one more pixel. */
  readonly #prefix = new Uint16Array(maxCodes);
  readonly #last = new Uint8Array(maxCodes);
  readonly #first = new Uint8Array(maxCodes);
  readonly #length = new Uint16Array(maxCodes);
  /** The code that the next table entry gets. */
  #next: number;
  #codeBits: number;
  /** −1 at the start and after a clear code. */
  #previous = -1;
  #bits = 0;
  #bitCount = 0;
  readonly #pixels: Uint8Array;
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
      this.#last[code] = this.#first[code] = code;
      this.#length[code] = 1;
    }
    this.#batch = Math.max(rowPixels, batchPixels);
    // A code may stand for as many pixels as there are codes.
    this.#pixels = new Uint8Array(this.#batch + maxCodes);
  }

  /** Takes `bytes` from `from` to before `to`. */
  decode(bytes: Uint8Array, from: number, to: number): void {
    if (this.done) return;
    const clearCode = this.#clearCode;
    const prefix = this.#prefix;
    const last = this.#last;
    const first = this.#first;
    const lengths = this.#length;
    const pixels = this.#pixels;
    const batch = this.#batch;
    let next = this.#next;
    let codeBits = this.#codeBits;
    let previous = this.#previous;
    let bits = this.#bits;
    let bitCount = this.#bitCount;
    let filled = this.#filled;
    let at = from;
    for (;;) {
      while (bitCount < codeBits && at < to) {
        bits |= (bytes[at++] as number) << bitCount;
        bitCount += 8;
      }
      if (bitCount < codeBits) break;
      const code = bits & ((1 << codeBits) - 1);
      bits >>>= codeBits;
      bitCount -= codeBits;
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
        prefix[next] = previous;
        // The code may be the very one that is defined here: then its text ends as it begins.
        const pixel = first[code === next ? previous : code] as number;
        last[next] = pixel;
        first[next] = first[previous] as number;
        lengths[next] = (lengths[previous] as number) + 1;
        next++;
      }
      if (next >= 1 << codeBits && codeBits < maxCodeBits) codeBits++;
      previous = code;
      const end = filled + (lengths[code] as number);
      for (let to = end, rest = code; to > filled; rest = prefix[rest] as number) pixels[--to] = last[rest] as number;
      filled = end;
      if (filled >= batch) {
        filled = this.#takeRows(filled);
        if (this.done) break;
      }
    }
    this.#next = next;
    this.#codeBits = codeBits;
    this.#previous = previous;
    this.#bits = bits;
    this.#bitCount = bitCount;
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
