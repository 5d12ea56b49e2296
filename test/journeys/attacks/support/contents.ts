/** Files of many kinds, each with the type that its bytes prove. As small as they can be and still be told. */
import { bmp, bytesOf, fileType, ico, tiff, vp8, webp } from "../../../support/header-files.ts";
import { HTML, JPEG_START, SVG } from "../../../support/pictures.ts";
import { picture } from "./doors.ts";

export type Bytes = Uint8Array;

const text = (content: string): Bytes => new TextEncoder().encode(content);
/** One byte per character. */
export const latin1 = (content: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(content, (character) => character.charCodeAt(0));

/** Pictures that the narrow doors take. */
export const pictures: readonly (readonly [type: string, bytes: Bytes])[] = [
  ["image/png", picture],
  ["image/jpeg", bytesOf(JPEG_START, Uint8Array.of(0xff, 0xd9))],
];

/** What the narrow doors do not take, whatever it is called. */
export const others: readonly (readonly [name: string, bytes: Bytes])[] = [
  ["HTML", text(HTML)],
  ["HTML after blanks", text(`\n\t  ${HTML}`)],
  ["HTML after a byte order mark", latin1(`\xef\xbb\xbf${HTML}`)],
  ["HTML in UTF-16", latin1(`\xff\xfe${HTML.replaceAll(/./gs, "$&\0")}`)],
  ["SVG", text(SVG)],
  ["SVG after a comment", text(`<!-- a picture -->${SVG}`)],
  ["XML with a style sheet", text('<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="x"?><d/>')],
  ["XHTML", text('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>')],
  ["JavaScript", text("alert(document.domain)")],
  ["PHP", text("<?php system($_GET['c']); ?>")],
  ["a shell script", text("#!/bin/sh\nid\n")],
  ["PDF", text("%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF")],
  ["ZIP", latin1("PK\x03\x04\x14\0\0\0\0\0")],
  ["a Windows program", latin1(`MZ\x90\0${"\0".repeat(80)}`)],
  ["a Linux program", latin1("\x7fELF\x02\x01\x01\0")],
  ["WebAssembly", latin1("\0asm\x01\0\0\0")],
  ["GIF", latin1("GIF89a\x01\0\x01\0\0\0\0;")],
  ["WebP", webp(vp8(4, 3))],
  ["AVIF", fileType("avif")],
  ["HEIC", fileType("heic")],
  ["BMP", bmp(4, 3)],
  ["TIFF", tiff({ width: 4, height: 3 })],
  ["an icon", ico([[16, 16]])],
  ["MP4", latin1("\0\0\0\x18ftypisom\0\0\0\0isommp42")],
  ["a GIF that is a script", latin1("GIF89a/*\x01\0\x01\0*/=1;alert(1)")],
  ["half a PNG signature", latin1("\x89PNG\r\n")],
  ["a PNG signature with line breaks turned", latin1("\x89PNG\n\x1a\n\0\0\0\rIHDR")],
  ["a PNG behind a blank", latin1(` ${String.fromCharCode(...picture)}`)],
  ["a JPEG behind a line break", latin1("\n\xff\xd8\xff\xe0\0\x10JFIF\0")],
  ["bytes of nothing known", latin1("\x01\x02\x03\x04\xfe\xdc\xba\x98")],
];
