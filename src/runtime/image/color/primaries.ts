/** Light of sRGB from three primaries and their white. */
import { apply, cross, dot, fromColumns, type Matrix, type Triple } from "./matrix.ts";

/** Points of the CIE 1931 diagram, x and y of each: white, red, green and blue. */
export type Primaries = readonly number[];

/** Bradford's: how strongly X, Y and Z excite what eyes adapt to white with. */
const cones: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];
/** Light of sRGB from these, each as a part of what white excites. */
const lightOfCones: Matrix = [
  [2.389387, -1.345548, -0.043839],
  [-0.137452, 1.16178, -0.024328],
  [-0.039821, -0.074501, 1.114322],
];
/** Those of ProPhoto need 2. */
const maxFactor = 100;

/** Null where the points are missing, lie on a line, or where white is no light. */
export function lightOfPrimaries(points: Primaries): Matrix | null {
  const conesOf = (index: number): Triple => {
    const [x = 0, y = 0] = points.slice(index * 2);
    return apply(cones, [x / y, 1, (1 - x - y) / y]);
  };
  const [white, red, green, blue] = [conesOf(0), conesOf(1), conesOf(2), conesOf(3)];
  const volume = dot(red, cross(green, blue));
  const lightOf = (primary: Triple, one: Triple, other: Triple): Triple => {
    // So strong it is where the three together are white.
    const strength = dot(white, cross(one, other)) / volume;
    const [long, medium, short] = primary;
    return apply(lightOfCones, [
      (long * strength) / white[0],
      (medium * strength) / white[1],
      (short * strength) / white[2],
    ]);
  };
  const matrix = fromColumns(lightOf(red, green, blue), lightOf(green, blue, red), lightOf(blue, red, green));
  return matrix.flat().every((factor) => Math.abs(factor) < maxFactor) ? matrix : null;
}
