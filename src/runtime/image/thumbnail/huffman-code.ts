/** Huffman codes made for the symbols that they are to write (ITU-T T.81, annex K.2). */

const maxCodeBits = 16;
/** No code may be all ones: this symbol, which is never written, gets the one that would be. */
const reserved = 256;

export interface HuffmanCode {
  /** Codes of each length from 1 on. */
  readonly counts: Uint8Array;
  /** Symbols from the shortest code to the longest. */
  readonly symbols: readonly number[];
  /** By symbol: its code × 32 + the bits of it. */
  readonly codes: Uint32Array;
}

/** @param frequencies how often each of up to 256 symbols comes */
export function huffmanCodeFor(frequencies: Uint32Array): HuffmanCode {
  let weights = Array.from({ length: reserved + 1 }, (_, symbol) =>
    symbol === reserved ? 1 : (frequencies[symbol] ?? 0),
  );
  let lengths = codeLengths(weights);
  while (Math.max(...lengths) > maxCodeBits) {
    // Rare symbols have become too long. The halves differ less.
    weights = weights.map((weight) => (weight + 1) >> 1);
    lengths = codeLengths(weights);
  }
  const lengthOf = (symbol: number): number => lengths[symbol] ?? 0;
  const symbols = [...lengths.keys()]
    .filter((symbol) => lengthOf(symbol) > 0)
    .toSorted((one, other) => lengthOf(one) - lengthOf(other) || one - other);
  // One of the rarest, so it is the last of the longest.
  symbols.pop();
  const counts = new Uint8Array(maxCodeBits);
  const codes = new Uint32Array(reserved);
  let code = 0;
  let bits = 0;
  for (const symbol of symbols) {
    code <<= lengthOf(symbol) - bits;
    bits = lengthOf(symbol);
    counts[bits - 1] = (counts[bits - 1] ?? 0) + 1;
    codes[symbol] = (code++ << 5) | bits;
  }
  return { counts, symbols, codes };
}

/** The length of each symbol's code; 0 for those of no weight. */
function codeLengths(weights: readonly number[]): Uint8Array {
  const lengths = new Uint8Array(weights.length);
  const leaves = weights
    .map((weight, symbol) => ({ weight, symbols: [symbol] }))
    .filter(({ weight }) => weight > 0)
    .toSorted((one, other) => one.weight - other.weight || (other.symbols[0] ?? 0) - (one.symbols[0] ?? 0));
  // Pairs are made in the order of their weights, too: the lightest of all is always the first of one of the two.
  const pairs: typeof leaves = [];
  const takeLightest = (): (typeof leaves)[number] | undefined =>
    (leaves[0]?.weight ?? Infinity) <= (pairs[0]?.weight ?? Infinity) ? leaves.shift() : pairs.shift();
  for (let left = leaves.length; left > 1; left--) {
    const [one, other] = [takeLightest(), takeLightest()];
    const symbols = [...(one?.symbols ?? []), ...(other?.symbols ?? [])];
    for (const symbol of symbols) lengths[symbol] = (lengths[symbol] ?? 0) + 1;
    pairs.push({ weight: (one?.weight ?? 0) + (other?.weight ?? 0), symbols });
  }
  return lengths;
}
