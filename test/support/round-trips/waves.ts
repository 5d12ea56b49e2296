/**
 * Holds the answer of every call of a binding until nothing else moves, and then lets all of them go at once: one wave.
 * So each call takes one unit of time, however long it takes here, and the number of waves until something happens is the
 * length of the longest chain of calls that it waited for.
 */
import type { BindingCall, Watch } from "../watched-bindings.ts";

export interface WatchedCall extends BindingCall {
  /** The waves that had gone when it was made. */
  readonly wave: number;
  /** What it resolved with; undefined: it failed, or has no result yet. */
  readonly result?: unknown;
}

export interface Waves {
  readonly watch: Watch;
  /** In the order in which they were made. */
  readonly calls: readonly WatchedCall[];
  /** How many have gone. */
  readonly count: number;
  /** Tells of something that moved and is no call. */
  stir(): void;
  /** Resolves once nothing moves any more; true when answers are held. */
  settle(): Promise<boolean>;
  /** Lets the answers go that are held. */
  release(): void;
}

/**
 * Nothing moves when so many looks in a row saw nothing new. The isolate has one thread, and the events that are ready
 * come before the next look: a machine that is busy makes the looks late, and no fewer.
 */
const LOOKS = 8;
const LOOK_MILLISECONDS = 1;
/** The same while a call reads a stream: its source may be waiting for an answer that is held. */
const LOOKS_OF_STREAM = 100;

export function createWaves(): Waves {
  const calls: WatchedCall[] = [];
  const underWay = new Set<BindingCall>();
  let held: (() => void)[] = [];
  let count = 0;
  let movements = 0;

  const looksNeeded = () => {
    if (underWay.size === 0) return LOOKS;
    return [...underWay].every(readsStream) ? LOOKS_OF_STREAM : Infinity;
  };
  const watch: Watch = async (call, make) => {
    const watched: { -readonly [Name in keyof WatchedCall]: WatchedCall[Name] } = { ...call, wave: count };
    calls.push(watched);
    underWay.add(call);
    movements++;
    try {
      const result = await make();
      watched.result = result;
      return result;
    } finally {
      underWay.delete(call);
      movements++;
      await new Promise<void>((resolve) => held.push(resolve));
    }
  };

  return {
    watch,
    calls,
    get count() {
      return count;
    },
    stir: () => void movements++,
    async settle() {
      for (let looks = 0, seen = movements; looks < looksNeeded(); looks++) {
        await scheduler.wait(LOOK_MILLISECONDS);
        if (seen !== movements) looks = -1;
        seen = movements;
      }
      return held.length > 0;
    },
    release() {
      const going = held;
      held = [];
      count++;
      for (const go of going) go();
    },
  };
}

const readsStream = ({ parameters }: BindingCall) => parameters.some((value) => value instanceof ReadableStream);
