/** The smallest pictures that are really ones. */
import { crc32, deflateSync } from "node:zlib";
import { concat } from "./app.ts";

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

function chunk(type: string, body: Uint8Array): Uint8Array {
  const typed = concat([latin1(type), body]);
  const framed = new DataView(new ArrayBuffer(8));
  framed.setUint32(0, body.length);
  framed.setUint32(4, crc32(typed));
  return concat([new Uint8Array(framed.buffer, 0, 4), typed, new Uint8Array(framed.buffer, 4, 4)]);
}

/** A PNG of one colour. `trailing` bytes in a text chunk make it as large as a test needs. */
export function png(
  color: readonly [number, number, number],
  width = 4,
  height = 3,
  trailing = 0,
): Uint8Array<ArrayBuffer> {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint32(8, 0x08020000);
  const row = [0, ...Array.from({ length: width }, () => color).flat()];
  const rows = Uint8Array.from(Array.from({ length: height }, () => row).flat());
  return concat([
    latin1("\x89PNG\r\n\x1a\n"),
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("IDAT", deflateSync(rows)),
    ...(trailing === 0 ? [] : [chunk("teSt", new Uint8Array(trailing))]),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

export const JPEG_START = latin1("\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
export const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
export const HTML = "<!doctype html><script>alert(1)</script>";
