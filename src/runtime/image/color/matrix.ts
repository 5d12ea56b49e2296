/** Triples of numbers, and 3 × 3 matrices of them by row. */

export type Triple = readonly [number, number, number];
export type Matrix = readonly [Triple, Triple, Triple];

export const identity: Matrix = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

export function dot(one: Triple, other: Triple): number {
  return one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
}

export function cross([a, b, c]: Triple, [x, y, z]: Triple): Triple {
  return [b * z - c * y, c * x - a * z, a * y - b * x];
}

export function apply([one, two, three]: Matrix, vector: Triple): Triple {
  return [dot(one, vector), dot(two, vector), dot(three, vector)];
}

/** The matrix with these columns. */
export function fromColumns(one: Triple, two: Triple, three: Triple): Matrix {
  return [
    [one[0], two[0], three[0]],
    [one[1], two[1], three[1]],
    [one[2], two[2], three[2]],
  ];
}
