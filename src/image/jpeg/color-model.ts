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
  const width = components[0]?.average.columns ?? 0;
  const height = components[0]?.average.rows ?? 0;
  const rgba = new Uint8Array(width * height * 4);
  for (let cell = 0; cell < width * height; cell++) {
    const samples = components.map((component) => sampleOf(component, cell, precisionBits));
    if (samples.includes(Number.NaN)) continue;
    rgba.set([...toRgb(model, samples).map(toByte), 255], cell * 4);
  }
  return { width, height, rgba };
}

/** NaN where nothing was decoded. A block's DC is eight times its average; 12-bit samples are brought to 8 bits. */
function sampleOf({ average, step, missingBits }: Component, cell: number, precisionBits: number): number {
  // The bits a first scan leaves out were cut off: on average half of their range is missing.
  const whole = average.mean(cell, 0) * 2 ** missingBits + (2 ** missingBits - 1) / 2;
  return (whole * (step ?? 1)) / 8 / 2 ** (precisionBits - 8) + 128;
}

function toRgb({ isYcc, isInverted }: ColorModel, samples: readonly number[]): number[] {
  const [first = 0, second = first, third = first, black] = samples;
  const cb = second - 128;
  const cr = third - 128;
  // JFIF 1.02, section 7.
  const rgb = isYcc
    ? [first + 1.402 * cr, first - 0.344136 * cb - 0.714136 * cr, first + 1.772 * cb]
    : [first, second, third];
  if (black === undefined) return rgb;
  const isLight = isInverted && !isYcc;
  // Light that a colour's ink and the black ink let through; the plain formula, as no ICC profile is applied.
  return rgb.map((value) => (toByte(isLight ? value : 255 - value) * toByte(isInverted ? black : 255 - black)) / 255);
}
