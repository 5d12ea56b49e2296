/** What an isolate remembers of identifiers, so that a flood of refused calls never leaves it. Plain data, by key. */

export interface Known {
  /** Calls whose answer from the object is awaited, and when the last of them was sent. */
  asking: number;
  askedAt: number;
  /** What the object said last. */
  remaining: number;
  /** All calls are refused from one moment to the other, by the isolate's own clock. */
  refusedFrom: number;
  refusedUntil: number;
}

/** About 2 MB. */
export const MOST_KNOWN = 5000;
/** How many calls of an identifier may be under way to the object, of which it is not known that they will pass. */
const AT_ONCE = 8;

/** Where there are too many, the one that was asked for longest ago is forgotten: its next call asks the object. */
export function createMemory(): (key: string) => Known {
  const entries = new Map<string, Known>();
  return (key) => {
    const known = entries.get(key) ?? { asking: 0, askedAt: 0, remaining: 0, refusedFrom: 0, refusedUntil: 0 };
    entries.delete(key);
    entries.set(key, known);
    for (const oldest of entries.keys()) {
      if (entries.size <= MOST_KNOWN) break;
      entries.delete(oldest);
    }
    return known;
  };
}

/** Milliseconds for which calls are still refused. A clock that was set back refuses nobody: the object is asked. */
export function refusedFor({ refusedFrom, refusedUntil }: Known, now: number): number {
  return now < refusedFrom ? 0 : Math.max(0, refusedUntil - now);
}

/** @param patience milliseconds after which no answer is awaited any more: a call that was cut off takes its place along */
export function mayAsk(known: Known, now: number, patience: number): boolean {
  if (Math.abs(now - known.askedAt) > patience) known.asking = 0;
  return known.asking < Math.max(AT_ONCE, known.remaining);
}
