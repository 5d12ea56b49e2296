/** Converts the colours of a thumbnail's planes to sRGB. */
import type { ToSrgb } from "../color/to-srgb.ts";
import { yccToRgb } from "../jpeg/color-model.ts";
import type { EncoderPlanes } from "./jpeg-encoder.ts";
import { bluenessOf, lumaOf, rednessOf } from "./ycc.ts";

/**
 * In place. Each pixel has the chroma that it shares with its neighbours, which becomes the average of what these turn
 * into.
 */
export function convertPlanes([luma, blueness, redness]: EncoderPlanes, toSrgb: ToSrgb): void {
  const { width, height, values } = luma;
  const across = (width + 1) >> 1;
  const color = new Float64Array(3);
  for (let half = 0; half < across * ((height + 1) >> 1); half++) {
    const left = (half % across) * 2;
    const top = Math.floor(half / across) * 2;
    const [blue, red] = [blueness?.values[half] ?? 0, redness?.values[half] ?? 0];
    let [blueSum, redSum, pixels] = [0, 0, 0];
    for (let y = top; y < Math.min(height, top + 2); y++) {
      for (let x = left; x < Math.min(width, left + 2); x++) {
        const at = y * width + x;
        color.set([(values[at] as number) + 128, blue + 128, red + 128]);
        yccToRgb(color, 0);
        toSrgb(color, 0);
        const [shownRed, shownGreen, shownBlue] = color as unknown as readonly [number, number, number];
        const light = lumaOf(shownRed, shownGreen, shownBlue);
        values[at] = light - 128;
        blueSum += bluenessOf(shownBlue, light);
        redSum += rednessOf(shownRed, light);
        pixels++;
      }
    }
    if (blueness !== undefined) blueness.values[half] = blueSum / pixels;
    if (redness !== undefined) redness.values[half] = redSum / pixels;
  }
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
