/** What a PNG's chunks say of the colours that its values mean (PNG third edition, 11.3.2). */
import { readIccProfile } from "../color/icc-profile.ts";
import { apply, cross, dot, fromColumns, identity, type Matrix, type Triple } from "../color/matrix.ts";
import { toLight } from "../color/srgb.ts";
import { createToSrgb, type Curve, type ToSrgb } from "../color/to-srgb.ts";

/** The bodies of the chunks, of iCCP the profile itself. */
export interface ColorChunks {
  profile: Uint8Array | null;
  isSrgb: boolean;
  gamma: Uint8Array | null;
  chromaticities: Uint8Array | null;
}

/** Both are written as a number of hundred-thousandths. */
const unit = 100_000;
/** The curve of sRGB is written as this gamma; decoders take one that is as near to it for the same. */
const srgbGamma = 1 / 2.2;
const gammaTolerance = 0.05;

/** Light of sRGB, by row, that X, Y and Z give under D65. */
const lightOfXyz: Matrix = [
  [3.2404542, -1.5371385, -0.4985314],
  [-0.969266, 1.8760108, 0.041556],
  [0.0556434, -0.2040259, 1.0572252],
];

/** A profile decides before everything else, then sRGB. Null when the values are those of sRGB, or are taken for them. */
export function colorsOf(chunks: ColorChunks, isColor: boolean): ToSrgb | null {
  const { profile, isSrgb, gamma, chromaticities } = chunks;
  if (profile !== null) return readIccProfile(profile, isColor);
  if (isSrgb || (gamma === null && chromaticities === null)) return null;
  const curve = gamma === null ? toLight : gammaCurve(viewOf(gamma).getUint32(0) / unit);
  const matrix = chromaticities === null || !isColor ? identity : primariesOf(viewOf(chromaticities));
  return createToSrgb([curve, curve, curve], matrix);
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

function gammaCurve(gamma: number): Curve {
  if (gamma === 0 || Math.abs(gamma / srgbGamma - 1) < gammaTolerance) return toLight;
  return (value) => value ** (1 / gamma);
}

/** What red, green and blue give to the light of sRGB when all of them together are its white. */
function primariesOf(view: DataView): Matrix {
  const at = (index: number): Triple => {
    const [x, y] = [view.getUint32(index * 8) / unit, view.getUint32(index * 8 + 4) / unit];
    return apply(lightOfXyz, [x / y, 1, (1 - x - y) / y]);
  };
  const white = at(0);
  const relative = ([red, green, blue]: Triple): Triple => [red / white[0], green / white[1], blue / white[2]];
  const [red, green, blue] = [relative(at(1)), relative(at(2)), relative(at(3))];
  const normal = cross(green, blue);
  const share = (sides: Triple): number => (sides[0] + sides[1] + sides[2]) / dot(red, normal);
  const scaled = (color: Triple, by: number): Triple => [color[0] * by, color[1] * by, color[2] * by];
  return fromColumns(
    scaled(red, share(normal)),
    scaled(green, share(cross(blue, red))),
    scaled(blue, share(cross(red, green))),
  );
}
