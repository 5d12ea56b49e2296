/** The only thing that stays of an EXIF block: which way up the picture is. */
import { readOrientation } from "../orientation.ts";
import { isomorphicDecode } from "./input.ts";

/** No more of an EXIF block is read; in a JPEG it cannot be longer. */
export const maxExifBytes = 65536;

/** What stands before the TIFF structure in a JPEG; some writers put it into other formats too. */
export const exifPrefix = "Exif\0\0";

/** 1 to 8; 1 when nothing is said. `exif` may begin with the prefix. */
export function orientationOf(exif: Uint8Array): number {
  const prefixed = isomorphicDecode(exif.subarray(0, exifPrefix.length)) === exifPrefix;
  return readOrientation(prefixed ? exif.subarray(exifPrefix.length) : exif);
}

/** A TIFF structure whose one directory has one entry (TIFF 6.0, section 2; EXIF 2.32, 4.6.4 A): 26 bytes. */
export function minimalTiff(orientation: number): Uint8Array {
  // prettier-ignore
  return Uint8Array.of(
    0x4d, 0x4d, 0, 42, 0, 0, 0, 8, // big-endian, the directory at 8
    0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, // one entry: orientation, one SHORT
    0, 0, 0, 0, // no other directory
  );
}
