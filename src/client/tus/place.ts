/** What tells the same upload, and where it is. */
import { fingerprintOf } from "../call.ts";
import { makeKey } from "../idempotency.ts";
import { openKept } from "../kept.ts";
import type { StorageLike } from "../platform.ts";
import type { PreparedRequest } from "../request/request.ts";

/** Of one upload: its path below the client's origin; null: none is known. */
export interface UploadPlace {
  find(): Promise<string | null>;
  keep(path: string, endsAt: number): Promise<unknown>;
  forget(): Promise<unknown>;
}

/** By what `keyOf` tells. Where there is no storage a pause is kept in memory. */
export function openPlaces(storage: StorageLike | null | undefined): (key: string) => UploadPlace {
  const change = openKept(storage ?? memory(), "sluice-uploads");
  return (key) => ({
    async find() {
      let path: string | null = null;
      await change((kept) => void (path = kept[key]?.[0] ?? null));
      return path;
    },
    keep: (path, endsAt) => change((kept) => void (kept[key] = [path, endsAt])),
    forget: () => change((kept) => void delete kept[key]),
  });
}

/** Of files that say nothing of themselves. */
const identities = new WeakMap<object, string>();

/** Tells the same upload. A file without a date is the same as long as it is the same object. */
export function keyOf(request: PreparedRequest): string {
  const file: object = request.files[0]?.file ?? {};
  const identity = "lastModified" in file ? "" : (identities.get(file) ?? makeKey());
  identities.set(file, identity);
  return `${fingerprintOf(request)}${identity}${hashOf(JSON.stringify(request.fields))}`;
}

/** Of what nobody shall read in the storage: 53 bits, for the same file with other words is another upload. */
function hashOf(text: string): number {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}

function memory(): StorageLike {
  const items = new Map<string, string>();
  return {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => items.set(name, value),
    removeItem: (name) => items.delete(name),
  };
}
