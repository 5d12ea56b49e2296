/** run_in_background, queue, retries, keep_files and cron_job: what runs when, and what is refused. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readCron } from "../../../../src/compiler/endpoint/cron.ts";
import { pointerLine } from "../../../support/pointer-line.ts";
import type { BackgroundPlan } from "../../../../src/contract/plan.ts";
import { abi, compile, diagnose, plan, query, root, upload } from "../support.ts";

const insert = "INSERT INTO albums (id, owner, title) VALUES ($1, $2, $3) RETURNING id, title";
const store = (id: number, more: Record<string, unknown> = {}) =>
  query(id, insert, ["$GENERATOR.KSUID", "$PROTECTED.id", "storage_key"], more);
const audit = (id: number, more: Record<string, unknown> = {}) =>
  query(id, "UPDATE albums SET photos = photos + 1 WHERE owner = $1", ["$PROTECTED.id"], more);
const inBackground = { run_in_background: true };

async function backgroundOf(source: Record<string, unknown>): Promise<BackgroundPlan> {
  const { background } = await plan(source);
  if (background === undefined) throw new Error("nothing runs in the background");
  return background;
}

test("the documentation's example compiles", async () => {
  const page = readFileSync(`${root}docs/jobs.md`, "utf8");
  const example = /```json\n(\{.*?\n\})\n```/s.exec(page)?.[1] ?? "";
  const { plans, diagnostics } = await compile([example]);
  expect(diagnostics).toEqual([]);
  expect(plans[0]?.background).toMatchObject({ steps: [1], priority: "high", maxAttempts: 4 });
});

describe("what runs in the job", () => {
  test("all but the upload, which answers", async () => {
    const compiled = await plan(abi([upload({}, { returnables: ["storage_key"] }), store(2)], inBackground));
    expect(compiled.answer.step).toBe(1);
    expect(compiled.background).toEqual({
      steps: [1],
      answer: { step: 0, fields: ["storage_key"], shape: "list" },
      reads: { payload: false, headers: [], results: [0] },
      delaySeconds: 0,
      priority: "normal",
      maxAttempts: 4,
      keepsFiles: false,
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test("what authorises the upload stays in the request", async () => {
    const allowed = query(1, "SELECT id FROM albums WHERE owner = $1", ["$PROTECTED.id"], { no_op: true });
    const files = upload({}, { id: 2, depends_on: [{ resource_id: "self", action_ids: [1] }] });
    expect(await backgroundOf(abi([allowed, files, store(3)], inBackground))).toMatchObject({
      steps: [2],
      answer: { step: 1, fields: null },
    });
  });

  test("without an upload everything, and nothing is answered", async () => {
    expect(await backgroundOf(abi([audit(1)], inBackground))).toMatchObject({ steps: [0], answer: null });
  });

  test("one actionable and what depends on it or reads its result", async () => {
    const marked = store(2, inBackground);
    const dependent = audit(3, { depends_on: [{ resource_id: "self", action_ids: [2] }] });
    const reader = query(4, "UPDATE albums SET title = $1", ["title"]);
    const free = audit(5);
    const background = await backgroundOf(abi([upload(), marked, dependent, reader, free]));
    expect(background.steps).toEqual([1, 2, 3]);
    // The last actionable runs in the request, so it answers as without a job.
    expect(background.answer?.step).toBe(4);
  });

  test("the call's payload, headers and results are kept only where they are read", async () => {
    const values = ["$PAYLOAD.id", "$HEADER.ip", "$HEADER.X-Trace"];
    expect((await backgroundOf(abi([upload(), query(2, insert, values)], inBackground))).reads).toEqual({
      payload: true,
      headers: ["ip", "x-trace"],
      results: [],
    });
  });

  test.each([
    ["binds it", "download_url", {}, true],
    ["binds another field", "storage_key", {}, undefined],
    ["answers it", "storage_key", { main_returnable: true, returnables: ["download_url"] }, true],
    ["answers all fields", "storage_key", { main_returnable: true, returnables: undefined }, true],
    ["answers another field", "storage_key", { main_returnable: true, returnables: ["url"] }, undefined],
  ])("links are signed for a job that %s", async (_, value, more, links) => {
    const returnables = ["storage_key", "download_url"];
    const storing = query(2, insert, ["$GENERATOR.KSUID", "$PROTECTED.id", value]);
    const { reads } = await backgroundOf(abi([upload({}, { returnables, ...more }), storing], inBackground));
    expect([reads.results, reads.links]).toEqual([[0], links]);
  });

  test.each([
    [{}, { delaySeconds: 0, priority: "normal", maxAttempts: 4, keepsFiles: false }],
    [
      { queue: { delay: 0 }, retries: 0 },
      { delaySeconds: 0, maxAttempts: 1 },
    ],
    [
      { queue: { delay: 43_200, priority: "high" }, retries: 20, keep_files: true },
      { delaySeconds: 43_200, priority: "high", maxAttempts: 21, keepsFiles: true },
    ],
    [{ queue: { priority: 10 } }, { priority: "high" }],
    [{ queue: { priority: 5 } }, { priority: "normal" }],
    [{ queue: { priority: 1 } }, { priority: "low" }],
  ])("%o", async (more, expected) => {
    expect(await backgroundOf(abi([upload(), store(2)], { ...inBackground, ...more }))).toMatchObject(expected);
  });

  test("on an actionable, too", async () => {
    const marked = store(2, { ...inBackground, queue: { delay: 5 }, retries: 1 });
    expect(await backgroundOf(abi([upload(), marked]))).toMatchObject({ delaySeconds: 5, maxAttempts: 2 });
  });

  test("another statement is another fingerprint; other retries are not", async () => {
    const one = await backgroundOf(abi([upload(), store(2)], inBackground));
    const retried = await backgroundOf(abi([upload(), store(2)], { ...inBackground, retries: 9 }));
    const changed = await backgroundOf(abi([upload(), audit(2)], inBackground));
    expect(retried.fingerprint).toBe(one.fingerprint);
    expect(changed.fingerprint).not.toBe(one.fingerprint);
  });

  test("the request's batch and the job's are apart: neither makes the other's writes early", async () => {
    const compiled = await plan(
      abi([upload(), audit(2), store(3, inBackground), query(4, "UPDATE albums SET title = $1", ["title"])]),
    );
    expect(compiled.steps.map((step) => (step.mode === "query" ? step.send : step.mode))).toEqual([
      "upload",
      "commit",
      "now",
      "commit",
    ]);
  });
});

describe("what is refused", () => {
  test.each([
    ["delay −1", { queue: { delay: -1 } }, "a.json/queue/delay: must be at least 0"],
    ["over 12 h", { queue: { delay: 43_201 } }, "a.json/queue/delay: must be at most 43200"],
    ["priority", { queue: { priority: 11 } }, "a.json/queue/priority: must be at most 10"],
    [
      "misspelt",
      { queue: { dealy: 1 } },
      'a.json/queue/dealy: unknown property "dealy"; expected delay, priority. Did you mean "delay"?',
    ],
    ["retries", { retries: 21 }, "a.json/retries: must be at most 20"],
  ])("%s", async (_name, more, line) => {
    expect(await diagnose(abi([upload(), store(2)], { ...inBackground, ...more }))).toEqual([line]);
  });

  test.each([
    [
      "nothing left",
      abi([upload()], inBackground),
      "a.json/run_in_background: nothing is left to run after the upload",
    ],
    [
      "queue alone",
      abi([upload(), store(2)], { queue: { delay: 1 } }),
      'a.json/queue: has no meaning without "run_in_background": true',
    ],
    [
      "retries alone",
      abi([upload(), store(2)], { retries: 1 }),
      'a.json/retries: has no meaning without "run_in_background": true or cron_job',
    ],
    [
      "keep_files alone",
      abi([upload(), store(2)], { keep_files: true }),
      'a.json/keep_files: has no meaning without "run_in_background": true',
    ],
    [
      "the upload itself",
      abi([upload({}, inBackground), store(2)]),
      "a.json/actionables/0/run_in_background: files are received in the request: ",
    ],
    [
      "two queues",
      abi([
        upload(),
        store(2, { ...inBackground, queue: { delay: 1 } }),
        audit(3, { ...inBackground, queue: { delay: 2 } }),
      ]),
      "a.json/actionables/2/queue: differs from /actionables/1/queue: ",
    ],
    [
      "the token",
      abi([upload(), query(2, insert, ["$GENERATOR.KSUID", "$PROTECTED.id", "$HEADER.x-access-token"])], inBackground),
      "a.json/run_in_background: a step of the job reads the header x-access-token",
    ],
  ])("%s", async (_name, source, line) => {
    expect((await diagnose(source)).find((found) => found.startsWith(line))).toBeDefined();
  });
});

describe("what the configuration has to have", () => {
  const crons = ["* * * * *"];
  const lines = async (priority: string, queues: readonly string[], triggers: readonly string[] = crons) => {
    const source = abi([upload(), store(2)], { ...inBackground, queue: { priority } });
    return (await compile([source], { capabilities: { queues, crons: triggers } })).diagnostics.map(pointerLine);
  };
  const noQueue =
    'a.json/run_in_background: needs a queue in the Wrangler configuration: one of queues.producers with the binding "JOBS", and one of queues.consumers for its queue';

  test.each(["high", "normal", "low"])("one queue is enough for %s", async (priority) => {
    expect(await lines(priority, ["JOBS"])).toEqual([]);
    expect(await lines(priority, ["JOBS_HIGH", "JOBS", "JOBS_LOW"])).toEqual([]);
    expect(await lines(priority, [])).toEqual([noQueue]);
  });

  test("a queue of its own is enough, another priority's is not", async () => {
    expect(await lines("high", ["JOBS_HIGH"])).toEqual([]);
    expect(await lines("low", ["JOBS_HIGH"])).toEqual([noQueue]);
  });

  test("the minute's trigger", async () => {
    expect(await lines("normal", ["JOBS"], ["*/5 * * * *"])).toEqual([
      'a.json/run_in_background: needs the trigger "* * * * *" in the Wrangler configuration, under triggers.crons',
    ]);
  });
});

const daily = { cron_job: { execution_interval: "0 30 3 * * *" }, tokenize: undefined, protected: undefined };
const purge = query(1, "DELETE FROM albums WHERE opened_at < $1", ["$DATETIME"]);

describe("cron_job", () => {
  test("compiles to moments and a job of all steps", async () => {
    const compiled = await plan(abi([purge], { ...daily, retries: 1 }));
    expect(compiled.background).toBeUndefined();
    expect(compiled.schedule).toMatchObject({
      times: { seconds: [0], minutes: [30], hours: [3], days: null, weekdays: null },
      job: { steps: [0], maxAttempts: 2 },
    });
  });

  test("no files, no call", async () => {
    const [fault] = await diagnose(abi([upload()], { cron_job: daily.cron_job }));
    expect(fault).toMatch(/^a\.json\/actionables\/0\/mode: a cron_job has no request/);
    const lines = await diagnose(
      abi([query(1, "DELETE FROM albums WHERE owner = $1", ["$PROTECTED.id"])], { cron_job: daily.cron_job }),
    );
    expect(lines).toEqual(["a.json/actionables/0: warning: $PROTECTED is null when the cron_job runs this"]);
  });
});

describe("cron_job on an actionable", () => {
  const { cron_job, ...open } = daily;
  const here = { cron_job, ...inBackground };
  const other = query(3, "DELETE FROM albums WHERE title IS NULL");
  const needed = query(2, "SELECT id FROM albums", [], { no_op: true });
  const needs = { depends_on: [{ resource_id: "self", action_ids: [2] }] };

  test("is the endpoint's, and needs no queue", async () => {
    const source = abi([{ ...purge, ...here, ...needs, retries: 2 }, needed], open);
    const capabilities = { queues: [], crons: ["* * * * *"] };
    const { plans, diagnostics } = await compile([source], { capabilities });
    expect(diagnostics).toEqual([]);
    expect(plans).toEqual([await plan(abi([{ ...purge, ...needs }, needed], { ...daily, retries: 2 }))]);
  });

  test("may stand in several places that agree", async () => {
    const both = abi(
      [
        { ...purge, ...here },
        { ...other, cron_job },
      ],
      open,
    );
    expect((await plan(both)).schedule?.job.steps).toEqual([0, 1]);
    expect((await plan({ ...both, cron_job })).schedule).toEqual((await plan(both)).schedule);
  });

  test("a call of a protected one runs in the background as well", async () => {
    const { schedule, background } = await plan(abi([{ ...purge, ...here }]));
    expect([schedule?.job.steps, background?.steps]).toEqual([[0], [0]]);
  });

  const later = { execution_interval: "0 31 3 * * *" };
  test.each<[string, Record<string, unknown>, string]>([
    [
      "two schedules",
      abi([{ ...purge, ...here }], { ...open, cron_job: later }),
      "a.json/actionables/0/cron_job/execution_interval: differs from /cron_job: an endpoint runs by one schedule",
    ],
    [
      "two schedules of two actionables",
      abi(
        [
          { ...purge, ...here },
          { ...other, cron_job: later },
        ],
        open,
      ),
      "a.json/actionables/1/cron_job/execution_interval: differs from /actionables/0/cron_job: an endpoint runs by one",
    ],
    [
      "an actionable that it would run along",
      abi([{ ...purge, ...here }, other], open),
      'a.json/actionables/0/cron_job: would run the whole endpoint, also actionable 3: expected "cron_job" at the top',
    ],
    [
      "an expression that is none",
      abi([{ ...purge, cron_job: { execution_interval: "* * *" } }], open),
      "a.json/actionables/0/cron_job/execution_interval: ",
    ],
    [
      "another member",
      abi([{ ...purge, cron_job: { execution_intervall: "* * *" } }], open),
      'a.json/actionables/0/cron_job/execution_intervall: unknown property "execution_intervall"; expected execution_interval',
    ],
    [
      "files of no call",
      abi([upload({}, { cron_job })], open),
      "a.json/actionables/0/mode: a cron_job has no request, and so no files",
    ],
    [
      "a queue that no run goes through",
      abi([{ ...purge, ...here, queue: { delay: 5 } }], open),
      "a.json/actionables/0/queue: has no meaning: nobody calls this endpoint, and its cron_job runs it when it is due",
    ],
    [
      "limits of calls that nobody makes",
      abi([{ ...purge, ...here }], { ...open, maintenance: true }),
      "a.json/maintenance: nobody calls this endpoint",
    ],
    [
      "GET",
      abi([{ ...needed, no_op: false, cron_job }], { ...open, methods: ["GET"] }),
      "a.json/methods: a GET changes",
    ],
  ])("refuses %s", async (_, source, line) => {
    const faults = (await diagnose(source)).filter((told) => !told.includes(": warning: "));
    expect(faults).toEqual([expect.stringContaining(line)]);
  });
});

describe("cron expressions", () => {
  const all = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

  test.each([
    [
      "* * * * * *",
      { seconds: all(0, 59), minutes: all(0, 59), hours: all(0, 23), days: null, months: all(1, 12), weekdays: null },
    ],
    [
      "0 */15 8-10 1,15 JAN,mar MON-FRI",
      {
        seconds: [0],
        minutes: [0, 15, 30, 45],
        hours: [8, 9, 10],
        days: [1, 15],
        months: [1, 3],
        weekdays: [1, 2, 3, 4, 5],
      },
    ],
    ["5 10/20 0 ? * 0,7", { seconds: [5], minutes: [10, 30, 50], days: null, weekdays: [0] }],
    ["0 0 0 29 2 *", { days: [29], months: [2] }],
    ["0 0 0 31 2 SUN", { days: [31], months: [2], weekdays: [0] }],
  ])("%s", (expression, expected) => {
    expect(readCron(expression)).toMatchObject({ schedule: expected, fault: null });
  });

  const form = 'expected six fields, "second minute hour day month weekday"';
  test.each([
    ["*/5 * * * *", `has 5 fields; ${form}`],
    ["", `has 0 fields; ${form}`],
    ["0 0 0 30 2 *", "never fires"],
    ["0 0 0 31 4,6,9,11 *", "never fires"],
    ["60 * * * * *", `"60" is no second; expected 0 to 59; ${form}`],
    ["0 * 24 * * *", '"24" is no hour'],
    ["0 * * 0 * *", '"0" is no day; expected 1 to 31'],
    ["0 * * * 13 *", '"13" is no month'],
    ["0 * * * * 8", '"8" is no weekday'],
    ["0 * * * * MO", '"MO" is no weekday'],
    ["0 */0 * * * *", "the step must be a number"],
    ["0 1/2/3 * * * *", "has two steps"],
    ["0 1-2-3 * * * *", "is no range"],
    ["0 5-1 * * * *", "ends before it begins"],
    ["0 , * * * *", '"" is no minute'],
    ["0 -1 * * * *", '"" is no minute'],
    ["0 1.5 * * * *", '"1.5" is no minute'],
  ])("refuses %s", (expression, part) => {
    expect(readCron(expression).fault).toContain(part);
  });
});
