/** What stays of an EXIF block: which way up the picture is, and how large it is meant to be printed. */
import { readOrientation } from "../orientation.ts";
import { isomorphicDecode } from "./input.ts";

/** No more of an EXIF block is read; in a JPEG it cannot be longer. */
export const maxExifBytes = 65536;

/** What stands before the TIFF structure in a JPEG; some writers put it into other formats too. */
export const exifPrefix = "Exif\0\0";

/** 1 to 8; 1 when nothing is said. `exif` may begin with the prefix. */
export function orientationOf(exif: Uint8Array): number {
  return readOrientation(exif.subarray(isPrefixed(exif) ? exifPrefix.length : 0));
}

function isPrefixed(exif: Uint8Array): boolean {
  return isomorphicDecode(exif.subarray(0, exifPrefix.length)) === exifPrefix;
}

/** What EXIF says when it does not know how many dots make an inch. */
const unknownDpi = 72;
const [xResolution, yResolution, resolutionUnit] = [0x011a, 0x011b, 0x0128];
/** Values of the unit. */
const [inch, centimetre] = [2, 3];
/** Types of values; a short one stands in the first half of its field. */
const [short, rational] = [3, 5];
const bigEndianMark = 0x4d4d002a;
/** What is written has its directory right behind its head. */
const directoryAt = 8;

/** Whole dots per inch, of the width; 72 when nothing is said. `exif` may begin with the prefix. */
export function dpiOf(exif: Uint8Array): number {
  const tiff = exif.subarray(isPrefixed(exif) ? exifPrefix.length : 0);
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  let [dots, inches] = [unknownDpi, 1];
  try {
    const little = view.getUint16(0) === 0x4949;
    const directory = view.getUint32(4, little);
    const end = directory + 2 + view.getUint16(directory, little) * 12;
    for (let entry = directory + 2; entry < end; entry += 12) {
      const tag = view.getUint16(entry, little);
      const place = tag === xResolution ? view.getUint32(entry + 8, little) : 0;
      if (place > 0) dots = view.getUint32(place, little) / view.getUint32(place + 4, little);
      if (tag === resolutionUnit && view.getUint16(entry + 8, little) === centimetre) inches = 1 / 2.54;
    }
  } catch {
    // What was found before the end counts.
  }
  const dpi = Math.round(dots / inches);
  return dpi > 0 && dpi < 65_536 ? dpi : unknownDpi;
}

/**
 * A TIFF structure of one directory (TIFF 6.0, section 2; EXIF 2.32, 4.6.4 A): 26 bytes with the orientation, 70 with a
 * resolution that is known.
 */
export function minimalTiff(orientation: number, dpi = unknownDpi): Uint8Array {
  const isSized = dpi !== unknownDpi;
  const count = isSized ? 4 : 1;
  const valueAt = directoryAt + 6 + count * 12;
  const view = new DataView(new ArrayBuffer(isSized ? valueAt + 8 : valueAt));
  let at = directoryAt + 2;
  const put = (tag: number, type: number, value: number): void => {
    view.setUint16(at, tag);
    view.setUint16(at + 2, type);
    view.setUint32(at + 4, 1);
    view.setUint32(at + 8, value);
    at += 12;
  };
  view.setUint32(0, bigEndianMark);
  view.setUint32(4, directoryAt);
  view.setUint16(directoryAt, count);
  put(0x0112, short, orientation << 16);
  if (isSized) {
    // Both sides have the same.
    put(xResolution, rational, valueAt);
    put(yResolution, rational, valueAt);
    put(resolutionUnit, short, inch << 16);
    view.setUint32(valueAt, dpi);
    view.setUint32(valueAt + 4, 1);
  }
  return new Uint8Array(view.buffer);
}
