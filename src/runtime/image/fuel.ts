/**
 * Limits the work that one picture costs, so that no file can hold the CPU for long. Work is counted, not timed: the
 * same file always ends at the same byte. Each cost is stated where the work is done.
 */
import type { Seat } from "../admission/turns.ts";
import { UnreadableImage } from "./sampler.ts";

/** The fault of a picture that only has to wait for others of its owner. */
export const BUSY = "too much work of one owner at a time";

/**
 * Pays for work that is about to be done, in the units of `ImageLimits`. `now` is the part that is done at once; the
 * seat is told of the rest as it is done.
 * @throws UnreadableImage when there is less left; nothing more of the picture should be read then
 */
export type Spend = (units: number, now?: number) => void;

export function createFuel(maxWork: number, seat: Seat): Spend {
  let left = maxWork;
  return (units, now = units) => {
    left -= units;
    if (left < 0) throw new UnreadableImage(`more than ${maxWork} units of work`);
    if (!seat.take(units)) throw new UnreadableImage(BUSY);
    seat.count(now);
  };
}
