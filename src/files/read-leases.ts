/**
 * Read leases (Gray and Cheriton, 1989): an isolate may use a file's row that it has read for a moment longer, and who
 * ends reading answers only when that moment is over for every isolate. So a file that is much asked for is seldom looked
 * up, no isolate has to know of another, and still a request that begins after such an answer never sees what it ended.
 *
 * Why that holds. A lease is counted from the arrival of the request that looked the row up, before its query was sent;
 * the wait (end-of-reading) begins when the database has confirmed the end. A row of before was read before the end was
 * durable, so its lease began before the wait did, lasts no longer, and is over when the wait is. Each side measures a
 * duration on its own clock: those of two machines need not agree, but none may be set back within a lease.
 *
 * Workers' clock stands still between two I/O events, which is on the safe side: a request's moment is its arrival, never
 * later than its query. A row is used by requests that arrived while its lease ran. One that arrived before the answer may
 * be served afterwards, as it would be if its query had overtaken the end.
 *
 * Knows nothing of links, routes or HTTP. What runs without a caller (sweep, jobs, undoing) answers nobody and waits for
 * nothing; an expiry needs no wait, since the row says when it is.
 */
import type { ObjectKey } from "../storage/object-key.ts";
import type { LinkableFile, LinkRegistry } from "./link-registry.ts";

/** A row takes about 1 KB. */
const MAX_HELD_ROWS = 1000;

interface HeldRow {
  readonly found: LinkableFile;
  /** The arrival of the request that looked it up, as milliseconds. */
  readonly sinceMs: number;
}

/** What one isolate holds: plain values, since requests may not share a promise or a stream. */
export type HeldRows = Map<ObjectKey, HeldRow>;

/** Rows for one request. */
export interface LeasedRows {
  /** A row that was looked up a moment ago; null: look it up. */
  held(key: ObjectKey): LinkableFile | null;
  /** Looks the row up, in any status. One that can be read is held from now on. */
  find(key: ObjectKey): Promise<LinkableFile | null>;
}

/** @param find looks a row up; `now` the arrival of the request; `leaseMs` 0 holds nothing */
export function leaseRows(held: HeldRows, find: LinkRegistry["find"], leaseMs: number, now: Date): LeasedRows {
  return {
    held(key) {
      const row = held.get(key);
      const ageMs = row === undefined ? -1 : now.getTime() - row.sinceMs;
      // Below zero: the clock was set back, and nobody knows the row's age.
      return row !== undefined && ageMs >= 0 && ageMs < leaseMs ? row.found : null;
    },
    async find(key) {
      const found = await find(key);
      // What is stored or restored can be read at once: that it cannot is never held.
      if (leaseMs > 0 && found?.file.status === "stored") hold(held, key, { found, sinceMs: now.getTime() });
      return found;
    },
  };
}

function hold(held: HeldRows, key: ObjectKey, row: HeldRow): void {
  // Put in anew, so that the first of the map is the oldest.
  held.delete(key);
  held.set(key, row);
  const [oldest] = held.keys();
  if (held.size > MAX_HELD_ROWS && oldest !== undefined) held.delete(oldest);
}
