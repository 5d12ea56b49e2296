/**
 * Makes a sampler of a walk that finds the facts of a file, and a function that makes its grid once the bytes have
 * passed.
 */
import type { Grid } from "../grid.ts";
import type { Sampler, StoredSize } from "../sampler.ts";
import { Follower, type Walk } from "./walk.ts";

/** What a file reveals; the walk writes it as it comes to know it. */
export interface Facts {
  size: StoredSize | null;
  /** As EXIF counts it, 1 to 8; what the file says in other terms is translated. */
  orientation: number;
  /** Whether the file holds a sequence of pictures meant to be played; null when that is not known. */
  animated: boolean | null;
  /** Whether the file has an alpha channel or a transparent colour; null when that is not known. */
  hasAlpha: boolean | null;
  /** Why there is no grid although there could be one. */
  fault: string | null;
}

export function emptyFacts(): Facts {
  return { size: null, orientation: 1, animated: null, hasAlpha: null, fault: null };
}

type Finish = (facts: Facts) => Grid | null | Promise<Grid | null>;

/** For formats whose pixels are not read: the fault stays null when the size was found. */
const finishHeader: Finish = (facts) => {
  if (facts.size === null) facts.fault = "the file ends before its size";
  return null;
};

/** Ends when the walk does. `close` lets go of what the walk holds when it fails. */
export function createWalkSampler(
  walk: (facts: Facts) => Walk,
  finish: Finish = finishHeader,
  close: () => void = () => {},
): Sampler {
  const facts = emptyFacts();
  const follower = new Follower(walk(facts));
  const pushFrom = (chunk: Uint8Array, from: number): boolean | Promise<boolean> => {
    try {
      const at = follower.push(chunk, from);
      const { pause } = follower;
      if (pause === null) return follower.ended;
      return pause.then(() => {
        follower.pause = null;
        return pushFrom(chunk, at);
      });
    } catch (error) {
      close();
      throw error;
    }
  };
  return Object.assign(facts, {
    push: (chunk: Uint8Array) => pushFrom(chunk, 0),
    finish: () => finish(facts),
  });
}
