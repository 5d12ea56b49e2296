/** What every object store must do. Run by each adapter's test. */
import { describe, expect, test } from "vitest";
import { Problem } from "../../src/contract/problem.ts";
import { makeObjectKey, type ObjectKey } from "../../src/runtime/storage/object-key.ts";
import type { ObjectStore } from "../../src/runtime/storage/object-store.ts";
import { inFlightOf, putWhole } from "../support/put.ts";
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
      expect(await putWhole(store, key("whole"), sourceOf(bytes, 200_003), options)).toBe(length);
      // A structural comparison of megabytes takes seconds.
      expect(isSame(await readAll(store, "whole"), bytes)).toBe(true);
    });

    test("a small limit needs no whole part", async () => {
      const store = create();
      expect(await putWhole(store, key("small"), sourceOf(pattern(300), 7), { ...options, maxBytes: 300 })).toBe(300);
      expect(await readAll(store, "small")).toEqual(pattern(300));
    });

    test("gives back a range and the whole size", async () => {
      const store = create();
      await putWhole(store, key("range"), sourceOf(pattern(1000)), options);
      const body = await store.get(key("range"), { offset: 990, length: 5 });
      expect(body?.size).toBe(1000);
      expect(new Uint8Array(await new Response(body?.stream).arrayBuffer())).toEqual(pattern(1000).subarray(990, 995));
    });

    test.each([100, 6 * MEBIBYTE, 13 * MEBIBYTE])(
      "a source that fails after %i bytes leaves nothing",
      async (length) => {
        const gone = new Error("gone");
        await expect(
          putWhole(create(), key("gone"), failingSource(pattern(length), 65_536, gone), options),
        ).rejects.toBe(gone);
        expect(await list()).toEqual([]);
      },
    );

    test.each([0, 20 * MEBIBYTE])("with %i bytes to borrow a part is sent while the next is read", async (spare) => {
      const inFlight = inFlightOf(spare);
      const bytes = pattern(23 * MEBIBYTE);
      expect(await putWhole(create(), key("lent"), sourceOf(bytes, 200_003), { ...options, inFlight })).toBe(
        bytes.length,
      );
      expect(isSame(await readAll(create(), "lent"), bytes)).toBe(true);
      expect(inFlight.borrowed()).toBe(0);
      // One part besides the one that is filled, and the last.
      expect(inFlight.mostBorrowed()).toBeLessThanOrEqual(10 * MEBIBYTE);
      expect(inFlight.mostBorrowed() > 0).toBe(spare > 0);
    });

    test.each([100, 6 * MEBIBYTE])("sends nothing of %i bytes before it may, and reads meanwhile", async (length) => {
      const store = create();
      let begin = () => {};
      const ready = new Promise<void>((resolve) => (begin = resolve));
      const inFlight = inFlightOf(20 * MEBIBYTE);
      const put = await store.put(key("early"), sourceOf(pattern(length), 200_003), { ...options, inFlight, ready });
      expect(put.size).toBe(length);
      expect(await store.has(key("early"))).toBe(false);
      begin();
      await put.stored;
      expect(await store.has(key("early"))).toBe(true);
    });

    test.each([100, 6 * MEBIBYTE])("may not send %i bytes at all: nothing stays", async (length) => {
      const refused = new Error("refused");
      const inFlight = inFlightOf(20 * MEBIBYTE);
      const put = await create().put(key("refused"), sourceOf(pattern(length), 200_003), {
        ...options,
        inFlight,
        ready: Promise.reject(refused),
      });
      await expect(put.stored).rejects.toBe(refused);
      expect(await list()).toEqual([]);
      expect(inFlight.borrowed()).toBe(0);
    });

    test("never replaces an object", async () => {
      const store = create();
      await putWhole(store, key("taken"), sourceOf(pattern(10)), options);
      await expect(putWhole(store, key("taken"), sourceOf(pattern(11)), options)).rejects.toThrow("taken");
      expect((await readAll(store, "taken"))?.length).toBe(10);
    });

    test("a missing object is null, and deleting it is no error", async () => {
      expect(await create().get(key("missing"))).toBeNull();
      await create().delete([key("missing")]);
      await create().delete([]);
    });

    test("tells the id of an upload in parts before its first part, and of a small object none", async () => {
      const store = create();
      const opened: string[] = [];
      const noting = { ...options, onUploadOpened: async (id: string) => void opened.push(id) };
      await putWhole(store, key("small"), sourceOf(pattern(100)), noting);
      expect(opened).toEqual([]);
      await putWhole(store, key("large"), sourceOf(pattern(6 * MEBIBYTE), 200_003), noting);
      expect(opened).toEqual([expect.stringMatching(/./)]);
      // Completed: there is nothing to end, and the object stays.
      await store.abort(key("large"), opened[0] ?? "");
      expect(await store.has(key("large"))).toBe(true);
    });

    test("an id that cannot be kept ends the upload", async () => {
      const lost = new Error("lost");
      const noting = { ...options, onUploadOpened: () => Promise.reject(lost) };
      await expect(putWhole(create(), key("lost"), sourceOf(pattern(6 * MEBIBYTE)), noting)).rejects.toBe(lost);
      expect(await list()).toEqual([]);
    });

    test("lists keys in the order of their bytes, page by page, from any text on", async () => {
      const store = create();
      const names = ["b", "a", "a/x", "Z", "é", "￮", "😀"].map((name) => key(`list ${name}`.replaceAll("/", "-")));
      for (const name of names) await putWhole(store, name, sourceOf(pattern(1)), options);
      const encoder = new TextEncoder();
      const bytesOf = (text: string) =>
        encoder.encode(text).reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), "");
      const sorted = names.toSorted((left, right) => (bytesOf(left) < bytesOf(right) ? -1 : 1));
      const seen: string[] = [];
      for (let page = await store.list("", 2); ; page = await store.list(seen.at(-1) ?? "", 2)) {
        seen.push(...page.keys);
        if (page.isLast) break;
      }
      expect(seen).toEqual(sorted);
      expect(await store.list("\u{10ffff}", 2)).toEqual({ keys: [], isLast: true });
      expect([await store.has(key("list a")), await store.has(key("missing"))]).toEqual([true, false]);
    });

    test("deletes more keys than one call takes", async () => {
      const store = create();
      await putWhole(store, key("last"), sourceOf(pattern(1)), options);
      await store.delete([...Array.from({ length: 1500 }, (_, index) => key(`absent-${index}`)), key("last")]);
      expect(await list()).toEqual([]);
    });
  });
}

export function isUnavailable(error: unknown): boolean {
  return error instanceof Problem && error.code === "storage_unavailable";
}
