/**
 * The forward DCT of Arai, Agui and Nakajima: five multiplications for eight values, because what each coefficient is
 * too large by goes into its quantization.
 */
const shares = [1, 1.387039845, 1.306562965, 1.175875602, 1, 0.785694958, 0.5411961, 0.275899379];

/** What the coefficients of `transform` are to be multiplied by, for quantization steps; both in rows. */
export function quantizers(steps: Uint8Array): Float64Array {
  return Float64Array.from(steps, (step, at) => 1 / (8 * step * (shares[at & 7] ?? 1) * (shares[at >> 3] ?? 1)));
}

/** Transforms the lines of a block in place: its rows, whose values are 1 apart, or its columns. */
export function transform(block: Float64Array, step: number, lineStep: number): void {
  for (let v0 = 0; v0 < 8 * lineStep; v0 += lineStep) {
    const v1 = v0 + step;
    const v2 = v1 + step;
    const v3 = v2 + step;
    const v4 = v3 + step;
    const v5 = v4 + step;
    const v6 = v5 + step;
    const v7 = v6 + step;
    const sum0 = (block[v0] as number) + (block[v7] as number);
    const difference0 = (block[v0] as number) - (block[v7] as number);
    const sum1 = (block[v1] as number) + (block[v6] as number);
    const difference1 = (block[v1] as number) - (block[v6] as number);
    const sum2 = (block[v2] as number) + (block[v5] as number);
    const difference2 = (block[v2] as number) - (block[v5] as number);
    const sum3 = (block[v3] as number) + (block[v4] as number);
    const difference3 = (block[v3] as number) - (block[v4] as number);

    const outer = sum0 + sum3;
    const inner = sum1 + sum2;
    const outerDifference = sum0 - sum3;
    const turned = (sum1 - sum2 + outerDifference) * Math.SQRT1_2;
    block[v0] = outer + inner;
    block[v4] = outer - inner;
    block[v2] = outerDifference + turned;
    block[v6] = outerDifference - turned;

    const low = difference3 + difference2;
    const middle = (difference2 + difference1) * Math.SQRT1_2;
    const high = difference1 + difference0;
    const shared = (low - high) * 0.382683433;
    const lowTurned = 0.5411961 * low + shared;
    const highTurned = 1.306562965 * high + shared;
    const near = difference0 + middle;
    const far = difference0 - middle;
    block[v5] = far + lowTurned;
    block[v3] = far - lowTurned;
    block[v1] = near + highTurned;
    block[v7] = near - highTurned;
  }
}
