/**
 * Counts the work that one picture costs, so that no file can hold the CPU for long. Work is counted, not timed: the same file
 * always ends at the same byte. It knows no format; what something costs is said where it is done.
 */
import { UnreadableImage } from "./sampler.ts";

/** What one picture may still cost. */
export class Fuel {
  readonly #maxWork: number;
  #left: number;

  /** `maxWork` in the units of `ImageLimits`. */
  constructor(maxWork: number) {
    this.#maxWork = maxWork;
    this.#left = maxWork;
  }

  /**
   * Pays for work that is about to be done.
   * @throws UnreadableImage when there is less left; nothing more of the picture should be read then
   */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new UnreadableImage(`more than ${this.#maxWork} units of work`);
  }
}
