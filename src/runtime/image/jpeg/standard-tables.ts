/**
 * The Huffman tables of ITU-T T.81, annex K.3, as the body of a DHT segment. Cameras that film in JPEG leave them out
 * of their pictures, and decoders take them for granted.
 */

const dcSymbols = Array.from({ length: 12 }, (_, category) => category);

/** Every run of zeros with every category, and the two codes for zeros alone, in ascending order. */
const acSymbols = [
  0,
  ...Array.from({ length: 16 * 10 }, (_, index) => Math.floor(index / 10) * 16 + (index % 10) + 1),
  0xf0,
];

/** The symbols of frequent codes are listed, the others follow in ascending order. */
function acTable(key: number, counts: readonly number[], frequent: readonly number[]): number[] {
  const others = acSymbols.filter((symbol) => !frequent.includes(symbol)).toSorted((one, other) => one - other);
  return [key, ...counts, ...frequent, ...others];
}

const luma = acTable(
  0x10,
  [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
  [
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71, 0x14,
    0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0, 0x24, 0x33, 0x62, 0x72, 0x82,
  ],
);
const chroma = acTable(
  0x11,
  [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
  [
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22, 0x32,
    0x81, 0x08, 0x14, 0x42, 0x91, 0xa1, 0xb1, 0xc1, 0x09, 0x23, 0x33, 0x52, 0xf0, 0x15, 0x62, 0x72, 0xd1, 0x0a, 0x16,
    0x24, 0x34, 0xe1, 0x25, 0xf1,
  ],
);

export const standardTables = Uint8Array.from([
  ...[0x00, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, ...dcSymbols],
  ...[0x01, 0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, ...dcSymbols],
  ...luma,
  ...chroma,
]);
