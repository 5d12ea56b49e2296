/**
 * Reverses the filters of PNG rows (PNG third edition, 9.2). Nearly all of a PNG's time goes into inflating and this,
 * so the four bytes of a number of 32 bits are handled at once.
 */

/** A row's bytes, and some behind them that are read and written but mean nothing. */
export interface RowBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The same four bytes at a time. */
  readonly words: Int32Array;
}

/** Twice as many as are touched: V8 takes a DataView's last ones for beyond its end, and stops inlining its methods. */
const spareBytes = 8;

export function createRowBuffer(rowBytes: number): RowBuffer {
  const buffer = new ArrayBuffer((rowBytes + spareBytes + 3) & ~3);
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer), words: new Int32Array(buffer) };
}

const leftFilter = 1;
const upFilter = 2;
export const paethFilter = 4;

/** All bits of each byte but the highest, and that one. */
const lowBits = 0x7f7f7f7f;
const highBits = 0x80808080;

/** Differences of two bytes, from −255 on. */
const differences = 511;
const middle = 255 * differences + 255;

type AddPaeth = (pixelBytes: number, length: number, row: RowBuffer, above: RowBuffer) => void;
/** Made for the first row that needs it. */
let addPaeth: AddPaeth | null = null;

/**
 * Unfilters the first `length` bytes of the row `filtered`; `above` is the row before, zeros for the first. `pixelBytes` are
 * those from a pixel to the next, at least 1; a row is made of whole pixels. True: it was done in place; otherwise
 * `target` has the row.
 */
export function unfilterRow(
  kind: number,
  pixelBytes: number,
  length: number,
  filtered: RowBuffer,
  above: RowBuffer,
  target: RowBuffer,
): boolean {
  if (kind === upFilter) addAbove(length, filtered.words, above.words);
  else if (kind === paethFilter) (addPaeth ??= createAddPaeth())(pixelBytes, length, filtered, above);
  else if (kind > 0) {
    // Four bytes are written even where a pixel has fewer: the wrong ones are overwritten by the next pixel's, and a
    // pixel's last bytes have to go before its first ones. Each kind has a loop of its own: asking for it at every pixel
    // takes as long as most filters.
    for (let first = (pixelBytes - 1) & ~3; first >= 0; first -= 4) {
      if (kind === leftFilter) addLeft(first, pixelBytes, length, filtered.view, target.view);
      else addAverage(first, pixelBytes, length, filtered.view, above.view, target.view);
    }
    return false;
  }
  return true;
}

function addAbove(length: number, row: Int32Array, above: Int32Array): void {
  for (let at = 0; at * 4 < length; at++) row[at] = sum(row[at] as number, above[at] as number);
}

function addLeft(first: number, pixelBytes: number, length: number, filtered: DataView, target: DataView): void {
  for (let at = first, left = 0; at < length; at += pixelBytes) {
    left = sum(filtered.getInt32(at, true), left);
    target.setInt32(at, left, true);
  }
}

function addAverage(
  first: number,
  pixelBytes: number,
  length: number,
  filtered: DataView,
  above: DataView,
  target: DataView,
): void {
  for (let at = first, left = 0; at < length; at += pixelBytes) {
    const up = above.getInt32(at, true);
    left = sum(filtered.getInt32(at, true), (left & up) + (((left ^ up) >>> 1) & lowBits));
    target.setInt32(at, left, true);
  }
}

/** The functions have the table to themselves: V8 then knows where it is, and keeps nothing about it at hand. */
function createAddPaeth(): AddPaeth {
  /** What the predictor (9.4) adds to the upper left byte, by how much up and left are more than that. */
  const steps = new Uint8Array(differences * differences);
  for (let up = -255, at = 0; up < 256; up++) {
    for (let left = -255; left < 256; left++) {
      const toLeft = Math.abs(up);
      const toUp = Math.abs(left);
      const toUpperLeft = Math.abs(left + up);
      steps[at++] = toLeft <= toUp && toLeft <= toUpperLeft ? left : toUp <= toUpperLeft ? up : 0;
    }
  }

  /** The lowest byte of `bytes` and what is predicted. The place in the table is (up − upperLeft) × 511 + left − upperLeft. */
  const add = (bytes: number, left: number, up: number, upperLeft: number): number =>
    (((bytes + upperLeft) | 0) + (steps[((up - upperLeft) << 9) - up + middle + left] as number)) & 255;

  function addToOne(first: number, pixelBytes: number, length: number, row: Uint8Array, above: Uint8Array): void {
    for (let at = first, left = 0, upperLeft = 0; at < length; at += pixelBytes) {
      const up = above[at] as number;
      left = add(row[at] as number, left, up, upperLeft);
      upperLeft = up;
      row[at] = left;
    }
  }

  function addToThree(length: number, row: Int32Array, above: Int32Array): void {
    let left0 = 0;
    let left1 = 0;
    let left2 = 0;
    let upperLeft0 = 0;
    let upperLeft1 = 0;
    let upperLeft2 = 0;
    for (let at = 0; at * 4 < length; at++) {
      const bytes = row[at] as number;
      const up = above[at] as number;
      const up0 = up & 255;
      const byte0 = add(bytes, left0, up0, upperLeft0);
      // The other three are what is left of the next four.
      upperLeft0 = (up >>> 8) & 255;
      left0 = add(bytes >>> 8, left1, upperLeft0, upperLeft1);
      upperLeft1 = (up >>> 16) & 255;
      left1 = add(bytes >>> 16, left2, upperLeft1, upperLeft2);
      upperLeft2 = up >>> 24;
      left2 = add(bytes >>> 24, byte0, upperLeft2, up0);
      row[at] = byte0 | (left0 << 8) | (left1 << 16) | (left2 << 24);
    }
  }

  function addToFour(first: number, every: number, length: number, row: Int32Array, above: Int32Array): void {
    let left0 = 0;
    let left1 = 0;
    let left2 = 0;
    let left3 = 0;
    for (let at = first, upperLeft = 0; at * 4 < length; at += every) {
      const bytes = row[at] as number;
      const up = above[at] as number;
      left0 = add(bytes, left0, up & 255, upperLeft & 255);
      left1 = add(bytes >>> 8, left1, (up >>> 8) & 255, (upperLeft >>> 8) & 255);
      left2 = add(bytes >>> 16, left2, (up >>> 16) & 255, (upperLeft >>> 16) & 255);
      // Where up and upper left are the same, left is predicted: nearly always for alpha.
      const isLeft = (up ^ upperLeft) >>> 24 === 0;
      left3 = isLeft ? ((bytes >>> 24) + left3) & 255 : add(bytes >>> 24, left3, up >>> 24, upperLeft >>> 24);
      upperLeft = up;
      row[at] = left0 | (left1 << 8) | (left2 << 16) | (left3 << 24);
    }
  }

  return (pixelBytes, length, row, above) => {
    if (pixelBytes === 3) addToThree(length, row.words, above.words);
    else if (pixelBytes % 4 > 0) {
      for (let first = 0; first < pixelBytes; first++) addToOne(first, pixelBytes, length, row.bytes, above.bytes);
    } else {
      const every = pixelBytes / 4;
      for (let first = 0; first < every; first++) addToFour(first, every, length, row.words, above.words);
    }
  };
}

/** The sums of each byte. */
function sum(one: number, other: number): number {
  return ((one & lowBits) + (other & lowBits)) ^ ((one ^ other) & highBits);
}
