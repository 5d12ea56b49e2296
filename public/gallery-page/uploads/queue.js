// Sends files, a few at a time. Knows nothing of the server or of elements.

/** Two keep the line busy while one of them is being stored; more would only share it. */
const PARALLEL = 2;

/**
 * @param send `(file, { signal, onProgress, … })`, resolves with what was stored
 * @returns `add(file, options, watcher)`: `options` goes to `send`; its `check()` says what is wrong with the file when its
 * turn has come, null when nothing is. The watcher hears `onState(state, error)` with
 * "waiting", "sending" or "failed", `onProgress(share)` and `onStored(result)`, none of them before `add` has returned
 * and none after `cancel()`. `cancel()` and `retry()` of what `add` returns may be called at any time.
 */
export function createUploadQueue(send) {
  const waiting = [];
  const running = new Set();

  const pump = () => {
    if (running.size >= PARALLEL || waiting.length === 0) return;
    const entry = waiting.shift();
    running.add(entry);
    void run(entry).finally(() => {
      running.delete(entry);
      pump();
    });
    pump();
  };
  const run = async (entry) => {
    const { signal } = entry.abort;
    const fault = entry.options.check();
    if (fault !== null) {
      entry.watcher.onState("failed", fault);
      return;
    }
    entry.watcher.onState("sending");
    try {
      const onProgress = (share) => {
        if (!signal.aborted) entry.watcher.onProgress(share);
      };
      const stored = await send(entry.file, { ...entry.options, signal, onProgress });
      if (!signal.aborted) entry.watcher.onStored(stored);
    } catch (error) {
      if (!signal.aborted) entry.watcher.onState("failed", error);
    }
  };
  const wait = (entry) => {
    if (entry.abort.signal.aborted) return;
    waiting.push(entry);
    entry.watcher.onState("waiting");
    pump();
  };
  return {
    add(file, options, watcher) {
      const entry = { file, options, watcher, abort: new AbortController() };
      queueMicrotask(() => wait(entry));
      return {
        cancel() {
          entry.abort.abort();
          if (waiting.includes(entry)) waiting.splice(waiting.indexOf(entry), 1);
        },
        retry: () => wait(entry),
      };
    },
  };
}
