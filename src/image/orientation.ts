/**
 * Finds the orientation in an EXIF block (a TIFF structure), as found in a JPEG's APP1 segment and a PNG's eXIf chunk.
 * Everything else in EXIF is ignored.
 */

const orientationTag = 0x0112;
const littleEndianMark = 0x4949;
const directoryEntryBytes = 12;

/** 1 (upright) to 8 (EXIF 2.32, 4.6.4 A); 1 when absent or malformed. Never throws. */
export function readOrientation(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (view.byteLength < 8) return 1;
  const littleEndian = view.getUint16(0) === littleEndianMark;
  const directory = view.getUint32(4, littleEndian);
  if (directory + 2 > view.byteLength) return 1;
  const entries = view.getUint16(directory, littleEndian);
  for (let index = 0, at = directory + 2; index < entries; index++, at += directoryEntryBytes) {
    if (at + directoryEntryBytes > view.byteLength) return 1;
    if (view.getUint16(at, littleEndian) !== orientationTag) continue;
    const orientation = view.getUint16(at + 8, littleEndian);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

/** Whether a viewer turns the picture by a quarter, so that its width is the stored height. */
export function isTurned(orientation: number): boolean {
  return orientation >= 5;
}
