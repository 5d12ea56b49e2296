/** How much of a picture looks like a colour. */
import { toOklab, type Oklab } from "../../../src/runtime/image/color/oklab.ts";

const oklabOf = (color: string): Oklab => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  return toOklab(red, green, blue);
};

const between = (one: Oklab, other: Oklab): number => Math.hypot(one.L - other.L, one.a - other.a, one.b - other.b);

/** The distance of two colours, `#rrggbb`, in OKLab. */
export const okDistance = (one: string, other: string): number => between(oklabOf(one), oklabOf(other));

/** The share of pixels, of those that are at least half opaque, within `radius` of a colour. */
export function nearShare(color: string, rgba: Uint8Array, radius: number): number {
  const wanted = oklabOf(color);
  let [near, all] = [0, 0];
  for (let at = 0; at < rgba.length; at += 4) {
    if ((rgba[at + 3] ?? 0) < 128) continue;
    all++;
    if (between(wanted, toOklab(rgba[at] ?? 0, rgba[at + 1] ?? 0, rgba[at + 2] ?? 0)) <= radius) near++;
  }
  return near / all;
}
