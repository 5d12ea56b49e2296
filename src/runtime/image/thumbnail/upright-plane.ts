/** Turns and mirrors a plane as EXIF's orientation asks. */
import { uprightWay } from "../upright.ts";
import type { EncoderPlane } from "./jpeg-encoder.ts";

/** A new plane, or the same one when it is upright already. */
export function uprightPlane(plane: EncoderPlane, orientation: number): EncoderPlane {
  if (orientation === 1) return plane;
  const { width, height, start, right, down } = uprightWay(plane, orientation);
  const values = new Float32Array(plane.values.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, at = start + y * down; x < width; x++, to++, at += right) values[to] = plane.values[at] as number;
  }
  return { width, height, values };
}
