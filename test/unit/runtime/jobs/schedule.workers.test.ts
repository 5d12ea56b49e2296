/** cron_job: due once, also after missed minutes, and never twice at a time. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createSluice } from "../../../../src/index.ts";
import { nextRun } from "../../../../src/runtime/jobs/schedule/next-run.ts";
import type { Plan, Schedule } from "../../../../src/contract/plan.ts";
import { createCaller, expectProblem } from "../../../support/app.ts";
import { buildOf } from "../../../support/build.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { authentication, planOf, queryStep, uploadStep } from "../../../support/plans.ts";
import { backgroundPlan, background, deliver, passTime, readJobs, recordingQueues, red, storeRows } from "./support.ts";
import { as, upload } from "../../../support/app.ts";

useFreshStorage();

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const always: Schedule = {
  seconds: [0],
  minutes: range(0, 59),
  hours: range(0, 23),
  days: null,
  months: range(1, 12),
  weekdays: null,
};
const at = (text: string) => Date.parse(text);
const fireOf = (change: Partial<Schedule>, after: string, before = "2030-01-01T00:00:00Z") => {
  const fire = nextRun({ ...always, ...change }, at(after), at(before));
  return fire === null ? null : new Date(fire).toISOString();
};

test.each([
  ["the next minute", {}, "2026-01-01T10:00:00Z", "2026-01-01T10:01:00.000Z"],
  ["never at the moment itself", {}, "2026-01-01T10:00:59.999Z", "2026-01-01T10:01:00.000Z"],
  ["a second", { seconds: [0, 30] }, "2026-01-01T10:00:00.001Z", "2026-01-01T10:00:30.000Z"],
  ["tomorrow", { hours: [3], minutes: [30] }, "2026-01-01T03:30:00Z", "2026-01-02T03:30:00.000Z"],
  ["the 31st", { hours: [0], minutes: [0], days: [31] }, "2026-04-01T00:00:00Z", "2026-05-31T00:00:00.000Z"],
  [
    "a leap day",
    { hours: [0], minutes: [0], days: [29], months: [2] },
    "2026-01-01T00:00:00Z",
    "2028-02-29T00:00:00.000Z",
  ],
  ["a weekday", { hours: [0], minutes: [0], weekdays: [1] }, "2026-01-01T00:00:00Z", "2026-01-05T00:00:00.000Z"],
  [
    "day or weekday",
    { hours: [0], minutes: [0], days: [3], weekdays: [1] },
    "2026-01-01T00:00:00Z",
    "2026-01-03T00:00:00.000Z",
  ],
  ["not before the end", { months: [2] }, "2029-03-01T00:00:00Z", null],
] as const)("fires: %s", (_name, change, after, expected) => {
  expect(fireOf(change, after)).toBe(expected);
});

const step = queryStep({
  sql: "INSERT INTO sluice_documents (id, collection, body, created_at, updated_at) VALUES (?1, 'runs', '{}', ?2, ?2)",
  parameters: [
    { value: { from: "generator", kind: "NANOID" }, type: "any" },
    { value: { from: "now" }, type: "any" },
  ],
});
const job = background({ steps: [0], answer: null, reads: { payload: false, headers: [], results: [] } });
const scheduled = (change: Partial<Plan> = {}, times: Partial<Schedule> = {}): Plan =>
  planOf([step], { authentication: null, schedule: { times: { ...always, ...times }, job }, ...change });

const MINUTE = 60_000;
/** One moment for all tests: none of them is in the next minute all of a sudden. */
const THIS_MINUTE = Math.floor(Date.now() / MINUTE) * MINUTE;
const trigger = (plans: readonly Plan[], minute: number, bindings = {}) =>
  createSluice(buildOf(plans)).scheduled({ cron: "* * * * *", scheduledTime: minute }, { ...env, ...bindings } as Env);
const runs = async () => env.DB.prepare("SELECT count(*) AS n FROM sluice_documents").first<number>("n");

test("runs once a minute, however often the trigger comes", async () => {
  const plans = [scheduled()];
  await Promise.all([trigger(plans, THIS_MINUTE), trigger(plans, THIS_MINUTE), trigger(plans, THIS_MINUTE + 5000)]);
  expect(await runs()).toBe(1);
  expect((await readJobs()).map((row) => [row["origin"], row["state"]])).toEqual([["schedule", "done"]]);
  await trigger(plans, THIS_MINUTE);
  expect(await runs()).toBe(1);
});

test("missed minutes are caught up once", async () => {
  const plans = [scheduled()];
  await trigger(plans, THIS_MINUTE - 10 * MINUTE);
  expect(await runs()).toBe(1);
  // Nine minutes were missed: one run for them, one for this minute.
  await trigger(plans, THIS_MINUTE);
  expect(await runs()).toBe(3);
});

test("a schedule that was not due before its first trigger has missed nothing", async () => {
  const daily = scheduled({}, { hours: [(new Date(THIS_MINUTE).getUTCHours() + 2) % 24], minutes: [0] });
  await trigger([daily], THIS_MINUTE);
  expect(await runs()).toBe(0);
});

test("a run that is still going is not started twice; it is caught up afterwards", async () => {
  const plans = [scheduled()];
  const early = THIS_MINUTE - 3 * MINUTE;
  await trigger(plans, early);
  await env.DB.prepare("UPDATE sluice_jobs SET state = 'running', lease = 'other', wake_at = '2999-01-01'").run();
  await trigger(plans, early + MINUTE);
  expect(await runs()).toBe(1);
  await env.DB.prepare("UPDATE sluice_jobs SET state = 'done'").run();
  await trigger(plans, early + 2 * MINUTE);
  expect(await runs()).toBe(3);
});

test("a run that fails is retried by the trigger", async () => {
  const missing = queryStep({
    sql: "SELECT id FROM sluice_documents WHERE id = 'none'",
    mustReturn: true,
    send: "now",
  });
  const plans = [{ ...scheduled(), steps: [missing] }];
  await trigger(plans, THIS_MINUTE, { JOB_BACKOFF_SECONDS: "0" });
  expect((await readJobs()).map((row) => [row["state"], row["attempts"]])).toEqual([["queued", 1]]);
  await trigger(plans, THIS_MINUTE);
  await passTime();
  await trigger(plans, THIS_MINUTE);
  expect((await readJobs()).map((row) => row["state"])).toEqual(["dead"]);
});

test("cannot be called without protection", async () => {
  await expectProblem(await createCaller([scheduled()])("/test", { method: "POST" }), 404, "resource_not_found");
  const call = createCaller([scheduled({ authentication })]);
  expect((await call("/test", { method: "POST" })).status).toBe(401);
  expect((await call("/test", { method: "POST", headers: await as("ann") })).status).toBe(200);
});

test("brings back jobs whose message or attempt was lost, the urgent ones first", async () => {
  const plan = backgroundPlan();
  const urgent = { ...backgroundPlan({ priority: "high" }), id: "urgent", resource: "urgent" };
  const broken = { sendBatch: () => Promise.reject(new Error("injected")) };
  const call = createCaller([plan, urgent], { JOBS: broken });
  for (const path of ["/test", "/test", "/urgent"]) {
    expect((await upload(call, path, await as("ann"), [red])).status).toBe(202);
  }
  const { sent, bindings } = recordingQueues();
  await trigger([plan, urgent], THIS_MINUTE, bindings);
  // Their messages may still be on the way.
  expect(sent).toEqual([]);
  await passTime();
  await env.DB.prepare("UPDATE sluice_jobs SET state = 'running' WHERE id = (SELECT min(id) FROM sluice_jobs)").run();
  await trigger([plan, urgent], THIS_MINUTE, bindings);
  const endpoints = new Map((await readJobs()).map((row) => [row["id"], row["endpoint"]]));
  expect(sent.map(({ body }) => endpoints.get(body.id))).toEqual(["urgent", plan.id, plan.id]);
  await deliver(
    [plan, urgent],
    sent.map(({ body }) => body.id),
  );
  expect((await readJobs()).map((row) => row["state"])).toEqual(["done", "done", "done"]);
  sent.length = 0;
  await trigger([plan, urgent], THIS_MINUTE, bindings);
  expect(sent).toEqual([]);
});

test("without a queue the trigger runs them itself", async () => {
  const plan = backgroundPlan();
  const none = { JOBS: undefined };
  expect((await upload(createCaller([plan], none), "/test", await as("ann"), [red])).status).toBe(202);
  await passTime();
  await trigger([plan], THIS_MINUTE, none);
  expect((await readJobs()).map((row) => row["state"])).toEqual(["done"]);
});

test("files that a statement's rows name go with its job, and nobody's call is needed", async () => {
  const steps: Plan["steps"] = [
    queryStep({
      sql: "DELETE FROM gallery RETURNING storage_key",
      deletes: {
        step: 1,
        column: "storage_key",
        maxKeys: 1000,
        rows: { sql: "WITH sluice_rows AS (SELECT storage_key FROM gallery)", parameters: [], when: "before" },
      },
    }),
    { mode: "delete-files", id: 2, maxKeys: 1000, keys: { from: "result", step: 0, path: ["storage_key"] } },
  ];
  const all = { ...job, steps: [0, 1] };
  const plans = [
    scheduled({ steps, schedule: { times: always, job: all }, answer: { step: 1, fields: null, shape: "list" } }),
  ];
  const storing = planOf([uploadStep(), storeRows], { id: "store-01", resource: "store" });
  const response = await upload(createCaller([storing]), "/store", await as("ann"), [red]);
  expect(response.status).toBe(200);
  await trigger(plans, THIS_MINUTE);
  const [ran] = await readJobs();
  expect(ran).toMatchObject({ state: "done", result: expect.stringContaining('"status":"deleted"') as unknown });
  expect(await readStored()).toMatchObject({ files: [], objects: [] });
});
