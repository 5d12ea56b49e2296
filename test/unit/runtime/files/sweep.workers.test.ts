import { epochAbove } from "../../../../src/runtime/links/registry.ts";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { d1 } from "../../../../src/databases/d1.ts";
import { createD1Database } from "../../../../src/runtime/database/d1/database.ts";
import { createFileCleanup } from "../../../../src/runtime/files/cleanup.ts";
import type { NewFile } from "../../../../src/runtime/files/row.ts";
import { createOwnedFiles } from "../../../../src/runtime/files/delete-owned.ts";
import { createManagedFiles } from "../../../../src/runtime/files/managed.ts";
import { createFileRegistry } from "../../../../src/runtime/files/registry.ts";
import { sweepFiles } from "../../../../src/runtime/files/sweep.ts";
import { makeObjectKey, type ObjectKey } from "../../../../src/runtime/storage/object-key.ts";
import { createR2Store } from "../../../../src/runtime/storage/r2/store.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { failingBatch } from "../../../support/faults.ts";
import { explain, recordStatements } from "../../../support/statements.ts";
import { Problem } from "../../../../src/contract/problem.ts";
import { pattern, sourceOf } from "../../../support/source.ts";
import { runSweep } from "../../../support/build.ts";
import { putWhole } from "../../../support/put.ts";

useFreshStorage();

const NOW = new Date("2026-01-22T12:00:00.000Z");
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();
const store = createR2Store(env.BUCKET);
const registry = createFileRegistry(createD1Database(env.DB), d1.dialect);
const trash = createManagedFiles(createD1Database(env.DB), d1.dialect, epochAbove);
const colors = { dominantColor: null, thumbhash: null, width: null, height: null, thumbnails: null };
const findings = { fileType: "image/png", fileSize: 3, checksumSha256: "00", ...colors };
const sweepAt = (now: Date, database = env.DB, bucket = store) => {
  const opened = createD1Database(database);
  const cleanup = createFileCleanup(opened, d1.dialect);
  return sweepFiles(cleanup, createFileRegistry(opened, d1.dialect), bucket, now);
};
const nothing = { expired: 0, abandoned: 0, purged: 0, aborted: 0, removed: 0 };

function key(name: string): ObjectKey {
  const made = makeObjectKey(["sweep"], name);
  if (made === null) throw new Error("The test's key is none");
  return made;
}

/** A file with row and object, as a call leaves it. */
async function leave(name: string, status: "pending" | "stored" | "deleted", change: Partial<NewFile> = {}) {
  const file: NewFile = {
    id: name,
    owner: "ann",
    storageKey: key(name),
    visibility: "public",
    endpoint: "test",
    originalFileName: "a.png",
    fileType: "image/png",
    extension: "png",
    fileApi: true,
    field: null,
    expiresAt: null,
    createdAt: at(-10),
    ...change,
  };
  const database = createD1Database(env.DB);
  await database.batch([registry.reserving(file)]);
  await putWhole(store, file.storageKey, sourceOf(pattern(3)), { contentType: "image/png", maxBytes: 3 });
  if (status !== "pending") await database.batch(registry.storing(name, findings, file.createdAt));
  if (status === "deleted")
    await database.batch([createOwnedFiles(database, d1.dialect).ending("ann", [file.storageKey], at(-5))]);
}

const left = async () => {
  const { objects, files } = await readStored();
  return { objects, rows: files.map((file) => `${String(file["id"])} ${String(file["status"])}`) };
};

test("removes what was deleted, what expired and what was abandoned; keeps the rest", async () => {
  await leave("stored", "stored");
  await leave("fresh-pending", "pending", { createdAt: at(-3599) });
  await leave("old-pending", "pending", { createdAt: at(-3601) });
  await leave("deleted", "deleted");
  await leave("expires-later", "stored", { expiresAt: at(1) });
  await leave("expired-now", "stored", { expiresAt: at(0) });
  await leave("expired-before", "stored", { expiresAt: at(-1) });
  expect(await sweepAt(NOW)).toEqual({ ...nothing, expired: 2, abandoned: 1, purged: 2, removed: 4 });
  const kept = ["expires-later", "fresh-pending", "stored"];
  expect(await left()).toEqual({
    objects: kept.map((name) => key(name)),
    rows: ["expires-later stored", "fresh-pending pending", "stored stored"],
  });
  expect(await sweepAt(NOW)).toEqual(nothing);
});

test("a sweep that is killed is finished by the next", async () => {
  await leave("a", "deleted");
  await leave("b", "pending", { createdAt: at(-7200) });
  await leave("c", "stored", { expiresAt: at(0) });
  // Batches: expire, abandon, purge deleted and expired, find (a read, which is sent again), forget.
  for (const batch of [1, 2, 3, 4, 6]) {
    await expect(sweepAt(NOW, failingBatch(env.DB, batch, "after"))).rejects.toThrow("injected");
  }
  await sweepAt(NOW);
  expect(await left()).toEqual({ objects: [], rows: [] });
});

test("a file in the trash is kept until its retention is over, to the moment", async () => {
  await leave("kept", "stored");
  await createD1Database(env.DB).batch(trash.deleting("ann", "kept", at(0), at(-100)));
  expect(await sweepAt(new Date(NOW.getTime() - 1))).toEqual(nothing);
  expect(await left()).toEqual({ objects: [key("kept")], rows: ["kept deleted"] });
  expect(await trash.restore("ann", "kept", at(-1))).toMatchObject({ file: { status: "stored", deletedAt: null } });
  await createD1Database(env.DB).batch(trash.deleting("ann", "kept", at(0), at(-100)));
  expect(await trash.restore("ann", "kept", at(0))).toBeNull();
  expect(await sweepAt(NOW)).toEqual({ ...nothing, purged: 1, removed: 1 });
  expect(await left()).toEqual({ objects: [], rows: [] });
});

test("once the sweep has taken a file, a restore that is late finds nothing", async () => {
  await leave("late", "stored");
  await createD1Database(env.DB).batch(trash.deleting("ann", "late", at(0), at(-100)));
  const failing = { ...store, delete: () => Promise.reject(new Error("injected")) };
  await expect(sweepAt(NOW, env.DB, failing)).rejects.toThrow("injected");
  // Its clock is behind: by it, the file could still be restored.
  expect(await trash.restore("ann", "late", at(-50))).toBeNull();
  await sweepAt(NOW);
  expect(await left()).toEqual({ objects: [], rows: [] });
});

/** A call that dies between two parts: the row says pending, R2 holds the parts. */
async function leaveOpen(name: string, createdAt: string): Promise<string> {
  const upload = await env.BUCKET.createMultipartUpload(key(name));
  await upload.uploadPart(1, pattern(5 << 20));
  await leave(name, "pending", { createdAt });
  await registry.noteUpload(name, upload.uploadId, createdAt);
  return upload.uploadId;
}

test("an upload in parts that was left open is ended", async () => {
  const id = await leaveOpen("open", at(-3601));
  expect(await sweepAt(NOW)).toEqual({ ...nothing, abandoned: 1, aborted: 1, removed: 1 });
  await expect(env.BUCKET.resumeMultipartUpload(key("open"), id).uploadPart(2, pattern(1))).rejects.toThrow();
  expect(await left()).toEqual({ objects: [], rows: [] });
});

test("one that was ended already is no fault; one that cannot be ended keeps its row", async () => {
  const id = await leaveOpen("ended", at(-3601));
  await env.BUCKET.resumeMultipartUpload(key("ended"), id).abort();
  await leaveOpen("stuck", at(-3601));
  const abort: typeof store.abort = (name, uploadId) =>
    name === key("stuck") ? Promise.reject(new Problem("storage_unavailable")) : store.abort(name, uploadId);
  const stuck = await sweepAt(NOW, env.DB, { ...store, abort });
  expect(stuck).toEqual({ ...nothing, abandoned: 2, aborted: 1, removed: 1 });
  expect((await left()).rows).toEqual(["stuck gone"]);
  expect(await sweepAt(NOW)).toEqual({ ...nothing, aborted: 1, removed: 1 });
});

test("a call that is slower than the sweep takes back what it stored", async () => {
  await leave("slow", "pending", { createdAt: at(-3601) });
  await sweepAt(NOW);
  await putWhole(store, key("slow"), sourceOf(pattern(3)), { contentType: "image/png", maxBytes: 3 });
  const storing = registry.storing("slow", findings, at(0));
  await expect(createD1Database(env.DB).batch(storing)).rejects.toMatchObject({ code: "row_missing" });
});

test("more files than one batch takes", async () => {
  const insert =
    "INSERT INTO sluice_files (id, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, purge_at, created_at, updated_at) " +
    "SELECT value, 'sweep/' || value, 'deleted', 'public', 'test', 'a', 'image/png', 'png', '1999', 'x', 'x' FROM generate_series(1, 2500)";
  await env.DB.prepare(insert.replace("generate_series(1, 2500)", "json_each(?)"))
    .bind(JSON.stringify(Array.from({ length: 2500 }, (_, index) => `n${index}`)))
    .run();
  expect(await sweepAt(NOW)).toEqual({ ...nothing, purged: 2500, removed: 2500 });
  expect(await left()).toEqual({ objects: [], rows: [] });
});

test("the sweep is wired to the deployment's bindings", async () => {
  await leave("deleted", "deleted");
  await runSweep(env);
  expect(await left()).toEqual({ objects: [], rows: [] });
});

test("every statement of the sweep uses an index and sorts nothing", async () => {
  const recorded = recordStatements(env.DB);
  await leave("deleted", "deleted");
  await sweepAt(NOW, recorded.database);
  const plans = await explain(env.DB, recorded.take());
  expect(plans.length).toBeGreaterThanOrEqual(6);
  for (const plan of plans) {
    expect(plan).toMatch(/USING (?:COVERING )?INDEX/);
    expect(plan).not.toMatch(/SCAN files|TEMP B-TREE/);
  }
});
