/** What a PNG's chunks say of the colours that its values mean (PNG third edition, 11.3.2). */
import { readIccProfile } from "../color/icc-profile.ts";
import { identity, type Matrix } from "../color/matrix.ts";
import { lightOfPrimaries, type Primaries } from "../color/primaries.ts";
import { toLight } from "../color/srgb.ts";
import { createToSrgb, type Curve, type ToSrgb } from "../color/to-srgb.ts";

/** Bytes of these chunks. Beside them, iCCP counts. */
export const colorChunkBytes: ReadonlyMap<string, number> = new Map([
  ["cICP", 4],
  ["sRGB", 1],
  ["gAMA", 4],
  ["cHRM", 32],
]);

/** Gamma and points of the diagram are written as numbers of hundred-thousandths. */
const unit = 100_000;
/** The curve of sRGB is written as this gamma; decoders take one that is as near to it for the same. */
const srgbGamma = 1 / 2.2;
const gammaTolerance = 0.05;

const d65 = [0.3127, 0.329];
/** ITU-T H.273, 8.1: of sRGB, of BT.2020 and of Display P3. */
const codedPrimaries: ReadonlyMap<number | undefined, Primaries> = new Map([
  [1, [...d65, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06]],
  [9, [...d65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046]],
  [12, [...d65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06]],
]);
const power =
  (exponent: number): Curve =>
  (value) =>
    value ** exponent;

/** 8.2: of television as screens show it, of gamma 2.2, of light itself and of sRGB. Those of HDR need a screen of its kind. */
const codedCurves: ReadonlyMap<number | undefined, Curve> = new Map([
  [1, power(2.4)],
  [4, power(2.2)],
  [8, power(1)],
  [13, toLight],
]);

/**
 * Takes the bodies of the chunks by their names, of iCCP the profile itself. cICP counts before the profile, this before
 * sRGB, and that before gAMA, beside which cHRM is read. Null when the values are those of sRGB, or are taken for them.
 */
export function colorsOf(chunks: ReadonlyMap<string, Uint8Array>, isColor: boolean): ToSrgb | null {
  const [codes, profile] = [chunks.get("cICP"), chunks.get("iCCP")];
  const [coded, curve] = [codedPrimaries.get(codes?.[0]), codedCurves.get(codes?.[1])];
  if (coded !== undefined && curve !== undefined) return fromCurve(curve, lightOfPrimaries(coded));
  if (profile !== undefined) return readIccProfile(profile, isColor);
  const [gamma] = numbersIn(chunks.has("sRGB") ? undefined : chunks.get("gAMA"));
  if (gamma === undefined || gamma === 0) return null;
  const light = lightOfPrimaries(numbersIn(chunks.get("cHRM")));
  if (light === null && Math.abs(gamma / srgbGamma - 1) < gammaTolerance) return null;
  return fromCurve(power(1 / gamma), light);
}

function fromCurve(curve: Curve, light: Matrix | null): ToSrgb | null {
  return createToSrgb([curve, curve, curve], light ?? identity);
}

function numbersIn(body?: Uint8Array): number[] {
  if (body === undefined) return [];
  const view = new DataView(body.buffer);
  return Array.from({ length: body.length / 4 }, (_, index) => view.getUint32(index * 4) / unit);
}
