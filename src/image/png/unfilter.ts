/**
 * Reverses the filters of PNG rows (PNG third edition, 9.2). Nearly all of a PNG's time is spent in inflating and here.
 */

/** What a row is unfiltered with. Rows hold `length` bytes that count. */
export interface FilteredRow {
  readonly filter: number;
  /** The filtered bytes are `source[start]` and those after it. */
  readonly source: Uint8Array;
  readonly start: number;
  readonly length: number;
  /** Bytes from a pixel to the next, at least 1. */
  readonly pixelBytes: number;
}

/** Writes the row into `target`; `above` is the row before, zeros for the first. False for a filter that PNG lacks. */
export function unfilterRow(row: FilteredRow, above: Uint8Array, target: Uint8Array): boolean {
  switch (row.filter) {
    case 0:
      target.set(row.source.subarray(row.start, row.start + row.length));
      return true;
    case 1:
      addLeft(row, target);
      return true;
    case 2:
      addUp(row, above, target);
      return true;
    case 3:
      addAverage(row, above, target);
      return true;
    case 4:
      addPaeth(row, above, target);
      return true;
    default:
      return false;
  }
}

/** Channel by channel, so that the byte to the left is never looked up. */
function addLeft({ source, start, length, pixelBytes }: FilteredRow, target: Uint8Array): void {
  for (let channel = 0; channel < pixelBytes; channel++) {
    let left = 0;
    for (let at = channel; at < length; at += pixelBytes) {
      left = ((source[start + at] as number) + left) & 255;
      target[at] = left;
    }
  }
}

function addUp({ source, start, length }: FilteredRow, above: Uint8Array, target: Uint8Array): void {
  for (let at = 0; at < length; at++) target[at] = (source[start + at] as number) + (above[at] as number);
}

function addAverage({ source, start, length, pixelBytes }: FilteredRow, above: Uint8Array, target: Uint8Array): void {
  for (let channel = 0; channel < pixelBytes; channel++) {
    let left = 0;
    for (let at = channel; at < length; at += pixelBytes) {
      left = ((source[start + at] as number) + ((left + (above[at] as number)) >> 1)) & 255;
      target[at] = left;
    }
  }
}

/** Channels do not depend on each other: three or four go side by side, so that the processor need not wait for one. */
function addPaeth(row: FilteredRow, above: Uint8Array, target: Uint8Array): void {
  let channel = 0;
  if (row.pixelBytes % 4 === 0) {
    for (; channel < row.pixelBytes; channel += 4) addPaethFour(row, above, target, channel);
    return;
  }
  for (; channel + 3 <= row.pixelBytes; channel += 3) addPaethThree(row, above, target, channel);
  for (; channel < row.pixelBytes; channel++) addPaethOne(row, above, target, channel);
}

/**
 * Left, up or upper left, whichever is nearest to left + up − upper left. Without branches, which would be mispredicted half
 * of the time: with low and high the smaller and larger of left and up, and `turn` = 3 × upper left − left − up, it is high
 * when turn ≤ low, low when turn ≥ high, else upper left.
 */
function paeth(left: number, up: number, upperLeft: number): number {
  const difference = left - up;
  const least = difference & (difference >> 31);
  const low = up + least;
  const high = left - least;
  const turn = 3 * upperLeft - left - up;
  const lowOr = low ^ ((low ^ upperLeft) & ((turn - high) >> 31));
  return high ^ ((high ^ lowOr) & ((low - turn) >> 31));
}

function addPaethOne(row: FilteredRow, above: Uint8Array, target: Uint8Array, channel: number): void {
  const { source, start, length, pixelBytes } = row;
  let left = 0;
  let upperLeft = 0;
  for (let at = channel; at < length; at += pixelBytes) {
    const up = above[at] as number;
    left = ((source[start + at] as number) + paeth(left, up, upperLeft)) & 255;
    target[at] = left;
    upperLeft = up;
  }
}

function addPaethThree(row: FilteredRow, above: Uint8Array, target: Uint8Array, channel: number): void {
  const { source, start, length, pixelBytes } = row;
  let left0 = 0;
  let left1 = 0;
  let left2 = 0;
  let upperLeft0 = 0;
  let upperLeft1 = 0;
  let upperLeft2 = 0;
  for (let at = channel; at + 2 < length; at += pixelBytes) {
    const up0 = above[at] as number;
    const up1 = above[at + 1] as number;
    const up2 = above[at + 2] as number;
    left0 = ((source[start + at] as number) + paeth(left0, up0, upperLeft0)) & 255;
    left1 = ((source[start + at + 1] as number) + paeth(left1, up1, upperLeft1)) & 255;
    left2 = ((source[start + at + 2] as number) + paeth(left2, up2, upperLeft2)) & 255;
    target[at] = left0;
    target[at + 1] = left1;
    target[at + 2] = left2;
    upperLeft0 = up0;
    upperLeft1 = up1;
    upperLeft2 = up2;
  }
}

function addPaethFour(row: FilteredRow, above: Uint8Array, target: Uint8Array, channel: number): void {
  const { source, start, length, pixelBytes } = row;
  let left0 = 0;
  let left1 = 0;
  let left2 = 0;
  let left3 = 0;
  let upperLeft0 = 0;
  let upperLeft1 = 0;
  let upperLeft2 = 0;
  let upperLeft3 = 0;
  for (let at = channel; at + 3 < length; at += pixelBytes) {
    const up0 = above[at] as number;
    const up1 = above[at + 1] as number;
    const up2 = above[at + 2] as number;
    const up3 = above[at + 3] as number;
    left0 = ((source[start + at] as number) + paeth(left0, up0, upperLeft0)) & 255;
    left1 = ((source[start + at + 1] as number) + paeth(left1, up1, upperLeft1)) & 255;
    left2 = ((source[start + at + 2] as number) + paeth(left2, up2, upperLeft2)) & 255;
    left3 = ((source[start + at + 3] as number) + paeth(left3, up3, upperLeft3)) & 255;
    target[at] = left0;
    target[at + 1] = left1;
    target[at + 2] = left2;
    target[at + 3] = left3;
    upperLeft0 = up0;
    upperLeft1 = up1;
    upperLeft2 = up2;
    upperLeft3 = up3;
  }
}
