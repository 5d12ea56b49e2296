// Files on their way: one tile each, which a stored file's tile follows. Knows nothing of how files are chosen.
import { countFiles } from "../parts/words.js";
import { isLost } from "./connection.js";
import { createUploadQueue } from "./queue.js";
import { createUploadTile } from "./tile.js";

/**
 * @param isListing whether the grid lists stored files
 * @returns `add(files, isPrivate)`, `resume()` of what lost its line, `cancel()` of all, and whether any `isOpen()`
 */
export function createUploads({ calls, limits, grid, makeTile, isListing, say, speak, complain }) {
  const queue = createUploadQueue(calls.upload);
  const handles = new Set();
  /** Waiting or being sent, or waiting for the line. */
  const open = new Set();
  /** What nobody answered, by its handle: how it is tried again. */
  const lost = new Map();
  let stored = 0;

  const close = (handle) => {
    open.delete(handle);
    if (open.size > 0) return;
    void limits.load();
    if (stored > 0) say(`${countFiles(stored)} stored.`);
    stored = 0;
  };
  const finish = (tile, answer) => {
    stored += 1;
    // A list that was asked for meanwhile may have it already.
    if (!isListing() || grid.tileOf(answer.id) !== undefined) grid.replace(tile, null);
    else {
      grid.replace(tile, makeTile(answer), answer);
      grid.total += 1;
    }
  };

  const add = (file, isPrivate) => {
    const retry = () => {
      lost.delete(handle);
      open.add(handle);
      handle.retry();
    };
    const tile = createUploadTile(file, {
      on: {
        cancel() {
          handle.cancel();
          handles.delete(handle);
          lost.delete(handle);
          grid.replace(tile.element, null);
          close(handle);
        },
        retry,
      },
    });
    const fail = (error) => {
      if (isLost(error)) lost.set(handle, retry);
      const isHeld = isLost(error) && !navigator.onLine;
      tile.show(isHeld ? "held" : "failed", error);
      if (!isHeld) close(handle);
      if (error.status === 401) complain(error);
    };
    const handle = queue.add(
      file,
      { isPrivate, key: makeKey(), check: () => limits.check(file) },
      {
        onState(state, error) {
          if (state === "failed") fail(error);
          else tile.show(state);
        },
        onProgress: (share) => tile.advance(share),
        onStored(answer) {
          handles.delete(handle);
          finish(tile.element, answer);
          close(handle);
        },
      },
    );
    handles.add(handle);
    open.add(handle);
    return tile.element;
  };

  return {
    add(files, isPrivate) {
      const tiles = files.map((file) => add(file, isPrivate));
      // In the order in which they were chosen, before everything that is there.
      for (const tile of tiles.toReversed()) grid.add(tile, null, (list) => list.prepend(tile));
      speak(`Uploading ${countFiles(files.length)}, ${isPrivate ? "private" : "public"}.`);
    },
    resume() {
      for (const retry of lost.values()) retry();
    },
    cancel() {
      for (const handle of handles) handle.cancel();
      for (const kept of [handles, open, lost]) kept.clear();
      stored = 0;
    },
    isOpen: () => open.size > 0,
  };
}

/** 128 random bits. `crypto.randomUUID` is not there on a plain HTTP address. */
function makeKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
