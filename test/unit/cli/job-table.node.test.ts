/** What `npm run jobs` reads and changes, on SQLite as D1 has it. */
import { readFileSync, readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, test } from "vitest";
import { createJobTable, onSqlite, type JobTable } from "../../../src/cli/terminal/job-table.ts";

const folder = new URL("../../../migrations/d1/", import.meta.url);
const NOW = "2026-01-22T12:00:00.000Z";
let database: DatabaseSync;
let table: JobTable;

beforeEach(() => {
  database = new DatabaseSync(":memory:");
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .toSorted()) {
    database.exec(readFileSync(new URL(name, folder), "utf8"));
  }
  table = createJobTable(async (sql) => database.prepare(sql).all(), onSqlite);
});

function addJob(id: string, state: string, files: readonly string[] = []): void {
  database
    .prepare(
      `INSERT INTO jobs (id, endpoint, origin, fingerprint, state, priority, attempts, context, files, problem, due_at, wake_at, created_at, updated_at)
       VALUES (?, 'e', 'call', 'f', ?, 1, 3, '{}', ?, '{"code":"row_rejected"}', ?, ?, ?, ?)`,
    )
    .run(id, state, JSON.stringify(files), NOW, NOW, NOW, NOW);
}

function addFile(key: string, status: string): void {
  database
    .prepare(
      `INSERT INTO files (id, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, created_at, updated_at)
       VALUES (?, ?, ?, 'public', 'e', 'a', 'text/plain', 'txt', ?, ?)`,
    )
    .run(key, key, status, NOW, NOW);
}

test("lists all or those in a state", async () => {
  addJob("a1", "dead");
  addJob("b2", "queued");
  expect((await table.list(null, 50)).map((job) => job["id"])).toEqual(["a1", "b2"]);
  expect((await table.list("dead", 50)).map((job) => job["id"])).toEqual(["a1"]);
  expect(await table.list(null, 1)).toHaveLength(1);
});

test("counts them by state", async () => {
  expect([...(await table.count())]).toEqual([]);
  for (const [index, state] of ["done", "dead", "done"].entries()) addJob(`a${String(index)}`, state);
  expect([...(await table.count())]).toEqual([
    ["dead", 1],
    ["done", 2],
  ]);
});

test("shows one", async () => {
  addJob("a1", "dead");
  database.exec("INSERT INTO job_steps (job_id, step, result, created_at) VALUES ('a1', 2, 'null', 'now')");
  expect(await table.find("a1")).toMatchObject({ id: "a1", state: "dead" });
  expect(await table.find("b2")).toBeNull();
  expect(await table.findSteps("a1")).toEqual([{ step: 2, result: "null" }]);
});

test("retries a dead job whose files are there", async () => {
  addFile("kept", "stored");
  addFile("gone", "gone");
  addJob("a1", "dead", ["kept"]);
  addJob("b2", "dead", ["kept", "gone"]);
  addJob("c3", "done");
  addJob("d4", "dead");
  const outcomes = [];
  for (const id of ["a1", "b2", "c3", "d4", "e5"]) outcomes.push(await table.retry(id, NOW));
  expect(outcomes).toEqual([true, false, false, true, false]);
  expect(await table.find("a1")).toMatchObject({
    state: "queued",
    attempts: 0,
    problem: null,
    due_at: NOW,
    wake_at: NOW,
  });
});

test("drops what is finished", async () => {
  addJob("a1", "dead");
  addJob("b2", "running");
  expect(await table.drop("a1")).toBe(true);
  expect(await table.drop("b2")).toBe(false);
  expect((await table.list(null, 50)).map((job) => job["id"])).toEqual(["b2"]);
});

test("an id is a plain word", async () => {
  await expect(async () => table.find("a' OR 1 = 1 --")).rejects.toThrow("neither a job's id nor a state");
});
