/** The order in which JPEG writes the coefficients of a block (ITU-T T.81, figure A.6). */

/** By the place in a JPEG: the place in the block, row by row. */
export const zigzag: Uint8Array = Uint8Array.from({ length: 64 }, (_, at) => at).toSorted(
  (one, other) => diagonal(one) - diagonal(other) || (diagonal(one) % 2 === 1 ? one - other : other - one),
);

function diagonal(at: number): number {
  return (at & 7) + (at >> 3);
}
