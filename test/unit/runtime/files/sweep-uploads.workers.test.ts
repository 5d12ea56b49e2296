/** Uploads in parts that no row knows. Listing them over S3 is test/journeys/server/open-uploads.slow.test.ts's. */
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { d1 } from "../../../../src/databases/d1.ts";
import { createFileCleanup } from "../../../../src/runtime/files/cleanup.ts";
import { sweepUploads } from "../../../../src/runtime/files/sweep-uploads.ts";
import { Problem } from "../../../../src/contract/problem.ts";
import { createR2Store } from "../../../../src/runtime/storage/r2/store.ts";
import type { ListUploads, OpenUpload } from "../../../../src/runtime/storage/r2/upload-page.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { runSweep } from "../../../support/build.ts";

useFreshStorage();

const NOW = new Date("2026-01-22T12:00:00.000Z");
const NAME = "V1StGXR8_Z5jdHi6B-myT.png";
const store = createR2Store(env.BUCKET);
const cleanup = createFileCleanup(d1.open({ text: () => "", binding: () => env.DB }), d1.dialect);
const uploadOf = (key: string, ageSeconds: number, uploadId = key): OpenUpload => ({
  key,
  uploadId,
  initiated: new Date(NOW.getTime() - ageSeconds * 1000),
});

/** A list of so many uploads a page. Which pages were asked for is written down. */
function listOf(uploads: readonly OpenUpload[], pageUploads = 1000) {
  const asked: string[] = [];
  const list: ListUploads = (after) => {
    asked.push(after?.uploadId ?? "");
    const start = uploads.findIndex(({ uploadId }) => uploadId === after?.uploadId) + 1;
    const page = uploads.slice(start, start + pageUploads);
    const last = start + pageUploads < uploads.length ? page.at(-1) : undefined;
    return Promise.resolve({ uploads: page, next: last ?? null });
  };
  return { list, asked };
}

/** Sweeps without a bucket. */
async function run(list: ListUploads, isStuck: (uploadId: string) => boolean = () => false) {
  const ended: string[] = [];
  const reasons: string[] = [];
  const abort: typeof store.abort = (_, uploadId) => {
    if (isStuck(uploadId)) return Promise.reject(new Problem("storage_unavailable"));
    ended.push(uploadId);
    return Promise.resolve();
  };
  const count = await sweepUploads(
    () => list,
    { store: { abort }, cleanup },
    NOW,
    (reason) => reasons.push(reason),
  );
  return { count, ended, reasons };
}

test("older than an hour, and of the runtime's own form", async () => {
  const uuid = "0b0b6f5e-6d2c-4b6e-9a63-0a4cfb4f7d2e.mp4";
  const own = ["a/" + NAME, "a/b c/ä/" + NAME, "a/" + uuid];
  const foreign = [NAME, "/" + NAME, "a//" + NAME, "a/../" + NAME, "a/backup.tar", `a/${NAME}/x`, "a\u0001/" + NAME];
  const { list } = listOf([
    ...own.map((key) => uploadOf(key, 3601)),
    ...foreign.map((key) => uploadOf(key, 1e6)),
    uploadOf("a/" + NAME, 3600, "at the hour"),
    uploadOf("a/" + NAME, -5, "from the future"),
  ]);
  expect(await run(list)).toEqual({ count: 3, ended: own, reasons: [] });
});

test("one that was ended already is no fault", async () => {
  const key = "a/" + NAME;
  const { uploadId } = await env.BUCKET.createMultipartUpload(key);
  const { list } = listOf([uploadOf(key, 3601, uploadId)]);
  const sweeping = () =>
    sweepUploads(
      () => list,
      { store, cleanup },
      NOW,
      () => undefined,
    );
  expect(await sweeping()).toBe(1);
  await expect(env.BUCKET.resumeMultipartUpload(key, uploadId).uploadPart(1, "x")).rejects.toThrow();
  expect(await sweeping()).toBe(1);
});

test("ten pages at most; an upload that cannot be ended keeps no other from it", async () => {
  const uploads = Array.from({ length: 23 }, (_, index) => uploadOf("a/" + NAME, 7200, `u${String(index)}`));
  const { list, asked } = listOf(uploads, 2);
  const { count, ended, reasons } = await run(list, (uploadId) => uploadId === "u3");
  expect(asked).toEqual(["", "u1", "u3", "u5", "u7", "u9", "u11", "u13", "u15", "u17"]);
  expect({ count, reasons }).toEqual({ count: 19, reasons: [] });
  expect(ended).not.toContain("u3");
});

test.each([500, 501])("%i uploads, five hundred at once", async (length) => {
  const uploads = Array.from({ length }, (_, index) => uploadOf("a/" + NAME, 7200, `u${String(index)}`));
  const { list, asked } = listOf(uploads, 100);
  expect((await run(list)).ended).toHaveLength(500);
  expect(asked).toHaveLength(5);
});

test("a list that fails halfway: what was ended counts, and one line says why", async () => {
  const { list } = listOf([uploadOf("a/" + NAME, 7200, "first"), uploadOf("a/" + NAME, 7200, "second")], 1);
  const failing: ListUploads = (after) => {
    if (after !== null)
      throw new Problem("storage_unavailable", { reason: "R2 ListMultipartUploads failed: 503 SlowDown" });
    return list(after);
  };
  expect(await run(failing)).toEqual({
    count: 1,
    ended: ["first"],
    reasons: ["R2 ListMultipartUploads failed: 503 SlowDown"],
  });
});

const KEYS = {
  R2_ACCESS_KEY_ID: "key",
  R2_SECRET_ACCESS_KEY: "secret",
  R2_ACCOUNT_ID: "0123456789abcdef0123456789abcdef",
  R2_BUCKET_NAME: "sluice-files",
};

/** What a sweep of a deployment with these settings logs. */
async function logOf(bindings: Readonly<Record<string, string>>): Promise<unknown[]> {
  const lines: unknown[] = [];
  const note = (line: string) => void lines.push(JSON.parse(line));
  const log = vi.spyOn(console, "log").mockImplementation(note);
  const warn = vi.spyOn(console, "warn").mockImplementation(note);
  try {
    await runSweep({ ...env, ...bindings }, d1);
  } finally {
    log.mockRestore();
    warn.mockRestore();
  }
  return lines;
}

test.each([
  ["no keys", {}, null],
  ["the address alone", { R2_S3_ENDPOINT: "https://eu.example" }, null],
  ["half of the keys", { ...KEYS, R2_ACCOUNT_ID: "" }, "R2 over S3 needs what is not set: R2_ACCOUNT_ID"],
  ["no account", { ...KEYS, R2_ACCOUNT_ID: "mine" }, "R2_ACCOUNT_ID must be 32 hex digits"],
  ["nobody there", { ...KEYS, R2_S3_ENDPOINT: "http://127.0.0.1:1" }, "R2 ListMultipartUploads failed: "],
])("%s: the rest of the sweep goes on", async (_, bindings, reason) => {
  const lines = await logOf(bindings);
  const failure = { event: "sweep_uploads_failed", reason: expect.stringContaining(reason ?? "") };
  expect(lines).toMatchObject([
    ...(reason === null ? [] : [failure]),
    { event: "sweep", uploads: null, links: 0 },
    { event: "reconcile" },
  ]);
});
