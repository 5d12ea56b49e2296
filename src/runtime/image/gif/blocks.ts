/** The block structure of a GIF (GIF89a, sections 12 to 27), as far as the sampler and the structure check share it. */
import type { Run } from "../structure/walk.ts";

/** The first bytes of blocks. */
export const extensionBlock = 0x21;
export const imageBlock = 0x2c;
export const trailerBlock = 0x3b;
/** The label of the extension that says how the next image is shown, and the bytes of its one sub-block. */
export const graphicControl = 0xf9;
export const graphicControlBytes = 4;
/** Signature, version and logical screen. */
export const headBytes = 13;
/** An image descriptor after its first byte. */
export const descriptorBytes = 9;

/** Bytes of the colour table that the packed field of a screen or an image announces. */
export function colorTableBytes(packed: number): number {
  return (packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 7) + 1);
}

/** Takes data sub-blocks up to the empty one that ends them, and passes on what they hold, in pieces. */
export function readSubBlocks(take: (bytes: Uint8Array, from: number, to: number) => void = () => {}): Run {
  let left = 0;
  return (bytes, from) => {
    let at = from;
    while (at < bytes.length) {
      if (left === 0) {
        left = bytes[at++] as number;
        if (left === 0) return at;
        continue;
      }
      const to = Math.min(bytes.length, at + left);
      take(bytes, at, to);
      left -= to - at;
      at = to;
    }
    return -1;
  };
}
