/** What a PNG's chunks say of the colours that its values mean (PNG third edition, 11.3.2). */
import { readIccProfile } from "../color/icc-profile.ts";
import { createToSrgb, type ToSrgb } from "../color/to-srgb.ts";

/** Gamma is written as a number of hundred-thousandths. */
const unit = 100_000;
/** The curve of sRGB is written as this gamma; decoders take one that is as near to it for the same. */
const srgbGamma = 1 / 2.2;
const gammaTolerance = 0.05;

/**
 * Takes the bodies of the chunks by their names, of iCCP the profile itself, which decides before everything else, then
 * sRGB. Null when the values are those of sRGB, or are taken for them.
 */
export function colorsOf(chunks: ReadonlyMap<string, Uint8Array>, isColor: boolean): ToSrgb | null {
  const [profile, body] = [chunks.get("iCCP"), chunks.get("gAMA")];
  if (profile !== undefined) return readIccProfile(profile, isColor);
  const gamma = body === undefined || chunks.has("sRGB") ? 0 : new DataView(body.buffer).getUint32(0) / unit;
  if (gamma === 0 || Math.abs(gamma / srgbGamma - 1) < gammaTolerance) return null;
  const curve = (value: number): number => value ** (1 / gamma);
  return createToSrgb([curve, curve, curve]);
}
