/**
 * The Huffman tables of ITU-T T.81, annex K.3, as the body of a DHT segment. Cameras that film in JPEG leave them out
 * of their pictures, and decoders take them for granted.
 */

/** Every run of zeros with every category, and the two codes for zeros alone, in ascending order. */
const acSymbols = Array.from({ length: 256 }, (_, symbol) => symbol).filter((symbol) =>
  symbol & 15 ? (symbol & 15) <= 10 : symbol % 240 === 0,
);
const dcSymbols = Array.from({ length: 12 }, (_, category) => category);

/** Key, counts and the symbols of frequent codes; the other symbols follow in ascending order. */
function table(start: string, symbols: readonly number[]): number[] {
  const listed = (start.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
  return [...listed, ...symbols.filter((symbol) => !listed.includes(symbol, 17))];
}

export const standardTables = Uint8Array.from([
  ...table("0000010501010101010100000000000000", dcSymbols),
  ...table("0100030101010101010101010000000000", dcSymbols),
  ...table(
    "100002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282",
    acSymbols,
  ),
  ...table(
    "1100020102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f1",
    acSymbols,
  ),
]);
