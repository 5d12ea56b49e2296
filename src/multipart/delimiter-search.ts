/**
 * Finds a delimiter in bytes, skipping most of them. It knows nothing of parts or of what follows a delimiter.
 */

export interface DelimiterSearch {
  /** Bytes of the delimiter. */
  readonly length: number;
  /** Index of the first whole delimiter that lies in [from, to), or -1. */
  find(bytes: Uint8Array, from: number, to: number): number;
}

/**
 * Boyer–Moore–Horspool: looks at every `length`-th byte at best. Three departures. The skip of the delimiter's last byte
 * is kept apart, so that the table says 0 for it and the hot loop is one load and one test. Two places are looked at
 * together, because most bytes are not in the delimiter and a processor can load both at once when the second does not
 * depend on the first: 1.2 to 2 times as fast. And a candidate is compared from its *first* byte on, because that one is
 * a line break and must not occur again in the delimiter: two comparisons then never share a byte, and no body, however
 * built, can make the search more than linear.
 *
 * `delimiter` is 2 to 255 bytes long and its first byte is unique in it. It is not copied.
 */
export function createDelimiterSearch(delimiter: Uint8Array): DelimiterSearch {
  const length = delimiter.length;
  const last = length - 1;
  const skips = new Uint8Array(256).fill(length);
  for (let at = 0; at < last; at++) skips[delimiter[at] ?? 0] = last - at;
  const lastByte = delimiter[last] ?? 0;
  const skipAfterCandidate = skips[lastByte] ?? 1;
  skips[lastByte] = 0;

  function matches(bytes: Uint8Array, start: number): boolean {
    for (let at = 0; at < last; at++) if (bytes[start + at] !== delimiter[at]) return false;
    return true;
  }

  return {
    length,
    find(bytes, from, to) {
      let at = from + last;
      while (at < to) {
        while (
          at + length < to &&
          (skips[bytes[at] ?? 0] ?? 0) + (skips[bytes[at + length] ?? 0] ?? 0) === 2 * length
        ) {
          at += 2 * length;
        }
        if (at >= to) break;
        const skip = skips[bytes[at] ?? 0] ?? 0;
        if (skip !== 0) {
          at += skip;
        } else if (matches(bytes, at - last)) {
          return at - last;
        } else {
          at += skipAfterCandidate;
        }
      }
      return -1;
    },
  };
}
