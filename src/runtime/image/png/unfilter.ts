/**
 * Reverses the filters of PNG rows (PNG third edition, 9.2). Nearly all of a PNG's time goes into inflating and this,
 * so four bytes are handled at once: two numbers of 32 bits hold two bytes each, sixteen bits apart.
 */

/** A row's bytes, and some behind them that are read and written but mean nothing. */
export interface RowBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const spareBytes = 4;

export function createRowBuffer(rowBytes: number): RowBuffer {
  const bytes = new Uint8Array(rowBytes + spareBytes);
  return { bytes, view: new DataView(bytes.buffer) };
}

export const noneFilter = 0;
export const leftFilter = 1;
export const averageFilter = 3;
export const paethFilter = 4;

/** The byte of each lane. */
const lanes = 0x00ff00ff;
/** A bit above what the lanes of a comparison hold: it stays where the number is not smaller than what is taken off it. */
const notSmaller = 0x04000400;
const notSmallerShift = 10;

/**
 * Writes the first `length` bytes of the row `filtered` into `target`; `above` is the row before, zeros for the first.
 * `pixelBytes` are those from a pixel to the next, at least 1; a row is made of whole pixels.
 */
export function unfilterRow(
  kind: number,
  pixelBytes: number,
  length: number,
  { view: filtered }: RowBuffer,
  { view: above }: RowBuffer,
  { view: target }: RowBuffer,
): void {
  // Four bytes are written even where a pixel has fewer: the wrong ones are overwritten by the next pixel's, and a
  // pixel's last bytes have to go before its first ones. Each kind has a loop of its own: asking for it at every pixel takes
  // as long as most filters.
  for (let first = (pixelBytes - 1) & ~3; first >= 0; first -= 4) {
    let leftEven = 0;
    let leftOdd = 0;
    if (kind === paethFilter) {
      let upperLeftEven = 0;
      let upperLeftOdd = 0;
      for (let at = first; at < length; at += pixelBytes) {
        const bytes = filtered.getInt32(at, true);
        const up = above.getInt32(at, true);
        const upEven = up & lanes;
        const upOdd = (up >>> 8) & lanes;
        leftEven = ((bytes & lanes) + paeth(leftEven, upEven, upperLeftEven)) & lanes;
        leftOdd = (((bytes >>> 8) & lanes) + paeth(leftOdd, upOdd, upperLeftOdd)) & lanes;
        target.setInt32(at, leftEven | (leftOdd << 8), true);
        upperLeftEven = upEven;
        upperLeftOdd = upOdd;
      }
    } else if (kind === leftFilter) {
      for (let at = first; at < length; at += pixelBytes) {
        const bytes = filtered.getInt32(at, true);
        leftEven = ((bytes & lanes) + leftEven) & lanes;
        leftOdd = (((bytes >>> 8) & lanes) + leftOdd) & lanes;
        target.setInt32(at, leftEven | (leftOdd << 8), true);
      }
    } else {
      const [half, leftMask] = kind === averageFilter ? [1, lanes] : [0, 0];
      for (let at = first; at < length; at += pixelBytes) {
        const bytes = filtered.getInt32(at, true);
        const up = above.getInt32(at, true);
        leftEven = ((bytes & lanes) + ((((leftEven & leftMask) + (up & lanes)) >>> half) & lanes)) & lanes;
        leftOdd =
          (((bytes >>> 8) & lanes) + ((((leftOdd & leftMask) + ((up >>> 8) & lanes)) >>> half) & lanes)) & lanes;
        target.setInt32(at, leftEven | (leftOdd << 8), true);
      }
    }
  }
}

/**
 * Left, up or upper left, whichever is nearest to left + up − upper left: the larger of left and up when it is not below any
 * of two thirds of the one and a third of the other, the smaller one when it is not above any, else upper left.
 */
function paeth(left: number, up: number, upperLeft: number): number {
  const most = 3 * upperLeft;
  const one = 2 * left + up;
  const other = left + 2 * up;
  const isHigh = mask(((one | notSmaller) - most) & ((other | notSmaller) - most));
  const isLow = mask(((most | notSmaller) - one) & ((most | notSmaller) - other));
  const swap = (left ^ up) & mask((left | notSmaller) - up);
  const lowOr = upperLeft ^ ((upperLeft ^ left ^ swap) & isLow);
  return lowOr ^ ((lowOr ^ up ^ swap) & isHigh);
}

/** All bits of the lanes in which the comparison holds. */
function mask(compared: number): number {
  return Math.imul((compared & notSmaller) >>> notSmallerShift, 255);
}
