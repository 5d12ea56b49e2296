/** Makes ICC profiles for tests: primaries and curves, gray, and files that are wrong on purpose. */
import { bigEndian, bytesOf } from "./header-files.ts";
import { segment } from "./jpeg-encoder.ts";

/** X, Y and Z of each colour under D50, as profiles of these spaces have them. */
export const d50 = {
  srgb: [
    [0.43607, 0.22249, 0.01392],
    [0.38515, 0.71687, 0.09708],
    [0.14307, 0.06061, 0.7141],
  ],
  displayP3: [
    [0.51512, 0.2412, -0.00105],
    [0.29198, 0.69225, 0.04189],
    [0.1571, 0.06657, 0.78407],
  ],
  adobeRgb: [
    [0.60974, 0.31111, 0.01947],
    [0.20528, 0.62567, 0.06087],
    [0.14919, 0.06322, 0.74457],
  ],
  proPhoto: [
    [0.79767, 0.28804, 0],
    [0.13519, 0.71188, 0],
    [0.03134, 0.00009, 0.82491],
  ],
} as const;

const fixed = (value: number): Uint8Array => bigEndian(Math.round(value * 65_536) & 0xffffffff, 4);
const tagOf = (type: string, ...parts: readonly Uint8Array[]): Uint8Array => bytesOf(type, bigEndian(0, 4), ...parts);

/** Curves as tags: x^gamma, the formula of ICC's table 68, and a table over any function. */
export const gammaCurve = (gamma: number): Uint8Array =>
  tagOf("curv", bigEndian(1, 4), bigEndian(Math.round(gamma * 256), 2));
export const identityCurve = tagOf("curv", bigEndian(0, 4));
export const parametricCurve = (type: number, ...parameters: readonly number[]): Uint8Array =>
  tagOf("para", bigEndian(type, 2), bigEndian(0, 2), ...parameters.map(fixed));
export const tableCurve = (entries: number, light: (value: number) => number): Uint8Array =>
  tagOf(
    "curv",
    bigEndian(entries, 4),
    ...Array.from({ length: entries }, (_, index) => bigEndian(Math.round(light(index / (entries - 1)) * 65_535), 2)),
  );
export const srgbCurve = parametricCurve(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045);

export const xyzTag = (values: readonly number[]): Uint8Array => tagOf("XYZ ", ...values.map(fixed));

/** A profile of any tags; version 4, for a display. */
export function iccProfile(space: "RGB " | "GRAY" | "CMYK", tags: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const all = Object.entries({
    desc: tagOf("mluc", bytesOf(bigEndian(1, 4), bigEndian(12, 4), "enUS", bigEndian(2, 4), bigEndian(28, 4), 0, "x")),
    wtpt: xyzTag([0.9642, 1, 0.8249]),
    ...tags,
  });
  let at = 132 + all.length * 12;
  const entries: Uint8Array[] = [];
  const bodies: Uint8Array[] = [];
  for (const [name, body] of all) {
    const padded = bytesOf(body, new Uint8Array((4 - (body.length % 4)) % 4));
    entries.push(bytesOf(name, bigEndian(at, 4), bigEndian(body.length, 4)));
    bodies.push(padded);
    at += padded.length;
  }
  const head = bytesOf(
    bigEndian(at, 4),
    new Uint8Array(4),
    Uint8Array.of(4, 0x30, 0, 0),
    "mntr",
    space,
    "XYZ ",
    new Uint8Array(12),
    "acsp",
    new Uint8Array(28),
    ...[0.9642, 1, 0.8249].map(fixed),
    new Uint8Array(48),
  );
  return bytesOf(head, bigEndian(all.length, 4), ...entries, ...bodies);
}

type Columns = readonly (readonly number[])[];

/** Of three primaries with one curve. */
export function rgbProfile([red, green, blue]: Columns, curve: Uint8Array): Uint8Array {
  const colorants = { rXYZ: xyzTag(red ?? []), gXYZ: xyzTag(green ?? []), bXYZ: xyzTag(blue ?? []) };
  return iccProfile("RGB ", { ...colorants, rTRC: curve, gTRC: curve, bTRC: curve });
}

export const grayProfile = (curve: Uint8Array): Uint8Array => iccProfile("GRAY", { kTRC: curve });

/** APP2 segments with a profile cut into parts of so many bytes. */
export function profileSegments(profile: Uint8Array, partBytes = 60_000): Uint8Array[] {
  const count = Math.ceil(profile.length / partBytes);
  return Array.from({ length: count }, (_, index) =>
    segment(
      0xe2,
      bytesOf("ICC_PROFILE\0", index + 1, count, profile.subarray(index * partBytes, (index + 1) * partBytes)),
    ),
  );
}
