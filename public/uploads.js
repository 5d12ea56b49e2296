// Files on their way: one tile each, which a stored file's tile follows. Knows nothing of how files are chosen.
import { createUploadQueue } from "./upload-queue.js";
import { createUploadTile } from "./upload-tile.js";
import { countFiles } from "./words.js";

/** @returns `add(files, isPrivate)`, `cancel()` of all, and whether any `isOpen()` */
export function createUploads({ calls, grid, makeTile, say, speak, complain }) {
  const queue = createUploadQueue(calls.upload);
  const handles = new Set();
  /** Waiting or being sent; a failed one is neither. */
  const open = new Set();
  let stored = 0;

  const close = (handle) => {
    open.delete(handle);
    if (open.size > 0) return;
    if (stored > 0) say(`${countFiles(stored)} stored.`);
    stored = 0;
  };

  const add = (file, isPrivate) => {
    const tile = createUploadTile(file, {
      on: {
        cancel() {
          handle.cancel();
          handles.delete(handle);
          grid.replace(tile.element, null);
          close(handle);
        },
        retry() {
          open.add(handle);
          handle.retry();
        },
      },
    });
    const handle = queue.add(
      file,
      { isPrivate, key: makeKey() },
      {
        onState(state, error) {
          tile.show(state, error);
          if (state === "failed") close(handle);
          if (error?.status === 401) complain(error);
        },
        onProgress: (share) => tile.advance(share),
        onStored(answer) {
          handles.delete(handle);
          stored += 1;
          grid.replace(tile.element, makeTile(answer), answer);
          grid.total += 1;
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
      speak(`Uploading ${countFiles(files.length)}.`);
    },
    cancel() {
      for (const handle of handles) handle.cancel();
      handles.clear();
      open.clear();
      stored = 0;
    },
    isOpen: () => open.size > 0,
  };
}

/** 128 random bits. `crypto.randomUUID` is not there on a plain HTTP address. */
function makeKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
