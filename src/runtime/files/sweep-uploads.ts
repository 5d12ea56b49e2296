/**
 * Aborts multipart uploads that no row knows: those of a call that was killed after R2 had opened one and before its
 * row had the id. It needs no row and keeps no position, because an aborted upload is no longer listed.
 */
import { Problem } from "../../contract/problem.ts";
import { readOwnKey } from "../storage/object-key.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import type { ListUploads, OpenUpload, UploadMarker } from "../storage/r2/upload-page.ts";
import type { FileCleanup, GoneFile } from "./cleanup.ts";
import { ABANDONED_SECONDS, abortUploads, MAX_ABORTS } from "./sweep.ts";

/**
 * Each costs a call. An upload behind so many others, none of them the runtime's own, is left to R2, which drops it
 * after a week.
 */
const MAX_PAGES = 10;

export interface UploadSweep {
  readonly store: Pick<ObjectStore, "abort">;
  readonly cleanup: Pick<FileCleanup, "findArriving">;
}

/**
 * Aborts at most MAX_ABORTS of them and resolves with how many; null where there is no list. A fault of the list goes
 * to `log` and nowhere else. Uploads that it leaves open wait for the next run, like one that cannot be aborted.
 * @param open may throw Problem `misconfigured`
 */
export async function sweepUploads(
  open: () => ListUploads | null,
  { store, cleanup }: UploadSweep,
  now: Date,
  log: (reason: string) => void,
): Promise<number | null> {
  let ended: number | null = null;
  let tried = 0;
  try {
    const list = open();
    let after: UploadMarker | null = null;
    if (list === null) return null;
    for (let page = 0; page < MAX_PAGES && tried < MAX_ABORTS; page++) {
      const { uploads, next } = await list(after);
      const lost = (await lostAmong(uploads, cleanup, now)).slice(0, MAX_ABORTS - tried);
      tried += lost.length;
      ended = (ended ?? 0) + (await abortUploads(store, lost)).length;
      if (next === null) break;
      after = next;
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log(error.message);
  }
  return ended;
}

/** The runtime's own, if nothing can still be working on them. Others' uploads in the same bucket stay. */
export async function lostAmong(
  uploads: readonly OpenUpload[],
  cleanup: Pick<FileCleanup, "findArriving">,
  now: Date,
): Promise<readonly GoneFile[]> {
  const before = now.getTime() - ABANDONED_SECONDS * 1000;
  const old = uploads.flatMap(({ key: text, uploadId, initiated }) => {
    const key = readOwnKey(text);
    return key !== null && initiated.getTime() < before ? [{ key, uploadId }] : [];
  });
  if (old.length === 0) return old;
  const keys = old.map(({ key }) => key);
  const arriving = await cleanup.findArriving(keys, now.toISOString());
  return old.filter(({ key }) => !arriving.has(key));
}
