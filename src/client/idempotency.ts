/**
 * The idempotency keys of uploads, kept while it is not known whether the server has carried them out: the same upload
 * after a reload, or in another tab, then gets the first one's answer instead of storing its files again.
 */
import { openKept } from "./kept.ts";
import type { StorageLike } from "./platform.ts";

/** An upload's key. */
export interface UploadKey {
  readonly value: string;
  /** The call is over. @param isKnown whether the server has carried it out, or nobody wants to know any more */
  settle(isKnown: boolean): Promise<unknown>;
}

/** @param name tells the same upload from another one, as far as that can be told without reading files */
export type TakeKey = (name: string) => Promise<UploadKey>;

/** Long enough for a reload, and too short for what a user meant as another upload. The server remembers a day. */
const KEPT_MS = 3_600_000;

const random = () => Math.random().toString(36).slice(2);
/** Unique for one owner is enough, since nobody else can use it. `crypto` is not everywhere. */
export const makeKey = (): string => random() + random();

export function createKeys(storage: StorageLike | null | undefined): TakeKey {
  /** Of calls that run here: the same upload once more is another one. */
  const running = new Set<string>();
  const change = openKept(storage, "sluice-keys");

  return async (name) => {
    const isOwn = !running.has(name);
    let value = makeKey();
    if (isOwn) {
      running.add(name);
      await change((kept) => {
        [value] = kept[name] ??= [value, Date.now() + KEPT_MS];
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
