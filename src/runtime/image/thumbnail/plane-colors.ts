/** Converts the colours of a thumbnail's planes to sRGB. */
import type { ToSrgb } from "../color/to-srgb.ts";
import { yccToRgb } from "../jpeg/color-model.ts";
import type { EncoderPlane, EncoderPlanes } from "./jpeg-encoder.ts";
import { bluenessOf, lumaOf, rednessOf } from "./ycc.ts";

/** Each pixel has the chroma that it shares with its neighbours, which become the average of what these turn into. */
export function convertPlanes([luma, blueness, redness]: EncoderPlanes, toSrgb: ToSrgb): EncoderPlanes {
  const empty = ({ width, height }: EncoderPlane): EncoderPlane => ({
    width,
    height,
    values: new Float32Array(width * height),
  });
  const toLuma = empty(luma);
  const toBlueness = blueness && empty(blueness);
  const toRedness = redness && empty(redness);
  const color = new Float64Array(3);
  for (let at = 0; at < luma.values.length; at++) {
    const x = at % luma.width;
    const y = (at - x) / luma.width;
    const half = (y >> 1) * ((luma.width + 1) >> 1) + (x >> 1);
    color[0] = (luma.values[at] as number) + 128;
    color[1] = (blueness?.values[half] ?? 0) + 128;
    color[2] = (redness?.values[half] ?? 0) + 128;
    yccToRgb(color, 0);
    toSrgb(color, 0);
    const [red, green, blue] = [color[0], color[1], color[2]] as [number, number, number];
    const light = lumaOf(red, green, blue);
    toLuma.values[at] = light - 128;
    if (toBlueness === undefined || toRedness === undefined) continue;
    // As many share it as lie within the picture.
    const share = 1 / (((x | 1) < luma.width ? 2 : 1) * ((y | 1) < luma.height ? 2 : 1));
    toBlueness.values[half] = (toBlueness.values[half] as number) + bluenessOf(blue, light) * share;
    toRedness.values[half] = (toRedness.values[half] as number) + rednessOf(red, light) * share;
  }
  return toBlueness === undefined || toRedness === undefined ? [toLuma] : [toLuma, toBlueness, toRedness];
}

/** Rounds of getting nearer. */
const rounds = 8;

/** The colour that becomes `color` when it is converted, within what the profile's colours can show. */
export function fromSrgb(color: Background, toSrgb: ToSrgb): Background {
  const guess = [...color];
  for (let round = 0; round < rounds; round++) {
    const converted = Float64Array.from(guess);
    toSrgb(converted, 0);
    for (const [channel, wanted] of color.entries()) {
      guess[channel] = (guess[channel] ?? 0) + wanted - (converted[channel] ?? 0);
    }
  }
  const [red = 0, green = 0, blue = 0] = guess;
  return [red, green, blue];
}

type Background = readonly [number, number, number];
