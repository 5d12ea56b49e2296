/** How the components of a JPEG become colours, and its reduced planes a grid. */
import type { Grid } from "../grid.ts";
import type { Component, Frame } from "./frame.ts";
import { isNamed } from "./markers.ts";

/** One component is gray, three are colours, four have black as the last. */
export interface ColorModel {
  /** The first three are luma, blueness and redness instead of red, green and blue. */
  readonly isYcc: boolean;
  /** Four components are stored as light instead of ink, as Adobe's programs write them. */
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
  const names = String.fromCharCode(...components.map(({ id }) => id));
  return { isYcc: isInverted ? adobeTransform !== 0 : jfif || names !== "RGB", isInverted };
}

/** A cell that lacks one of its components stays transparent. */
export function gridFromPlanes({ components, precisionBits }: Frame, model: ColorModel): Grid {
  const planes = components.map((component) => samplesOf(component, precisionBits));
  const { columns: width, rows: height } = components[0]?.average ?? { columns: 0, rows: 0 };
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let cell = 0; cell < width * height; cell++) writeRgb(model, planes, cell, rgba);
  return { width, height, rgba };
}

/** By cell, 0 to 255 and a little beyond; NaN where nothing was decoded. */
function samplesOf({ average, step, missingBits }: Component, precisionBits: number): Float64Array {
  // A block's DC is eight times its average; 12-bit samples are brought to 8 bits.
  const scale = (step ?? 1) / 2 ** (precisionBits - 5);
  // The bits a first scan leaves out were cut off: on average half of their range is missing.
  const range = 2 ** missingBits;
  return new Float64Array(average.columns * average.rows).map(
    (_, cell) => (average.mean(cell, 0) * range + (range - 1) / 2) * scale + 128,
  );
}

function writeRgb(
  { isYcc, isInverted }: ColorModel,
  planes: readonly Float64Array[],
  cell: number,
  rgba: Uint8ClampedArray,
): void {
  const one = planes[0]?.[cell] ?? 0;
  const two = planes[1]?.[cell] ?? one;
  const three = planes[2]?.[cell] ?? one;
  const black = planes[3]?.[cell] ?? 255;
  if (Number.isNaN(one + two + three + black)) return;
  const at = cell * 4;
  // JFIF 1.02, section 7.
  rgba[at] = isYcc ? one + 1.402 * (three - 128) : one;
  rgba[at + 1] = isYcc ? one - 0.344136 * (two - 128) - 0.714136 * (three - 128) : two;
  rgba[at + 2] = isYcc ? one + 1.772 * (two - 128) : three;
  rgba[at + 3] = black;
  if (planes.length < 4) return;
  // Light that a colour's ink and the black ink let through; the plain formula, as no ICC profile is applied.
  const through = rgba[at + 3] as number;
  for (let channel = at; channel < at + 3; channel++) {
    const value = rgba[channel] as number;
    rgba[channel] = ((isInverted && !isYcc ? value : 255 - value) * (isInverted ? through : 255 - through)) / 255;
  }
  rgba[at + 3] = 255;
}
