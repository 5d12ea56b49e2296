/** The markers of a JPEG (ITU-T T.81, B.1.1), for everything that walks over one. Import their codes as `marker`. */
export const startOfFrame = 0xc0;
export const huffmanTables = 0xc4;
export const extensions = 0xc8;
export const arithmeticConditioning = 0xcc;
export const restart = 0xd0;
export const startOfImage = 0xd8;
export const endOfImage = 0xd9;
export const startOfScan = 0xda;
export const quantizationTables = 0xdb;
export const numberOfLines = 0xdc;
export const restartInterval = 0xdd;
export const jfif = 0xe0;
export const exif = 0xe1;
export const iccProfile = 0xe2;
export const adobe = 0xee;

export const exifHeader = "Exif\0\0";
/** Two bytes after it say which part of how many a segment is (ICC.1:2022, B.4). */
export const iccHeader = "ICC_PROFILE\0";
export const iccHeaderBytes = 14;

/** The sixteen codes from 0xC0 are frame headers, but for three. */
export function isStartOfFrame(code: number): boolean {
  return (
    code >= 0xc0 && code <= 0xcf && code !== huffmanTables && code !== extensions && code !== arithmeticConditioning
  );
}

/** RST0 to RST7, numbered by their low three bits. */
export function isRestart(code: number): boolean {
  return (code & 0xf8) === restart;
}

/** Whether the first bytes of a body spell the name. */
export function isNamed(body: Uint8Array, name: string): boolean {
  return String.fromCharCode(...body.subarray(0, name.length)) === name;
}
