/** What is kept over a reload: texts by their names, each for a while. */
import type { StorageLike } from "./platform.ts";

/** By name: the text, and until when it is kept. */
export type Kept = Record<string, readonly [text: string, endsAt: number]>;

/**
 * Changes come one after the other, for storage may be asynchronous. Without any, or with a full one, what is changed is lost.
 * @param item of the storage
 */
export function openKept(storage: StorageLike | null | undefined, item: string) {
  let last: Promise<unknown> = Promise.resolve();
  return (edit: (kept: Kept) => void): Promise<unknown> => {
    const work = async () => {
      let text = storage?.getItem(item);
      // The fewer milliseconds until it is written, the fewer in which another tab does not see it.
      if (text instanceof Promise) text = await text;
      const all = Object.entries(JSON.parse(text ?? "{}") as Kept);
      const kept = Object.fromEntries(all.filter(([, [, endsAt]]) => endsAt > Date.now()));
      edit(kept);
      await storage?.setItem(item, JSON.stringify(kept));
    };
    return (last = last.then(work).catch(() => undefined));
  };
}

/** Node's is a file, or warns; a browser may forbid it by throwing. */
export function browserStorage(): StorageLike | undefined {
  try {
    if ("XMLHttpRequest" in globalThis) return globalThis.localStorage;
  } catch {
    // Then there is none.
  }
  return undefined;
}
