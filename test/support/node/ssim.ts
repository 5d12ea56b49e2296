/** How alike two pictures look: the structural similarity index of their luma (Wang et al., 2004), 11 × 11 Gaussian. */

export interface LumaPicture {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array;
}

const reach = 5;
const deviation = 1.5;
const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, at) =>
  Math.exp(-((at - reach) ** 2) / (2 * deviation ** 2)),
);
const kernelSum = kernel.reduce((sum, weight) => sum + weight);
const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];

/** Of pixels of `channels` bytes, red, green and blue first. */
export function lumaPicture(pixels: Uint8Array, width: number, height: number, channels: number): LumaPicture {
  const values = Float64Array.from({ length: width * height }, (_, at) => {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(at * channels);
    return channels < 3 ? red : 0.299 * red + 0.587 * green + 0.114 * blue;
  });
  return { width, height, values };
}

/** 1: the same. The pictures are of one size; at the edges they are taken as repeated. */
export function meanSsim(one: LumaPicture, other: LumaPicture): number {
  if (one.width !== other.width || one.height !== other.height) throw new Error("pictures of two sizes");
  const product = (left: LumaPicture, right: LumaPicture): LumaPicture => ({
    ...left,
    values: left.values.map((value, at) => value * (right.values[at] ?? 0)),
  });
  const [meanOne, meanOther, squareOne, squareOther, cross] = [
    one,
    other,
    product(one, one),
    product(other, other),
    product(one, other),
  ].map((picture) => blur(picture)) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const sum = meanOne.reduce((total, a, at) => {
    const b = meanOther[at] ?? 0;
    const [varianceA, varianceB] = [(squareOne[at] ?? 0) - a * a, (squareOther[at] ?? 0) - b * b];
    const covariance = (cross[at] ?? 0) - a * b;
    return total + ((2 * a * b + c1) * (2 * covariance + c2)) / ((a * a + b * b + c1) * (varianceA + varianceB + c2));
  }, 0);
  return sum / meanOne.length;
}

function blur({ width, height, values }: LumaPicture): Float64Array {
  const across = along(values, width, height, 1, width);
  return along(across, height, width, width, 1);
}

/** Blurs lines of `length` pixels, `step` apart; there are `count` of them, `next` apart. */
function along(values: Float64Array, length: number, count: number, step: number, next: number): Float64Array {
  const blurred = new Float64Array(values.length);
  for (let line = 0; line < count; line++) {
    for (let place = 0; place < length; place++) {
      let sum = 0;
      for (let tap = -reach; tap <= reach; tap++) {
        const from = Math.max(0, Math.min(length - 1, place + tap));
        sum += (kernel[tap + reach] ?? 0) * (values[line * next + from * step] ?? 0);
      }
      blurred[line * next + place * step] = sum / kernelSum;
    }
  }
  return blurred;
}
