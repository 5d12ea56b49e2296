/**
 * CRC-32 as in PNG (third edition, annex D), four bytes at a time. In JavaScript because the checks are synchronous and
 * importing node:zlib costs every cold isolate several milliseconds.
 */

/** Row `k` of 256: the checksum of a byte that `k` zero bytes follow. */
const tables = new Int32Array(4 * 256);
for (let byte = 0; byte < 256; byte++) {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (0xedb88320 & -(rest & 1));
  tables[byte] = rest;
}
for (let at = 256; at < tables.length; at++) tables[at] = next(tables[at - 256] as number, 0);

function next(rest: number, byte: number): number {
  return (rest >>> 8) ^ (tables[(rest ^ byte) & 255] as number);
}

/** The checksum of `bytes` from `from` to before `to`, continued from the checksum of what came before. */
export function checksum(bytes: Uint8Array, from: number, to: number, before = 0): number {
  let rest = ~before;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const word =
      rest ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24));
    rest =
      (tables[768 + (word & 255)] as number) ^
      (tables[512 + ((word >>> 8) & 255)] as number) ^
      (tables[256 + ((word >>> 16) & 255)] as number) ^
      (tables[word >>> 24] as number);
  }
  for (; at < to; at++) rest = next(rest, bytes[at] as number);
  return ~rest >>> 0;
}
