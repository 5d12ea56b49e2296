/** Ranges of bytes that stay, and zeros in place of everything between them. */
import type { Flow, StripInput } from "./input.ts";

/** From the first byte to before the second. */
export type Range = readonly [from: number, to: number];

/** What lies outside of the ranges, in order. The last gap has no end. */
export function gapsBetween(ranges: readonly Range[]): Range[] {
  const gaps: Range[] = [];
  let end = 0;
  for (const [from, to] of ranges.toSorted(([one], [other]) => one - other)) {
    if (to <= end || to <= from) continue;
    if (from > end) gaps.push([end, from]);
    end = to;
  }
  return [...gaps, [end, Number.POSITIVE_INFINITY]];
}

/** Writes zeros over what the gaps take of bytes that stand at place `at`. */
export function blankGaps(bytes: Uint8Array, at: number, gaps: readonly Range[]): void {
  for (const [from, to] of gaps) {
    if (to > at && from < at + bytes.length) bytes.fill(0, Math.max(0, from - at), to - at);
  }
}

/** Lets the next `count` bytes pass, which stand at place `at`, with zeros in the gaps. */
export function* passGaps(input: StripInput, at: number, count: number, gaps: readonly Range[]): Flow {
  const end = at + count;
  let place = at;
  for (let next = firstBehind(gaps, at); place < end; next++) {
    const [from, to] = gaps[next] ?? [end, end];
    yield* input.pass(Math.min(from, end) - place);
    place = Math.max(place, Math.min(from, end));
    yield* input.blank(Math.min(to, end) - place);
    place = Math.min(to, end);
  }
}

/** The index of the first range, of ranges in order, that ends behind place `at`. */
function firstBehind(ranges: readonly Range[], at: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.[1] ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
