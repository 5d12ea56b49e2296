/**
 * Reads ICC profiles (ICC.1:2022) that describe colours by three primaries and their curves, or gray by its curve:
 * Display P3, Adobe RGB, ProPhoto. Profiles made of look-up tables, and those of ink, are not read.
 */
import { nameAt } from "../structure/walk.ts";
import { apply, fromColumns, type Matrix, type Triple } from "./matrix.ts";
import { createToSrgb, type Curve, type ToSrgb } from "./to-srgb.ts";

/** A longer profile is not held; those of this kind have 0.5 to 30 KB. */
export const maxProfileBytes = 65_536;

const profileMark = 0x61637370; // acsp
const rgbSpace = 0x52474220;
const graySpace = 0x47524159;
const xyzSpace = 0x58595a20;
const curveType = 0x63757276;
const parametricType = 0x70617261;
const tagTable = 128;
const maxTags = 100;
/** Parameters of each type of parametric curve (table 68). */
const parameterCounts = [1, 3, 4, 5, 7];

/** Light of sRGB, by row, that X, Y and Z of a profile give: the inverse of sRGB's primaries under D50. */
const lightOfXyz: Matrix = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
];

/**
 * Null when the profile is sRGB within what can be seen, is none for such a picture, is of another kind, or is broken.
 * Takes as long whatever it says. `isColor`: red, green and blue, to which a profile of gray says nothing.
 */
export function readIccProfile(bytes: Uint8Array, isColor: boolean): ToSrgb | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    if (view.getUint32(36) !== profileMark || view.getUint32(20) !== xyzSpace) return null;
    const curveOf = (name: string): Curve => readCurve(view, tagAt(view, name));
    const space = view.getUint32(16);
    if (space === graySpace && !isColor) {
      const curve = curveOf("kTRC");
      return createToSrgb([curve, curve, curve]);
    }
    // Gray has as much of each colour.
    if (space !== rgbSpace) return null;
    const lightOf = (name: string): Triple => apply(lightOfXyz, xyzAt(view, tagAt(view, name) + 8));
    return createToSrgb(
      [curveOf("rTRC"), curveOf("gTRC"), curveOf("bTRC")],
      fromColumns(lightOf("rXYZ"), lightOf("gXYZ"), lightOf("bXYZ")),
    );
  } catch {
    // A view throws where the profile ends too early.
    return null;
  }
}

/** Where a tag's data begin. @throws RangeError when there is no such tag */
function tagAt(view: DataView, name: string): number {
  const count = Math.min(maxTags, view.getUint32(tagTable));
  for (let entry = tagTable + 4; entry < tagTable + 4 + count * 12; entry += 12) {
    if (nameAt(view, entry) === name) return view.getUint32(entry + 4);
  }
  throw new RangeError(name);
}

function xyzAt(view: DataView, at: number): Triple {
  return [fixedAt(view, at), fixedAt(view, at + 4), fixedAt(view, at + 8)];
}

function fixedAt(view: DataView, at: number): number {
  return view.getInt32(at) / 65536;
}

/** Reads its numbers where they lie: nothing is copied. @throws RangeError when it does not fit the profile */
function readCurve(view: DataView, at: number): Curve {
  const type = view.getUint32(at);
  if (type === parametricType) return readParameters(view, at);
  if (type !== curveType) throw new RangeError("no curve");
  const count = view.getUint32(at + 8);
  const entry = (index: number): number => view.getUint16(at + 12 + index * 2);
  if (count === 0) return (value) => value;
  const last = entry(count - 1);
  if (count === 1) return (value) => value ** (last / 256);
  return (value) => {
    const place = value * (count - 1);
    const below = Math.min(count - 2, Math.floor(place));
    return (entry(below) + (entry(below + 1) - entry(below)) * (place - below)) / 65535;
  };
}

/** (10.18) */
function readParameters(view: DataView, at: number): Curve {
  const type = view.getUint16(at + 8);
  const count = parameterCounts[type];
  if (count === undefined) throw new RangeError("no curve");
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from({ length: count }, (_, index) =>
    fixedAt(view, at + 12 + index * 4),
  );
  if (type === 0) return (value) => value ** g;
  // The first types have no line below their curve; what they add to it is c.
  const [border, slope, above, below] = type < 3 ? [-b / a, 0, c, c] : [d, c, e, f];
  return (value) => (value >= border ? (a * value + b) ** g + above : slope * value + below);
}
