/**
 * How the components of a JPEG become colours, and with that the grid of its reduced planes.
 */
import { toByte, type Grid } from "../grid.ts";
import type { Component, Frame } from "./frame.ts";
import { isNamed } from "./markers.ts";

/** One component is gray, three are colours, four have black as the last. */
export interface ColorModel {
  /** The first three are luma, blueness and redness instead of red, green and blue. */
  readonly isYcc: boolean;
  /** Four components are light instead of ink, as Adobe's programs write it. */
  readonly isInverted: boolean;
}

/** The transform of an Adobe APP14 segment, null for another application's segment. */
export function readAdobeTransform(body: Uint8Array): number | null {
  return isNamed(body, "Adobe") ? (body[11] ?? null) : null;
}

/** Adobe's transform decides, then JFIF (which is always YCbCr), then the components' names. */
export function colorModelOf({ components }: Frame, adobeTransform: number | null, jfif: boolean): ColorModel {
  const isInverted = adobeTransform !== null;
  if (components.length !== 3) return { isYcc: components.length === 4 && adobeTransform === 2, isInverted };
  const isRgb =
    !jfif &&
    isNamed(
      Uint8Array.from(components, ({ id }) => id),
      "RGB",
    );
  return { isYcc: isInverted ? adobeTransform !== 0 : !isRgb, isInverted };
}

/** A cell that lacks one of its components stays transparent. */
export function gridFromPlanes({ components, precisionBits }: Frame, model: ColorModel): Grid {
  const planes = components.map((component) => samplesOf(component, precisionBits));
  const { columns: width, rows: height } = components[0]?.average ?? { columns: 0, rows: 0 };
  const rgba = new Uint8Array(width * height * 4);
  const samples = new Float64Array(planes.length);
  for (let cell = 0; cell < width * height; cell++) {
    for (let index = 0; index < planes.length; index++) samples[index] = planes[index]?.[cell] ?? 0;
    if (samples.includes(Number.NaN)) continue;
    writeRgb(model, samples, rgba, cell * 4);
  }
  return { width, height, rgba };
}

/** By cell; NaN where nothing was decoded. */
function samplesOf({ average, step, missingBits }: Component, precisionBits: number): Float64Array {
  // A block's DC is eight times its average; 12-bit samples are brought to 8 bits.
  const scale = (step ?? 1) / 8 / 2 ** (precisionBits - 8);
  // The bits a first scan leaves out were cut off: on average half of their range is missing.
  const missing = (2 ** missingBits - 1) / 2;
  return new Float64Array(average.columns * average.rows).map(
    (_, cell) => (average.mean(cell, 0) * 2 ** missingBits + missing) * scale + 128,
  );
}

function writeRgb({ isYcc, isInverted }: ColorModel, samples: Float64Array, rgba: Uint8Array, at: number): void {
  let red = samples[0] as number;
  let [green, blue] = [red, red];
  if (isYcc) {
    // JFIF 1.02, section 7.
    const cb = (samples[1] as number) - 128;
    const cr = (samples[2] as number) - 128;
    blue += 1.772 * cb;
    green -= 0.344136 * cb + 0.714136 * cr;
    red += 1.402 * cr;
  } else if (samples.length > 1) {
    green = samples[1] as number;
    blue = samples[2] as number;
  }
  rgba[at] = toByte(red);
  rgba[at + 1] = toByte(green);
  rgba[at + 2] = toByte(blue);
  rgba[at + 3] = 255;
  if (samples.length < 4) return;
  // Light that a colour's ink and the black ink let through; the plain formula, as no ICC profile is applied.
  const black = toByte(samples[3] as number);
  for (let channel = at; channel < at + 3; channel++) {
    const value = rgba[channel] as number;
    rgba[channel] = toByte(((isInverted && !isYcc ? value : 255 - value) * (isInverted ? black : 255 - black)) / 255);
  }
}
