/** Conversions to sRGB of colours that are made of a curve for each channel and of three primaries. */
import { apply, identity, type Matrix } from "./matrix.ts";
import { fromLight } from "./srgb.ts";

/** Converts `values[at]` to `values[at + 2]` in place: red, green and blue from 0 to 255. */
export type ToSrgb = (values: Float64Array, at: number) => void;

/** The light of a stored value, both from 0 to 1. */
export type Curve = (value: number) => number;

/** Levels of a channel that nobody sees. */
const maxDifference = 1.5;

/**
 * `matrix`, of finite numbers, makes light of sRGB from the light of each channel. Null for what differs from sRGB by
 * nothing that can be seen.
 */
export function createToSrgb(curves: readonly [Curve, Curve, Curve], matrix: Matrix = identity): ToSrgb | null {
  const convert: ToSrgb = (values, at) => {
    const lightOf = (channel: 0 | 1 | 2): number => {
      const light = curves[channel](Math.min(1, Math.max(0, (values[at + channel] as number) / 255)));
      return Number.isFinite(light) ? light : 0;
    };
    const [red, green, blue] = apply(matrix, [lightOf(0), lightOf(1), lightOf(2)]);
    values[at] = 255 * fromLight(red);
    values[at + 1] = 255 * fromLight(green);
    values[at + 2] = 255 * fromLight(blue);
  };
  return changes(convert) ? convert : null;
}

/** Tries gray, red, green and blue, dark and bright. */
function changes(convert: ToSrgb): boolean {
  return [[1, 1, 1], ...identity].some((probe) =>
    [20, 70, 150, 255].some((level) => {
      const values = Float64Array.from(probe, (share) => share * level);
      convert(values, 0);
      return values.some((value, channel) => Math.abs(value - (probe[channel] ?? 0) * level) > maxDifference);
    }),
  );
}
