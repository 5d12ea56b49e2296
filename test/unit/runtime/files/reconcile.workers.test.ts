/** Bucket and registry that disagree: found, reported, looked at again, and only then removed. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { d1 } from "../../../../src/databases/d1.ts";
import { createD1Database } from "../../../../src/runtime/database/d1/database.ts";
import { createReconcileTable } from "../../../../src/runtime/files/reconcile-table.ts";
import { compare, reconcile } from "../../../../src/runtime/files/reconcile.ts";
import { createR2Store } from "../../../../src/runtime/storage/r2/store.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { failingBatch } from "../../../support/faults.ts";
import { explain, recordStatements } from "../../../support/statements.ts";

useFreshStorage();

const NOW = new Date("2026-01-22T12:00:00.000Z");
const after = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const store = createR2Store(env.BUCKET);
const tableOf = (database: D1Database) => createReconcileTable(createD1Database(database), d1.dialect);
const table = tableOf(env.DB);
const run = (now: Date, isForced = true, maxPages = 10, using = table) =>
  reconcile(store, using, now, { isForced, maxPages });
const own = (name: string) => `a/${name.padEnd(21, "0")}.png`;

const addObject = (key: string) => env.BUCKET.put(key, "x");
async function addRows(keys: readonly string[], status = "stored"): Promise<void> {
  const insert =
    "INSERT INTO sluice_files (id, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, created_at, updated_at) " +
    "SELECT value, value, ?2, 'public', 't', 'a', 'image/png', 'png', 'x', 'x' FROM json_each(?1)";
  await env.DB.prepare(insert).bind(JSON.stringify(keys), status).run();
}
const findings = async () =>
  (await env.DB.prepare("SELECT * FROM sluice_reconcile_findings ORDER BY storage_key").all()).results;
const rows = async () => (await readStored()).files.map((file) => `${String(file["id"])} ${String(file["status"])}`);

async function disagree(): Promise<void> {
  for (const key of [own("both"), own("lost"), "backup/by-hand.tar", "own-name.png"]) await addObject(key);
  await addRows([own("both"), own("empty")]);
  await addRows([own("incoming")], "pending");
  await addRows([own("trash")], "deleted");
}

test("the first run reports and removes nothing; the second, an hour later, removes what is still so", async () => {
  await disagree();
  const before = await readStored();
  expect(await run(NOW)).toEqual({
    objects: 4,
    found: {
      objectsWithoutRow: { count: 1, first: [own("lost")] },
      rowsWithoutObject: { count: 1, first: [own("empty")] },
      foreignObjects: { count: 2, first: ["backup/by-hand.tar", "own-name.png"] },
    },
    removedObjects: 0,
    removedRows: 0,
    isDone: true,
  });
  expect(await readStored()).toEqual(before);
  expect(await run(after(3599))).toMatchObject({ removedObjects: 0, removedRows: 0 });
  expect(await readStored()).toEqual(before);
  // The first sight counts, not the last.
  expect(await run(after(3600))).toMatchObject({ removedObjects: 1, removedRows: 1, isDone: true });
  expect((await readStored()).objects).toEqual([own("both"), "backup/by-hand.tar", "own-name.png"]);
  expect(await rows()).toEqual([
    `${own("both")} stored`,
    `${own("empty")} gone`,
    `${own("incoming")} pending`,
    `${own("trash")} deleted`,
  ]);
  expect(await findings()).toEqual([]);
});

test("what is in order at the second look stays and is forgotten", async () => {
  await disagree();
  await run(NOW);
  await addRows([own("lost")]);
  await addObject(own("empty"));
  const before = await readStored();
  expect(await run(after(7200))).toMatchObject({ removedObjects: 0, removedRows: 0 });
  expect(await readStored()).toEqual(before);
  expect(await findings()).toEqual([]);
});

test("a comparison changes nothing", async () => {
  await disagree();
  const before = await readStored();
  expect(await compare(store, table, "")).toMatchObject({ objectsWithoutRow: [own("lost")], next: null });
  expect(await readStored()).toEqual(before);
  expect([await findings(), await table.readRun()]).toEqual([[], null]);
});

test("by itself it runs once a week", async () => {
  expect(await run(NOW, false)).toMatchObject({ isDone: true });
  expect(await run(after(7 * 86_400 - 1), false)).toBeNull();
  expect(await run(after(7 * 86_400), false)).toMatchObject({ isDone: true });
});

test("a run goes on where its last tick ended, page by page", async () => {
  const names = Array.from({ length: 25 }, (_, index) => own(`n${String(index).padStart(5, "0")}`));
  await Promise.all(names.map(addObject));
  await addRows(names.filter((_, index) => index !== 22));
  const tick = (now: Date, isForced: boolean) => reconcile(store, table, now, { isForced, maxPages: 1, pageKeys: 10 });
  expect(await tick(NOW, true)).toMatchObject({ objects: 10, isDone: false });
  // Not asked for by anybody, and not due: it is under way.
  expect(await tick(after(600), false)).toMatchObject({ objects: 10, isDone: false });
  const last = await tick(after(1200), false);
  expect(last).toMatchObject({ objects: 5, found: { objectsWithoutRow: { count: 1 } }, isDone: true });
  expect(await tick(after(1800), false)).toBeNull();
});

test("more rows than objects: the page ends where its rows do", async () => {
  const names = Array.from({ length: 25 }, (_, index) => own(`m${String(index).padStart(5, "0")}`));
  await addRows(names);
  await Promise.all(names.filter((_, index) => index % 2 === 0).map(addObject));
  const missing: string[] = [];
  let objects = 0;
  for (let next: string | null = ""; next !== null;) {
    const page = await compare(store, table, next, 10);
    missing.push(...page.rowsWithoutObject);
    objects += page.objects;
    next = page.next;
  }
  expect(missing).toEqual(names.filter((_, index) => index % 2 === 1));
  expect(objects).toBe(13);
});

test("rows without objects are looked for in bounded pages", async () => {
  const names = Array.from({ length: 250 }, (_, index) => own(`r${String(index).padStart(5, "0")}`));
  await addRows(names);
  await addObject(own("zzz"));
  const pages = [];
  for (let next: string | null = ""; next !== null;) {
    const page = await compare(store, table, next);
    pages.push([page.rowsWithoutObject.length, page.objects]);
    next = page.next;
  }
  expect(pages).toEqual([
    [100, 0],
    [100, 0],
    [50, 1],
  ]);
});

test("a tick that is killed anywhere is repeated by the next", async () => {
  await disagree();
  await run(NOW);
  for (let batch = 1; batch <= 12; batch += 1) {
    await run(after(7200), true, 10, tableOf(failingBatch(env.DB, batch, "after"))).catch(() => undefined);
  }
  for (const hours of [3, 6]) await run(after(hours * 3600));
  expect((await readStored()).objects).toEqual([own("both"), "backup/by-hand.tar", "own-name.png"]);
  expect((await rows()).filter((row) => row.endsWith(" stored"))).toEqual([`${own("both")} stored`]);
});

test("every statement uses an index", async () => {
  await disagree();
  await run(NOW);
  const recorded = recordStatements(env.DB);
  await run(after(7200), true, 10, tableOf(recorded.database));
  const asked = recorded.take().filter(({ sql }) => !sql.startsWith("INSERT"));
  for (const plan of await explain(env.DB, asked)) {
    expect(plan).toMatch(/USING (?:COVERING )?INDEX/);
    expect(plan).not.toMatch(/SCAN (?:files|reconcile)|TEMP B-TREE/);
  }
});

describe("objects of thumbnails", () => {
  const shown = own("shown");
  const thumbnailsOf = (key: string) => [1, 2, 3].map((number) => `${key}~${String(number)}`);

  test("belong to the row of their file, whatever state it is in", async () => {
    const rowsOf = ["stored", "pending", "deleted", "gone"].map((status) => [own(status), status] as const);
    for (const [key, status] of rowsOf) {
      await addRows([key], status);
      for (const one of [key, ...thumbnailsOf(key)]) await addObject(one);
    }
    const before = await readStored();
    for (const seconds of [0, 3600, 7200]) {
      expect(await run(after(seconds))).toMatchObject({
        objects: 16,
        found: { objectsWithoutRow: { count: 0 }, rowsWithoutObject: { count: 0 }, foreignObjects: { count: 0 } },
        removedObjects: 0,
      });
    }
    expect(await readStored()).toEqual(before);
  });

  test("whose file is gone are found and removed as it would be", async () => {
    for (const key of [...thumbnailsOf(shown), own("other"), `${own("other")}~1`]) await addObject(key);
    await addRows([own("other")]);
    expect(await run(NOW)).toMatchObject({
      found: { objectsWithoutRow: { count: 3, first: thumbnailsOf(shown) } },
      removedObjects: 0,
    });
    expect(await run(after(3600))).toMatchObject({ removedObjects: 3, removedRows: 0 });
    expect((await readStored()).objects).toEqual([own("other"), `${own("other")}~1`]);
  });

  test("whose file is back at the second look stay", async () => {
    for (const key of [shown, ...thumbnailsOf(shown)]) await addObject(key);
    await run(NOW);
    await addRows([shown]);
    expect(await run(after(3600))).toMatchObject({ removedObjects: 0 });
    expect((await readStored()).objects.length).toBe(4);
  });

  test("are told from what others named nearly so", async () => {
    const foreign = [`${shown}~0`, `${shown}~4`, `${shown}~11`, `${shown}~1~1`, "a/by-hand.png~1", "by-hand~1"];
    await addRows([shown]);
    for (const key of [shown, ...foreign]) await addObject(key);
    const report = await run(NOW);
    expect(report?.found.foreignObjects.first.toSorted()).toEqual(foreign.toSorted());
    expect(report?.found.objectsWithoutRow.count).toBe(0);
  });

  test("page by page, wherever a page ends", async () => {
    const keys = ["a", "b", "c", "d"].map(own);
    await addRows(keys);
    for (const key of keys) for (const one of [key, ...thumbnailsOf(key)]) await addObject(one);
    await addObject(`${own("e")}~1`);
    for (const pageKeys of [1, 2, 3, 5, 7]) {
      const found: string[] = [];
      for (let next: string | null = ""; next !== null;) {
        const page = await compare(store, table, next, pageKeys);
        expect([page.foreignObjects, page.rowsWithoutObject]).toEqual([[], []]);
        found.push(...page.objectsWithoutRow);
        next = page.next;
      }
      expect(found).toEqual([`${own("e")}~1`]);
    }
  });
});
