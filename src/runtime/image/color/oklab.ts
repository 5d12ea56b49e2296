/**
 * Conversions between sRGB and OKLab (Björn Ottosson, 2020, https://bottosson.github.io/posts/oklab/), the space in
 * which equal distances look about equally different. The published coefficients are cut to seven decimals, which
 * changes no byte of a colour.
 */
import { hex } from "../../bytes.ts";
import { fromLight, toLight } from "./srgb.ts";

/** L from 0 to 1; a and b within about ±0.32 for sRGB colours. */
export interface Oklab {
  readonly L: number;
  readonly a: number;
  readonly b: number;
}

/** Linear light of each sRGB byte. */
const linear = Float64Array.from({ length: 256 }, (_, byte) => toLight(byte / 255));

/** Takes sRGB bytes. */
export function toOklab(red: number, green: number, blue: number): Oklab {
  const r = linear[red] ?? 0;
  const g = linear[green] ?? 0;
  const b = linear[blue] ?? 0;
  const long = Math.cbrt(0.4122215 * r + 0.5363325 * g + 0.051446 * b);
  const medium = Math.cbrt(0.2119035 * r + 0.6806995 * g + 0.107397 * b);
  const short = Math.cbrt(0.0883025 * r + 0.2817188 * g + 0.6299787 * b);
  return {
    L: 0.2104543 * long + 0.7936178 * medium - 0.004072 * short,
    a: 1.9779985 * long - 2.4285922 * medium + 0.4505937 * short,
    b: 0.025904 * long + 0.7827718 * medium - 0.8086758 * short,
  };
}

/** `#rrggbb`; what lies outside sRGB is clamped channel by channel. */
export function oklabToHex({ L, a, b }: Oklab): string {
  const long = (L + 0.3963378 * a + 0.2158038 * b) ** 3;
  const medium = (L - 0.1055613 * a - 0.0638542 * b) ** 3;
  const short = (L - 0.0894842 * a - 1.2914855 * b) ** 3;
  const light = [
    4.0767417 * long - 3.3077116 * medium + 0.2309699 * short,
    -1.268438 * long + 2.6097574 * medium - 0.3413194 * short,
    -0.0041961 * long - 0.7034186 * medium + 1.7076147 * short,
  ];
  return `#${hex(Uint8Array.from(light, (value) => Math.round(255 * fromLight(value))))}`;
}
