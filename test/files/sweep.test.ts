import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { sweep } from "../../src/app.ts";
import { engine } from "../../src/database/d1/d1-engine.ts";
import { createD1Database } from "../../src/database/d1/d1-database.ts";
import { createFileRegistry, type NewFile } from "../../src/files/registry.ts";
import { sweepFiles } from "../../src/files/sweep.ts";
import { makeObjectKey, type ObjectKey } from "../../src/storage/object-key.ts";
import { createR2Store } from "../../src/storage/r2-store.ts";
import { readStored, useFreshStorage } from "../support/database.ts";
import { failingBatch } from "../support/faults.ts";
import { pattern, sourceOf } from "../support/source.ts";

useFreshStorage();

const NOW = new Date("2026-01-22T12:00:00.000Z");
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();
const store = createR2Store(env.BUCKET);
const registry = createFileRegistry(createD1Database(env.DB), engine.dialect);
const findings = { fileSize: 3, checksumSha256: "00", dominantColor: null, width: null, height: null };

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
    expiresAt: null,
    createdAt: at(-10),
    ...change,
  };
  await registry.reserve(file);
  await store.put(file.storageKey, sourceOf(pattern(3)), { contentType: "image/png", maxBytes: 3 });
  const database = createD1Database(env.DB);
  if (status !== "pending") await database.batch([registry.storing(name, findings, file.createdAt)]);
  if (status === "deleted") await database.batch([registry.deleting("ann", [file.storageKey], at(-5))]);
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
  expect(await sweepFiles(registry, store, NOW)).toEqual({ expired: 2, abandoned: 1, removed: 4 });
  const kept = ["expires-later", "fresh-pending", "stored"];
  expect(await left()).toEqual({
    objects: kept.map((name) => key(name)),
    rows: ["expires-later stored", "fresh-pending pending", "stored stored"],
  });
  expect(await sweepFiles(registry, store, NOW)).toEqual({ expired: 0, abandoned: 0, removed: 0 });
});

test("a sweep that is killed is finished by the next", async () => {
  await leave("a", "deleted");
  await leave("b", "pending", { createdAt: at(-7200) });
  // Batches: expire, abandon, find, forget.
  for (const batch of [1, 2, 3, 4]) {
    const broken = createFileRegistry(createD1Database(failingBatch(env.DB, batch, "after")), engine.dialect);
    await expect(sweepFiles(broken, store, NOW)).rejects.toThrow("injected");
  }
  await sweepFiles(registry, store, NOW);
  expect(await left()).toEqual({ objects: [], rows: [] });
});

test("more files than one batch takes", async () => {
  const insert =
    "INSERT INTO files (id, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, purge_at, created_at, updated_at) " +
    "SELECT value, 'sweep/' || value, 'deleted', 'public', 'test', 'a', 'image/png', 'png', '1999', 'x', 'x' FROM generate_series(1, 2500)";
  await env.DB.prepare(insert.replace("generate_series(1, 2500)", "json_each(?)"))
    .bind(JSON.stringify(Array.from({ length: 2500 }, (_, index) => `n${index}`)))
    .run();
  expect(await sweepFiles(registry, store, NOW)).toEqual({ expired: 0, abandoned: 0, removed: 2500 });
  expect(await left()).toEqual({ objects: [], rows: [] });
});

test("the sweep is wired to the deployment's bindings", async () => {
  await leave("deleted", "deleted");
  await sweep(env, engine);
  expect(await left()).toEqual({ objects: [], rows: [] });
});

test("each query of the sweep uses an index", async () => {
  const plans = await env.DB.batch<{ detail: string }>(
    [
      "SELECT id FROM files WHERE status = 'stored' AND expires_at <= 'x' LIMIT 10",
      "SELECT id FROM files WHERE status = 'pending' AND updated_at < 'x' LIMIT 10",
      "SELECT storage_key FROM files WHERE status = 'deleted' AND purge_at <= 'x' ORDER BY purge_at LIMIT 10",
    ].map((sql) => env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)),
  );
  for (const plan of plans) {
    const details = plan.results.map((row) => row.detail).join("; ");
    expect(details).toContain("USING INDEX files_by_");
    expect(details).not.toContain("TEMP B-TREE");
  }
});
