/** How the components of a JPEG become colours, and its reduced planes a grid. */
import type { CellAverage } from "../cell-average.ts";
import type { ToSrgb } from "../color/to-srgb.ts";
import { gridFromPixels } from "../grid-from-average.ts";
import { gridSize, toRgba, type Grid } from "../grid.ts";
import type { Component, Frame } from "./frame.ts";
import { isNamed } from "./marker.ts";

/** One component is gray, three are colours, four have black as the last. Ink is stored as the light that it lets through. */
export interface ColorModel {
  /** The first three are luma, blueness and redness instead of red, green and blue. */
  readonly isYcc: boolean;
}

/** The transform of an Adobe APP14 segment, null for another application's segment. */
export function readAdobeTransform(body: Uint8Array): number | null {
  return isNamed(body, "Adobe") ? (body[11] ?? null) : null;
}

/** JFIF (which is always YCbCr) decides, then Adobe's transform, then the components' names, as in libjpeg. */
export function colorModelOf({ components }: Frame, adobeTransform: number | null, jfif: boolean): ColorModel {
  if (components.length === 4) return { isYcc: (adobeTransform ?? 0) !== 0 };
  if (components.length !== 3) return { isYcc: false };
  const names = String.fromCharCode(...components.map(({ id }) => id));
  return { isYcc: jfif || (adobeTransform === null ? names !== "RGB" : adobeTransform !== 0) };
}

/** What lacks one of its components stays transparent. */
export function gridFromPlanes(frame: Frame, { isYcc }: ColorModel, toSrgb: ToSrgb | null): Grid {
  const { width, height, columns, rows, components } = frame;
  const cells = colorsOf(frame, isYcc, columns * rows, (average) => average.means());
  // The cells are finer than the grid's, and have their black in them already.
  if (components.length === 4) {
    return gridFromPixels(columns, rows, toRgba(cells, null), gridSize(width, height, columns, rows));
  }
  const pointCount = components[0]?.levels[0]?.average.points.length ?? 0;
  const points = colorsOf(frame, isYcc, pointCount, (average) => average.points);
  return { width: columns, height: rows, rgba: toRgba(cells, toSrgb), points: toRgba(points, toSrgb) };
}

type ReadAverage = (average: CellAverage) => Float32Array;

function colorsOf(frame: Frame, isYcc: boolean, count: number, read: ReadAverage): Float64Array {
  const planes = frame.components.map((component) => samplesOf(component, frame.precisionBits, count, read));
  const colors = new Float64Array(count * 4);
  for (let index = 0; index < count; index++) mix(planes, isYcc, index, colors, index * 4);
  return colors;
}

/** 0 to 255 and a little beyond; NaN where nothing was decoded. */
function samplesOf(component: Component, precisionBits: number, count: number, read: ReadAverage): Float64Array {
  const scale = levelsOfStep(component, precisionBits);
  // Where the last bits were not waited for, half of their range is missing on average: they were cut off.
  const missing = isSettled(component, precisionBits) ? (2 ** component.missingBits - 1) / 2 : 0;
  const samples = new Float64Array(count).fill(missing * scale + 128);
  for (const [level, { average, unit }] of component.levels.entries()) {
    const values = read(average);
    const factor = unit * scale;
    for (let index = 0; index < count; index++) {
      const value = (values[index] as number) * factor;
      if (level === 0 || !Number.isNaN(value)) samples[index] = (samples[index] as number) + value;
    }
  }
  return samples;
}

/** Of 256, for 1 of a DC value: it is eight times its block's average, and 12-bit samples are brought to 8 bits. */
function levelsOfStep({ step }: Component, precisionBits: number): number {
  return (step ?? 1) / 2 ** (precisionBits - 5);
}

/** Whether the bits that are still missing make no difference that can be seen. */
export function isSettled(component: Component, precisionBits: number): boolean {
  return (2 ** component.missingBits - 1) * levelsOfStep(component, precisionBits) < maxMissingLevels;
}

/** Of 256. Fine pictures are long, and their last bits come late; of coarse ones they count, and these are short. */
const maxMissingLevels = 0.8;

/** Writes the colour that planes make together at an index; leaves out one that lacks a component. */
export function mix(
  planes: readonly ArrayLike<number>[],
  isYcc: boolean,
  index: number,
  rgba: Float64Array,
  at: number,
): void {
  const first = planes[0] as ArrayLike<number>;
  const one = first[index] as number;
  const two = (planes[1] ?? first)[index] as number;
  const three = (planes[2] ?? first)[index] as number;
  const black = planes[3] === undefined ? 255 : cut(planes[3][index] as number);
  if (Number.isNaN(one + two + three + black)) return;
  rgba[at] = one;
  rgba[at + 1] = two;
  rgba[at + 2] = three;
  rgba[at + 3] = 255;
  if (isYcc) yccToRgb(rgba, at);
  if (planes.length < 4) return;
  // Light that a colour's ink and the black ink let through; the plain formula, as no ICC profile is applied.
  for (let channel = at; channel < at + 3; channel++) {
    const through = cut(rgba[channel] as number);
    rgba[channel] = ((isYcc ? 255 - through : through) * black) / 255;
  }
}

/** In place (JFIF 1.02, section 7); the colours may lie a little beyond 0 to 255. */
export function yccToRgb(values: Float32Array | Float64Array, at: number): void {
  const luma = values[at] as number;
  const blueness = (values[at + 1] as number) - 128;
  const redness = (values[at + 2] as number) - 128;
  values[at] = luma + 1.402 * redness;
  values[at + 1] = luma - 0.344136 * blueness - 0.714136 * redness;
  values[at + 2] = luma + 1.772 * blueness;
}

function cut(value: number): number {
  return Math.min(255, Math.max(0, value));
}
