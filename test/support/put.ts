/** Puts by themselves, for tests that are not about what is under way at the same time. */
import type { ByteSource } from "../../src/runtime/bytes.ts";
import { createInFlight, type InFlight } from "../../src/runtime/storage/in-flight.ts";
import type { ObjectKey } from "../../src/runtime/storage/object-key.ts";
import type { ObjectStore, PutOptions } from "../../src/runtime/storage/object-store.ts";

/** @param maxBytes that can be borrowed at a time; 0: bytes are read and sent in turn */
export function inFlightOf(
  maxBytes = 0,
): InFlight & { readonly borrowed: () => number; readonly mostBorrowed: () => number } {
  let borrowed = 0;
  let most = 0;
  const inFlight = createInFlight({
    borrow(bytes) {
      if (borrowed + bytes > maxBytes) return false;
      borrowed += bytes;
      most = Math.max(most, borrowed);
      return true;
    },
    return: (bytes) => void (borrowed -= bytes),
  });
  return { ...inFlight, borrowed: () => borrowed, mostBorrowed: () => most };
}

/** Resolves with the object's size once it is durable. */
export async function putWhole(
  store: Pick<ObjectStore, "put">,
  key: ObjectKey,
  source: ByteSource,
  options: Omit<PutOptions, "inFlight"> & Partial<Pick<PutOptions, "inFlight">>,
): Promise<number> {
  const { size, stored } = await store.put(key, source, { inFlight: inFlightOf(), ...options });
  await stored;
  return size;
}
