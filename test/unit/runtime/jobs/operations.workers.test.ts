/** What an operator does to jobs, on D1; `npx sluice jobs` on each database is in test/journeys/server/operators. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { d1 } from "../../../../src/databases/d1.ts";
import { createD1Database } from "../../../../src/runtime/database/d1/database.ts";
import { createJobOperations } from "../../../../src/runtime/jobs/operations.ts";
import { useFreshStorage } from "../../../support/database.ts";

useFreshStorage();

const NOW = "2026-01-22T12:00:00.000Z";
const operations = createJobOperations(createD1Database(env.DB), d1.dialect);

const addJob = (id: string, state: string, files: readonly string[] = []) =>
  env.DB.prepare(
    `INSERT INTO sluice_jobs (id, endpoint, origin, fingerprint, state, priority, attempts, context, files, problem, due_at, wake_at, created_at, updated_at)
     VALUES (?1, 'e', 'call', 'f', ?2, 1, 3, '{}', ?3, '{"code":"row_rejected"}', ?4, ?4, ?4, ?4)`,
  )
    .bind(id, state, JSON.stringify(files), NOW)
    .run();

const addFile = (key: string, status: string) =>
  env.DB.prepare(
    `INSERT INTO sluice_files (id, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, created_at, updated_at)
     VALUES (?1, ?1, ?2, 'public', 'e', 'a', 'text/plain', 'txt', ?3, ?3)`,
  )
    .bind(key, status, NOW)
    .run();

test("lists all or those in a state", async () => {
  await addJob("a1", "dead");
  await addJob("b2", "queued");
  const [first] = await operations.list(null, 50);
  expect(first).toEqual({
    id: "a1",
    endpoint: "e",
    state: "dead",
    attempts: 3,
    updated_at: NOW,
    problem: '{"code":"row_rejected"}',
  });
  expect((await operations.list(null, 50)).map((job) => job.id)).toEqual(["a1", "b2"]);
  expect((await operations.list("dead", 50)).map((job) => job.id)).toEqual(["a1"]);
  expect(await operations.list(null, 1)).toHaveLength(1);
});

test("counts them by state", async () => {
  expect([...(await operations.count())]).toEqual([]);
  for (const [index, state] of ["done", "dead", "done"].entries()) await addJob(`a${String(index)}`, state);
  expect([...(await operations.count())]).toEqual([
    ["dead", 1],
    ["done", 2],
  ]);
});

test("shows one", async () => {
  await addJob("a1", "dead");
  await env.DB.exec("INSERT INTO sluice_job_steps (job_id, step, result, created_at) VALUES ('a1', 2, 'null', 'now')");
  expect(await operations.find("a1")).toMatchObject({ id: "a1", state: "dead" });
  expect(await operations.find("b2")).toBeNull();
  expect(await operations.findSteps("a1")).toEqual([{ step: 2, result: "null" }]);
});

test("retries a dead job whose files are there", async () => {
  await addFile("kept", "stored");
  await addFile("gone", "gone");
  await addJob("a1", "dead", ["kept"]);
  await addJob("b2", "dead", ["kept", "gone"]);
  await addJob("c3", "done");
  await addJob("d4", "dead");
  const outcomes = [];
  for (const id of ["a1", "b2", "c3", "d4", "e5"]) outcomes.push(await operations.retry(id, NOW));
  expect(outcomes).toEqual([true, false, false, true, false]);
  expect(await operations.find("a1")).toMatchObject({
    state: "queued",
    attempts: 0,
    problem: null,
    due_at: NOW,
    wake_at: NOW,
  });
});

test("drops what is finished, with its steps", async () => {
  await addJob("a1", "dead");
  await addJob("b2", "running");
  const step = "INSERT INTO sluice_job_steps (job_id, step, created_at) VALUES";
  await env.DB.exec(`${step} ('a1', 1, 'now'), ('b2', 1, 'now')`);
  expect(await operations.drop("a1")).toBe(true);
  expect(await operations.drop("b2")).toBe(false);
  expect((await operations.list(null, 50)).map((job) => job.id)).toEqual(["b2"]);
  expect((await env.DB.prepare("SELECT job_id FROM sluice_job_steps").all()).results).toEqual([{ job_id: "b2" }]);
});

test("an id and a state are values, whatever they hold", async () => {
  await addJob("a1", "dead");
  const text = "a' OR 1 = 1 --";
  expect([await operations.find(text), await operations.drop(text), await operations.list(text, 5)]).toEqual([
    null,
    false,
    [],
  ]);
  expect(await operations.find("a1")).not.toBeNull();
});
