/**
 * A sampler for formats whose header is read and whose pixels are not: there is a size and never a grid. It knows no format;
 * a walk finds the facts.
 */
import type { Sampler, StoredSize } from "../sampler.ts";
import { Follower, type Walk } from "./walk.ts";

/** What a header tells; written by a walk as it comes to know it. */
export interface HeaderFacts {
  size: StoredSize | null;
  /** As EXIF counts it, 1 to 8; what the file says in other terms is translated. */
  orientation: number;
  /** Whether the file holds a sequence of pictures meant to be played; null when that is not known. */
  animated: boolean | null;
  /** Whether the file has an alpha channel or a transparent colour; null when that is not known. */
  hasAlpha: boolean | null;
}

/** Ends when the walk does. `finish` answers null; `fault` stays null when the size was found. */
export function createHeaderSampler(walk: (facts: HeaderFacts) => Walk): Sampler {
  const facts: HeaderFacts & { fault: string | null } = {
    size: null,
    orientation: 1,
    animated: null,
    hasAlpha: null,
    fault: null,
  };
  const follower = new Follower(walk(facts));
  return Object.assign(facts, {
    push(chunk: Uint8Array): boolean {
      follower.push(chunk);
      return follower.ended;
    },
    finish(): null {
      if (facts.size === null) facts.fault = "the file ends before its size";
      return null;
    },
  });
}
