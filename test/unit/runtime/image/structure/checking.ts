/** What the tests of structure checks share: the verdict on a file, however its bytes are cut. */
import { expect } from "vitest";
import { createStructureTap } from "../../../../../src/runtime/image/structure/tap.ts";

const chunkSizes = [1, 2, 3, 7, 64, Number.POSITIVE_INFINITY];

/** The verdict on a file, pushed from one recycled buffer. */
export async function check(
  type: string,
  file: Uint8Array,
  chunkBytes = Number.POSITIVE_INFINITY,
): Promise<string | null> {
  const tap = createStructureTap(type);
  if (tap === null) throw new Error(`${type} cannot be checked`);
  const recycled = new Uint8Array(Math.min(chunkBytes, file.length));
  for (let at = 0; at < file.length; at += recycled.length) {
    const chunk = recycled.subarray(0, Math.min(recycled.length, file.length - at));
    chunk.set(file.subarray(at, at + chunk.length));
    await tap.push(chunk);
    recycled.fill(0x5a);
  }
  return tap.finish();
}

export async function expectVerdict(type: string, file: Uint8Array, verdict: string | null): Promise<void> {
  for (const chunkBytes of chunkSizes) expect(await check(type, file, chunkBytes)).toBe(verdict);
}
