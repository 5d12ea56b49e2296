/**
 * The idempotency keys of uploads, kept while it is not known whether the server has carried them out: the same upload
 * after a reload, or in another tab, then gets the first one's answer instead of storing its files again.
 */
import type { StorageLike } from "./platform.ts";

/** An upload's key. */
export interface UploadKey {
  readonly value: string;
  /** The call is over. @param isKnown whether the server has carried it out, or nobody wants to know any more */
  settle(isKnown: boolean): Promise<unknown>;
}

/** @param name tells the same upload from another one, as far as that can be told without reading files */
export type TakeKey = (name: string) => Promise<UploadKey>;

/** By the uploads' names: the key, and when it was made. */
type Kept = Record<string, readonly [key: string, madeAt: number]>;

const NAME = "sluice-keys";
/** Long enough for a reload, and too short for what a user meant as another upload. The server remembers a day. */
const KEPT_MS = 3_600_000;

const random = () => Math.random().toString(36).slice(2);
/** Unique for one owner is enough, since nobody else can use it. `crypto` is not everywhere. */
export const makeKey = (): string => random() + random();

export function createKeys(storage: StorageLike | null | undefined): TakeKey {
  /** Of calls that run here: the same upload once more is another one. */
  const running = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other, for storage may be asynchronous. Without any, or with a full one, a key lives as long as its call. */
  const change = (edit: (kept: Kept) => void) => {
    const work = async () => {
      let text = storage?.getItem(NAME);
      // The fewer milliseconds until it is written, the fewer in which another tab does not see it.
      if (text instanceof Promise) text = await text;
      const all = Object.entries(JSON.parse(text ?? "{}") as Kept);
      const kept = Object.fromEntries(all.filter(([, [, madeAt]]) => Date.now() - madeAt < KEPT_MS));
      edit(kept);
      await storage?.setItem(NAME, JSON.stringify(kept));
    };
    return (last = last.then(work).catch(() => undefined));
  };

  return async (name) => {
    const isOwn = !running.has(name);
    let value = makeKey();
    if (isOwn) {
      running.add(name);
      await change((kept) => {
        [value] = kept[name] ??= [value, Date.now()];
      });
    }
    return {
      value,
      async settle(isKnown) {
        if (!isOwn) return;
        running.delete(name);
        if (isKnown) await change((kept) => void delete kept[name]);
      },
    };
  };
}
