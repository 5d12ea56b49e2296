// oxlint-disable-next-line typescript/triple-slash-reference -- The Worker is compiled without Node's types.
/// <reference path="./node-crc32.d.ts" />
/** CRC-32 as in PNG (third edition, annex D), by whichever way is quicker for so many bytes. */
import { crc32 } from "node:zlib";

/** A call of the native function costs about as much as so many bytes here. */
const shortBytes = 512;

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (0xedb88320 & -(rest & 1));
  return rest;
});

/** The checksum of `bytes` from `from` to before `to`, continued from the checksum of what came before. */
export function checksum(bytes: Uint8Array, from: number, to: number, before = 0): number {
  if (to - from > shortBytes) return crc32(bytes.subarray(from, to), before);
  let rest = ~before;
  for (let at = from; at < to; at++) {
    rest = (rest >>> 8) ^ (table[(rest ^ (bytes[at] as number)) & 255] as number);
  }
  return ~rest >>> 0;
}
