/** Which coefficients of a component's blocks are wanted, and how many bits of each the scans have brought so far. */
import { zigzag } from "../../thumbnail/zigzag.ts";
import { axisWeight, type BlockSide } from "./inverse-dct.ts";

/** The place of a coefficient that is not wanted. */
export const unwanted = 64;
/** The bits that are missing of a coefficient that has not come. */
const nothingYet = 255;
/**
 * Of 256: how far a coefficient may be off in a sample, before it is worth decoding the scans that refine it. They cost
 * more than all others together.
 */
const maxMissingLevels = 1.5;

export class Precision {
  readonly #side: BlockSide;
  /** By zigzag index: the place in side × side coefficients. */
  readonly places = new Uint8Array(64);
  /** By zigzag index: what 1 of a coefficient counts in an inverse DCT. */
  readonly factors = new Float32Array(64);
  /** The last zigzag index that is wanted. */
  readonly lastWanted: number;
  /** By zigzag index: the lowest bit that came. */
  readonly #missing = new Uint8Array(64).fill(nothingYet);

  constructor(side: BlockSide) {
    this.#side = side;
    for (const [index, place] of zigzag.entries()) {
      const [u, v] = [place & 7, place >> 3];
      this.places[index] = u < side && v < side ? v * side + u : unwanted;
    }
    this.lastWanted = this.places.findLastIndex((place) => place < unwanted);
  }

  /** Takes the steps of quantization, by zigzag index; later scans may replace their table. */
  quantize(stepAt: (index: number) => number): void {
    for (const index of this.#wanted()) {
      const place = zigzag[index] as number;
      this.factors[index] = stepAt(index) * axisWeight(this.#side, place & 7) * axisWeight(this.#side, place >> 3);
    }
  }

  /** From then on all of these have come down to `lowBit`. */
  begin(first: number, last: number, lowBit: number): void {
    this.#missing.fill(lowBit, first, last + 1);
  }

  /** Whether all of these came down to `highBit`, or, without one, none of them came. */
  isAt(first: number, last: number, highBit = nothingYet): boolean {
    return this.#missing.subarray(first, last + 1).every((missing) => missing === highBit);
  }

  isWanted(first: number, last: number): boolean {
    return this.#wanted(first, last).length > 0;
  }

  /** Whether some AC coefficient would be off so far, if nothing came below `lowBit`, that it could be seen. */
  isCoarseAt(lowBit: number): boolean {
    return this.#wanted(1).some((index) => this.#isCoarse(index, lowBit));
  }

  /** Whether all AC coefficients came. @param finely so that nothing more could be seen */
  hasAll(finely: boolean): boolean {
    return this.#wanted(1).every((index) => {
      const missing = this.#missing[index] as number;
      return missing !== nothingYet && !(finely && this.#isCoarse(index, missing));
    });
  }

  /** By place: the factors, and half of what each coefficient misses, which was cut off. */
  byPlace(): readonly [factors: Float32Array, halves: Float32Array] {
    const factors = new Float32Array(this.#side ** 2);
    const halves = new Float32Array(factors.length);
    for (const index of this.#wanted()) {
      const place = this.places[index] as number;
      const missing = this.#missing[index] as number;
      factors[place] = this.factors[index] as number;
      halves[place] = missing === nothingYet ? 0 : (2 ** missing - 1) / 2;
    }
    return [factors, halves];
  }

  #wanted(first = 0, last = this.lastWanted): readonly number[] {
    return [...this.places.keys()].filter(
      (index) => index >= first && index <= last && this.places[index] !== unwanted,
    );
  }

  #isCoarse(index: number, missing: number): boolean {
    return (2 ** missing - 1) * (this.factors[index] as number) > maxMissingLevels;
  }
}
