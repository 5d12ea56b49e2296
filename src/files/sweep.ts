/**
 * Brings bucket and registry back together: what expired, what was deleted and not removed, what an interrupted call left
 * pending. Every step is conditional and may be repeated, so that a sweep that is killed is finished by the next one.
 */
import type { ObjectStore } from "../storage/object-store.ts";
import type { FileRegistry } from "./registry.ts";

export interface SweepCounts {
  /** Stored files whose time was over. */
  readonly expired: number;
  /** Pending files that no call can still be working on. */
  readonly abandoned: number;
  /** Files whose object and row are gone. */
  readonly removed: number;
}

/** No upload takes an hour: a body must keep arriving, and is limited in size. */
const ABANDONED_SECONDS = 3600;
/** One delete call of R2 takes as many keys. */
const BATCH_FILES = 1000;
/** Keeps one run within the queries that a Worker may send: https://developers.cloudflare.com/d1/platform/limits/ */
const MAX_BATCHES = 10;

/** Removes at most MAX_BATCHES × BATCH_FILES files; the rest waits for the next run. */
export async function sweepFiles(registry: FileRegistry, store: ObjectStore, now: Date): Promise<SweepCounts> {
  const before = new Date(now.getTime() - ABANDONED_SECONDS * 1000).toISOString();
  const expired = await registry.expire(now.toISOString(), BATCH_FILES * MAX_BATCHES);
  const abandoned = await registry.abandonOlder(before, now.toISOString(), BATCH_FILES * MAX_BATCHES);
  let removed = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const keys = await registry.findPurgeable(now.toISOString(), BATCH_FILES);
    if (keys.length === 0) break;
    await store.delete(keys);
    await registry.forget(keys);
    removed += keys.length;
  }
  return { expired, abandoned, removed };
}
