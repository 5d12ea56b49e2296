/** The markers of a JPEG (ITU-T T.81, B.1.1), for everything that walks over one. */
import * as marker from "./marker.ts";

export const exifHeader = "Exif\0\0";
/** Two bytes after it say which part of how many a segment is (ICC.1:2022, B.4). */
export const iccHeader = "ICC_PROFILE\0";
export const iccHeaderBytes = 14;

/** The sixteen codes from 0xC0 are frame headers, but for three. */
export function isStartOfFrame(code: number): boolean {
  return (
    code >= 0xc0 &&
    code <= 0xcf &&
    code !== marker.huffmanTables &&
    code !== marker.extensions &&
    code !== marker.arithmeticConditioning
  );
}

/** RST0 to RST7, numbered by their low three bits. */
export function isRestart(code: number): boolean {
  return (code & 0xf8) === marker.restart;
}

/** Whether the first bytes of a body spell the name. */
export function isNamed(body: Uint8Array, name: string): boolean {
  return String.fromCharCode(...body.subarray(0, name.length)) === name;
}
