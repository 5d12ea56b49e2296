/** The codes of JPEG's markers (ITU-T T.81, table B.1). Import them as `marker`. */
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
