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

export const noneFilter = 0;
export const leftFilter = 1;
const upFilter = 2;
export const averageFilter = 3;
export const paethFilter = 4;

/** All bits of each byte but the highest, and that one. */
const lowBits = 0x7f7f7f7f;
const highBits = 0x80808080;

/** Differences of two bytes, from −255 on. */
const differences = 511;
const middle = 255 * differences + 255;
/**
 * What Paeth's predictor (9.4) adds to the upper left byte, by how much up and left are more than that; made for the first
 * row that needs it.
 */
let steps: Uint8Array | null = null;

/**
 * Writes the first `length` bytes of the row `filtered` into `target`; `above` is the row before, zeros for the first.
 * `pixelBytes` are those from a pixel to the next, at least 1; a row is made of whole pixels.
 */
export function unfilterRow(
  kind: number,
  pixelBytes: number,
  length: number,
  filteredRow: RowBuffer,
  aboveRow: RowBuffer,
  targetRow: RowBuffer,
): void {
  const [filtered, above, target] = [filteredRow.view, aboveRow.view, targetRow.view];
  if (kind === upFilter) {
    addAbove(length, filtered, above, target);
    return;
  }
  if (kind === paethFilter && pixelBytes === 1) {
    addPaethOfOne(length, filteredRow.bytes, aboveRow.bytes, targetRow.bytes);
    return;
  }
  // Four bytes are written even where a pixel has fewer: the wrong ones are overwritten by the next pixel's, and a
  // pixel's last bytes have to go before its first ones. Each kind has a loop of its own: asking for it at every pixel takes
  // as long as most filters.
  for (let first = (pixelBytes - 1) & ~3; first >= 0; first -= 4) {
    if (kind === leftFilter) addLeft(first, pixelBytes, length, filtered, target);
    else if (kind === averageFilter) addAverage(first, pixelBytes, length, filtered, above, target);
    else if (pixelBytes === 3) addPaethOfThree(length, filtered, above, target);
    else addPaeth(first, pixelBytes, length, filtered, above, target);
  }
}

function addAbove(length: number, filtered: DataView, above: DataView, target: DataView): void {
  for (let at = 0; at < length; at += 4) {
    target.setInt32(at, sum(filtered.getInt32(at, true), above.getInt32(at, true)), true);
  }
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

function addPaeth(
  first: number,
  pixelBytes: number,
  length: number,
  filtered: DataView,
  above: DataView,
  target: DataView,
): void {
  const table = (steps ??= paethSteps());
  let upperLeft = 0;
  let [left0, left1, left2, left3] = [0, 0, 0, 0];
  for (let at = first; at < length; at += pixelBytes) {
    const bytes = filtered.getInt32(at, true);
    const up = above.getInt32(at, true);
    left0 = paeth(table, bytes, left0, up & 255, upperLeft & 255);
    left1 = paeth(table, bytes >>> 8, left1, (up >>> 8) & 255, (upperLeft >>> 8) & 255);
    left2 = paeth(table, bytes >>> 16, left2, (up >>> 16) & 255, (upperLeft >>> 16) & 255);
    left3 = paeth(table, bytes >>> 24, left3, up >>> 24, upperLeft >>> 24);
    target.setInt32(at, left0 | (left1 << 8) | (left2 << 16) | (left3 << 24), true);
    upperLeft = up;
  }
}

/** The same of pixels of three bytes, which most large pictures have. */
function addPaethOfThree(length: number, filtered: DataView, above: DataView, target: DataView): void {
  const table = (steps ??= paethSteps());
  let upperLeft = 0;
  let [left0, left1, left2] = [0, 0, 0];
  for (let at = 0; at < length; at += 3) {
    const bytes = filtered.getInt32(at, true);
    const up = above.getInt32(at, true);
    left0 = paeth(table, bytes, left0, up & 255, upperLeft & 255);
    left1 = paeth(table, bytes >>> 8, left1, (up >>> 8) & 255, (upperLeft >>> 8) & 255);
    left2 = paeth(table, bytes >>> 16, left2, (up >>> 16) & 255, (upperLeft >>> 16) & 255);
    target.setInt32(at, left0 | (left1 << 8) | (left2 << 16), true);
    upperLeft = up;
  }
}

/** The same of pixels of one byte. */
function addPaethOfOne(length: number, filtered: Uint8Array, above: Uint8Array, target: Uint8Array): void {
  const table = (steps ??= paethSteps());
  for (let at = 0, left = 0, upperLeft = 0; at < length; at++) {
    const up = above[at] as number;
    left = paeth(table, filtered[at] as number, left, up, upperLeft);
    target[at] = left;
    upperLeft = up;
  }
}

/** The lowest byte of `bytes` and what is predicted. */
function paeth(table: Uint8Array, bytes: number, left: number, up: number, upperLeft: number): number {
  const step = table[(up - upperLeft) * differences + middle - upperLeft + left] as number;
  return (bytes + upperLeft + step) & 255;
}

function paethSteps(): Uint8Array {
  const table = new Uint8Array(differences * differences);
  for (let left = 0; left < 256; left++) {
    for (let up = -255; up < 256; up++) {
      // The nearest to left + up is 0 only where the two point in opposite ways, and neither is twice the other.
      const isUp = up > left || up <= -2 * left;
      const nearest = isUp ? up : 2 * up >= -left ? left : 0;
      const index = up * differences + left;
      table[middle + index] = nearest;
      table[middle - index] = -nearest;
    }
  }
  return table;
}

/** The sums of each byte. */
function sum(one: number, other: number): number {
  return ((one & lowBits) + (other & lowBits)) ^ ((one ^ other) & highBits);
}
