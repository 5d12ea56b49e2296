/**
 * Makes bucket and registry agree again: removes what has expired, what was deleted long enough ago, and what an
 * interrupted call left pending or open. Every step is conditional and may be repeated, so a sweep that is killed is
 * finished by the next.
 */
import { Problem } from "../../contract/problem.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import type { FileCleanup, GoneFile } from "./cleanup.ts";
import type { FileRegistry } from "./registry.ts";

export interface SweepCounts {
  /** Stored files whose lifetime was over. */
  readonly expired: number;
  /** Pending files that no call can still be working on. */
  readonly abandoned: number;
  /** Deleted and expired files whose object need not be kept any longer. */
  readonly purged: number;
  /** Multipart uploads that were aborted. */
  readonly aborted: number;
  /** Files whose object and row are gone. */
  readonly removed: number;
}

/** Longer than any call may send, and any put of its last bytes can take. */
export const ABANDONED_SECONDS = 3600;
/** The most keys that one delete call of R2 takes. */
const BATCH_FILES = 1000;
/** Keeps one run within the queries that a Worker may send: https://developers.cloudflare.com/d1/platform/limits/ */
const MAX_BATCHES = 10;
/** Each is a call of its own: https://developers.cloudflare.com/workers/platform/limits/#subrequests */
export const MAX_ABORTS = 500;

/** Removes at most MAX_BATCHES × BATCH_FILES files; the rest waits for the next run. */
export async function sweepFiles(
  cleanup: FileCleanup,
  registry: Pick<FileRegistry, "forget">,
  store: ObjectStore,
  now: Date,
): Promise<SweepCounts> {
  const before = new Date(now.getTime() - ABANDONED_SECONDS * 1000).toISOString();
  const moment = now.toISOString();
  const expired = await cleanup.expire(moment, BATCH_FILES * MAX_BATCHES);
  const abandoned = await cleanup.abandonOlder(before, moment, BATCH_FILES * MAX_BATCHES);
  const purged = await cleanup.purge(moment, BATCH_FILES * MAX_BATCHES);
  let aborted = 0;
  let removed = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const gone = await cleanup.findGone(BATCH_FILES);
    if (gone.length === 0) break;
    const open = gone.filter(({ uploadId }) => uploadId !== null).slice(0, MAX_ABORTS - aborted);
    const ended = new Set(await abortUploads(store, open));
    aborted += ended.size;
    const keys = gone.filter(({ key, uploadId }) => uploadId === null || ended.has(key)).map(({ key }) => key);
    // A file whose upload could not be aborted keeps its row, and with it the id that the next run needs.
    if (keys.length === 0) break;
    await store.delete(keys);
    await registry.forget(keys);
    removed += keys.length;
  }
  return { expired, abandoned, purged, aborted, removed };
}

/** The keys whose upload is no longer open. */
export async function abortUploads(
  store: Pick<ObjectStore, "abort">,
  files: readonly GoneFile[],
): Promise<ObjectKey[]> {
  const ended: ObjectKey[] = [];
  for (const { key, uploadId } of files) {
    if (uploadId === null) continue;
    try {
      await store.abort(key, uploadId);
      ended.push(key);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }
  return ended;
}
