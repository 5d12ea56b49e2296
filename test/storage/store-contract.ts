/** What every object store must do. Run by each adapter's test. */
import { describe, expect, test } from "vitest";
import { Problem } from "../../src/problem.ts";
import { makeObjectKey, type ObjectKey } from "../../src/storage/object-key.ts";
import type { ObjectStore } from "../../src/storage/object-store.ts";
import { failingSource, pattern, sourceOf } from "../support/source.ts";

const MEBIBYTE = 1024 * 1024;
const options = { contentType: "image/png", maxBytes: 100 * MEBIBYTE };

export function key(name: string): ObjectKey {
  const made = makeObjectKey(["contract", "a b"], name);
  if (made === null) throw new Error("The test's key is none");
  return made;
}

const isSame = (left: Uint8Array | null, right: Uint8Array) =>
  left?.length === right.length && left.every((byte, index) => byte === right[index]);

async function readAll(store: ObjectStore, name: string): Promise<Uint8Array | null> {
  const body = await store.get(key(name));
  return body === null ? null : new Uint8Array(await new Response(body.stream).arrayBuffer());
}

export function describeStore(name: string, create: () => ObjectStore, list: () => Promise<readonly string[]>): void {
  describe(`object store: ${name}`, () => {
    test.each([
      1,
      255,
      256 * 1024,
      256 * 1024 + 1,
      MEBIBYTE * 5 - 1,
      MEBIBYTE * 5,
      MEBIBYTE * 5 + 1,
      MEBIBYTE * 10,
      MEBIBYTE * 11 + 3,
    ])("stores and gives back %i bytes", async (length) => {
      const store = create();
      const bytes = pattern(length);
      expect(await store.put(key("whole"), sourceOf(bytes, 200_003), options)).toBe(length);
      // A structural comparison of megabytes takes seconds.
      expect(isSame(await readAll(store, "whole"), bytes)).toBe(true);
    });

    test("a small limit needs no whole part", async () => {
      const store = create();
      expect(await store.put(key("small"), sourceOf(pattern(300), 7), { ...options, maxBytes: 300 })).toBe(300);
      expect(await readAll(store, "small")).toEqual(pattern(300));
    });

    test("gives back a range and the whole size", async () => {
      const store = create();
      await store.put(key("range"), sourceOf(pattern(1000)), options);
      const body = await store.get(key("range"), { offset: 990, length: 5 });
      expect(body?.size).toBe(1000);
      expect(new Uint8Array(await new Response(body?.stream).arrayBuffer())).toEqual(pattern(1000).subarray(990, 995));
    });

    test.each([100, 6 * MEBIBYTE, 13 * MEBIBYTE])(
      "a source that fails after %i bytes leaves nothing",
      async (length) => {
        const gone = new Error("gone");
        await expect(create().put(key("gone"), failingSource(pattern(length), 65_536, gone), options)).rejects.toBe(
          gone,
        );
        expect(await list()).toEqual([]);
      },
    );

    test("never replaces an object", async () => {
      const store = create();
      await store.put(key("taken"), sourceOf(pattern(10)), options);
      await expect(store.put(key("taken"), sourceOf(pattern(11)), options)).rejects.toThrow("taken");
      expect((await readAll(store, "taken"))?.length).toBe(10);
    });

    test("a missing object is null, and deleting it is no error", async () => {
      expect(await create().get(key("missing"))).toBeNull();
      await create().delete([key("missing")]);
      await create().delete([]);
    });

    test("deletes more keys than one call takes", async () => {
      const store = create();
      await store.put(key("last"), sourceOf(pattern(1)), options);
      await store.delete([...Array.from({ length: 1500 }, (_, index) => key(`absent-${index}`)), key("last")]);
      expect(await list()).toEqual([]);
    });
  });
}

export function isUnavailable(error: unknown): boolean {
  return error instanceof Problem && error.code === "storage_unavailable";
}
