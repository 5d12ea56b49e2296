/** The smallest valid pictures. */
import { concat } from "./app.ts";
import { pngChunk, pngHeader, pngSignature } from "./png-encoder.ts";

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** The bytes as a zlib stream of one stored block (RFC 1950, RFC 1951 §3.2.4): no compressor needed. */
function stored(bytes: Uint8Array): Uint8Array {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  const frame = new DataView(new ArrayBuffer(11));
  frame.setUint16(0, 0x7801);
  frame.setUint8(2, 1);
  frame.setUint16(3, bytes.length, true);
  frame.setUint16(5, ~bytes.length & 0xffff, true);
  frame.setUint16(7, high);
  frame.setUint16(9, low);
  return concat([new Uint8Array(frame.buffer, 0, 7), bytes, new Uint8Array(frame.buffer, 7, 4)]);
}

/** A PNG of one colour. `trailing` bytes in a text chunk make it as large as a test needs. */
export function png(
  color: readonly [number, number, number],
  width = 4,
  height = 3,
  trailing = 0,
): Uint8Array<ArrayBuffer> {
  const row = [0, ...Array.from({ length: width }, () => color).flat()];
  const rows = Uint8Array.from(Array.from({ length: height }, () => row).flat());
  return concat([
    pngSignature,
    pngHeader(width, height, 8, 2),
    pngChunk("IDAT", stored(rows)),
    ...(trailing === 0 ? [] : [pngChunk("teSt", new Uint8Array(trailing))]),
    pngChunk("IEND", new Uint8Array(0)),
  ]);
}

export const JPEG_START = latin1("\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
export const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
export const HTML = "<!doctype html><script>alert(1)</script>";
