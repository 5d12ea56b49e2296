/** One at a time sends the same upload: in this page, and where the browser has Web Locks, in all tabs. */
import { orAbort } from "../abort.ts";

/** Of each name, when the last one will have ended. */
const ends = new Map<string, Promise<unknown>>();

/** @param isShared with other tabs, where the browser can */
export function takeTurn<Result>(
  name: string,
  isShared: boolean,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const { locks } = globalThis.navigator ?? {};
  if (isShared && locks !== undefined) return locks.request(name, { signal }, work);
  const before = ends.get(name) ?? Promise.resolve();
  const turn = orAbort(() => before, signal).then(work);
  // Whoever no longer waits has not ended the one before.
  const end = Promise.allSettled([before, turn]).finally(() => {
    if (ends.get(name) === end) ends.delete(name);
  });
  ends.set(name, end);
  return turn;
}
