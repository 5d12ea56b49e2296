/** Huffman codes made for the symbols that they are to write (ITU-T T.81, annex K.2). */

const maxCodeBits = 16;
/** No code may be all ones: this symbol, which is never written, gets the one that would be. */
const reserved = 256;

export interface HuffmanCode {
  /** Codes of each length from 1 on. */
  readonly counts: Uint8Array;
  /** Symbols from the shortest code to the longest. */
  readonly symbols: readonly number[];
  /** What all symbols take, with the bits behind each, of which there are as many as its lower half says. */
  readonly bits: number;
}

/**
 * @param frequencies how often each of up to 256 symbols comes
 * @param codes by symbol, receives its code × 32 + the bits of it
 */
export function huffmanCodeFor(frequencies: Uint32Array, codes: Uint32Array): HuffmanCode {
  const frequencyOf = (symbol: number): number => frequencies[symbol] ?? 1;
  // From the rarest on, of which the reserved one is the first: it gets the last of the longest codes.
  const leaves = [...frequencies.keys(), reserved]
    .filter((symbol) => frequencyOf(symbol) > 0)
    .toSorted((one, other) => frequencyOf(one) - frequencyOf(other) || other - one);
  let weights = leaves.map(frequencyOf);
  let lengths = codeLengths(weights);
  while ((lengths[0] as number) > maxCodeBits) {
    // Rare symbols have become too long. The halves differ less.
    weights = weights.map((weight) => (weight + 1) >> 1);
    lengths = codeLengths(weights);
  }
  const symbols = leaves.slice(1).toReversed();
  const counts = new Uint8Array(maxCodeBits);
  let bits = 0;
  let code = 0;
  let last = 0;
  for (const [index, symbol] of symbols.entries()) {
    const length = lengths[symbols.length - index] as number;
    code <<= length - last;
    last = length;
    counts[length - 1] = (counts[length - 1] as number) + 1;
    codes[symbol] = (code++ << 5) | length;
    bits += frequencyOf(symbol) * (length + (symbol & 15));
  }
  return { counts, symbols, bits };
}

/** The lengths of codes for ascending weights; none is shorter than the one behind it. */
function codeLengths(weights: readonly number[]): Uint8Array {
  const count = weights.length;
  // Behind them pairs of two nodes each: the lightest that is left is the first that is left of these or of those.
  const nodes = new Float64Array(2 * count - 1);
  const parents = new Uint16Array(nodes.length);
  nodes.set(weights);
  for (let pair = count, left = 0, right = count; pair < nodes.length; pair++) {
    for (let child = 0; child < 2; child++) {
      const isLeaf = left < count && (right === pair || (nodes[left] as number) <= (nodes[right] as number));
      const node = isLeaf ? left++ : right++;
      parents[node] = pair;
      nodes[pair] = (nodes[pair] as number) + (nodes[node] as number);
    }
  }
  const depths = new Uint8Array(nodes.length);
  for (let node = nodes.length - 2; node >= 0; node--) {
    depths[node] = (depths[parents[node] as number] as number) + 1;
  }
  return depths;
}
