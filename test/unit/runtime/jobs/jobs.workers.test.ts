/** A call whose later steps run from a queue: what is kept, what runs, and that it takes effect once. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Json, Plan } from "../../../../src/contract/plan.ts";
import { as, createCaller, expectProblem, ORIGIN, upload, type Call, type FormPart } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { failingBatch } from "../../../support/faults.ts";
import { claimId, planOf, queryStep, uploadStep } from "../../../support/plans.ts";
import {
  backgroundPlan,
  deliver,
  INSERT_GALLERY,
  passTime,
  readJobs,
  recordingQueues,
  red,
  storeRows,
} from "./support.ts";

useFreshStorage();

interface Ticket {
  readonly success: boolean;
  readonly message: string;
  readonly data: Json;
  readonly job_id: string;
  readonly status_url: string;
}

/** An upload that leaves a job. */
async function queueJob(plan: Plan, headers?: Record<string, string>, files: readonly FormPart[] = [red]) {
  const queues = recordingQueues();
  const call = createCaller([plan], queues.bindings);
  const response = await upload(call, "/test", headers ?? (await as("ann")), files);
  expect(response.status, await response.clone().text()).toBe(202);
  return { response, ticket: await response.json<Ticket>(), call, ...queues };
}

async function show(call: Call, id: string, caller = "ann") {
  const response = await call(`/jobs/${id}`, { headers: await as(caller) });
  expect(response.status).toBe(200);
  return (await response.json<{ data: Record<string, Json> }>()).data;
}

describe("the answer", () => {
  test("202 with the job and the upload's returnables, files stored, nothing else done", async () => {
    const { response, ticket, sent } = await queueJob(backgroundPlan());
    const { objects, files, gallery } = await readStored();
    expect(ticket).toEqual({
      success: true,
      message: "Accepted",
      data: [{ storage_key: objects[0] }],
      job_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      status_url: `${ORIGIN}/jobs/${ticket.job_id}`,
    });
    expect(response.headers.get("server-timing")).toMatch(/receive;dur=.*commit;dur=/);
    expect(files.map(({ status }) => status)).toEqual(["stored"]);
    expect(gallery).toEqual([]);
    expect(sent).toEqual([{ queue: "JOBS", body: { id: ticket.job_id }, delaySeconds: 0 }]);
  });

  test("where to ask has the origin that files' addresses have", async () => {
    const plan = backgroundPlan({ answer: { step: 0, fields: ["url"], shape: "object" } });
    const bindings = { ...recordingQueues().bindings, PUBLIC_BASE_URL: "https://files.example" };
    const response = await upload(createCaller([plan], bindings), "/test", await as("ann"), [red]);
    const { data, job_id, status_url } = await response.json<Ticket & { data: { url: string } }>();
    expect([status_url, new URL(data.url).origin]).toEqual([
      `https://files.example/jobs/${job_id}`,
      "https://files.example",
    ]);
  });

  test("the delay is the message's own", async () => {
    const plan = backgroundPlan({ delaySeconds: 90, priority: "high" });
    const { ticket, sent, bindings } = await queueJob(plan);
    expect(sent).toEqual([{ queue: "JOBS", body: { id: ticket.job_id }, delaySeconds: 90 }]);
    // A message that comes early waits for the rest of the delay.
    const [again] = await deliver([plan], [ticket.job_id], bindings);
    expect(again).toBeGreaterThan(80);
    expect(again).toBeLessThanOrEqual(90);
    expect((await readStored()).gallery).toEqual([]);
  });

  test("a call that is repeated under its idempotency key has one job", async () => {
    const queues = recordingQueues();
    const call = createCaller([backgroundPlan()], queues.bindings);
    const headers = { ...(await as("ann")), "idempotency-key": "k1" };
    const tickets = [];
    for (const _time of [1, 2]) {
      const response = await upload(call, "/test", headers, [red]);
      expect(response.status).toBe(202);
      tickets.push(await response.json<Ticket>());
    }
    expect(tickets[1]).toEqual(tickets[0]);
    expect(await readJobs()).toHaveLength(1);
    expect(queues.sent).toHaveLength(1);
  });

  test("a refused call leaves no job", async () => {
    const queues = recordingQueues();
    const call = createCaller([backgroundPlan()], queues.bindings);
    await expectProblem(await upload(call, "/test", await as("ann"), [red, red, red]), 422, "too_many_files");
    expect(await readJobs()).toEqual([]);
    expect(queues.sent).toEqual([]);
  });

  test("claims, payload and headers that are read are kept; others and secrets are not", async () => {
    const reads = { payload: true, headers: ["x-trace", "ip"], results: [0] };
    const headers = {
      ...(await as("ann")),
      "x-trace": "t1",
      "x-other": "nobody reads this",
      "cf-connecting-ip": "192.0.2.1",
    };
    const parts = [{ name: "title", body: "Sunset" }, red];
    await queueJob(backgroundPlan({ reads }), headers, parts);
    const [job] = await readJobs();
    const text = job?.["context"] as string;
    expect(JSON.parse(text)).toMatchObject({
      claims: { id: "ann" },
      payload: { title: "Sunset" },
      headers: { "x-trace": "t1" },
      clientIp: "192.0.2.1",
    });
    expect(text).not.toContain((headers as Record<string, string>)["x-access-token"]);
    expect(text).not.toContain("nobody reads this");
    expect(text).not.toContain(env.JWT_SECRET_KEY);
  });

  test("a link that only the call answers is signed once, and kept for nobody", async () => {
    const plan = backgroundPlan({ answer: { step: 0, fields: ["download_url"], shape: "object" } });
    const { ticket } = await queueJob(plan);
    expect(ticket.data).toEqual({ download_url: expect.stringContaining("X-Amz-Signature") as string });
    expect(await deliver([plan], [ticket.job_id])).toEqual(["ack"]);
    const [job] = await readJobs();
    expect(job?.["context"]).not.toContain("link:");
    expect((await env.DB.prepare("SELECT id FROM sluice_links").all()).results).toHaveLength(1);
  });

  test("a context over the 128 KB of a message", async () => {
    const plan = backgroundPlan({ reads: { payload: true, headers: [], results: [0] } });
    const fields = Array.from({ length: 4 }, (_, index) => ({ name: `f${index}`, body: "x".repeat(60_000) }));
    const { ticket } = await queueJob(plan, undefined, [...fields, red]);
    expect(await deliver([plan], [ticket.job_id])).toEqual(["ack"]);
    expect((await readStored()).gallery).toHaveLength(1);
  });
});

describe("running", () => {
  test("runs the steps with the call's claims and moment, and keeps the answer", async () => {
    const plan = backgroundPlan();
    const { ticket, call } = await queueJob(plan, undefined, [red, red]);
    expect(await show(call, ticket.job_id)).toMatchObject({
      state: "queued",
      attempts: 0,
      result: null,
      problem: null,
    });
    const [queued] = await readJobs();
    expect(await deliver([plan], [ticket.job_id])).toEqual(["ack"]);
    const { gallery, objects } = await readStored();
    expect(gallery.map((row) => row["storage_key"]).toSorted()).toEqual(objects);
    expect(gallery.map((row) => [row["user_id"], row["created_at"]])).toEqual([
      ["ann", queued?.["created_at"]],
      ["ann", queued?.["created_at"]],
    ]);
    const view = await show(call, ticket.job_id);
    expect(view).toMatchObject({ state: "done", attempts: 1, problem: null });
    expect(view["result"]).toHaveLength(2);
  });

  test("runs what an earlier version queued, whose results were no text", async () => {
    const plan = backgroundPlan();
    const { ticket } = await queueJob(plan);
    await env.DB.prepare(
      "UPDATE sluice_jobs SET context = json_set(context, '$.results', json(context ->> 'results'))",
    ).run();
    expect(await deliver([plan], [ticket.job_id])).toEqual(["ack"]);
    expect((await readJobs()).map((job) => job["state"])).toEqual(["done"]);
  });

  test("a message that comes again repeats nothing, also at the same time", async () => {
    const plan = backgroundPlan();
    const { ticket } = await queueJob(plan);
    const id = ticket.job_id;
    const outcomes = await deliver([plan], [id, id, id]);
    expect(outcomes.filter((outcome) => outcome === "ack")).not.toHaveLength(0);
    expect(await deliver([plan], [id])).toEqual(["ack"]);
    expect((await readStored()).gallery).toHaveLength(1);
    expect((await readJobs()).map((job) => [job["state"], job["attempts"]])).toEqual([["done", 1]]);
  });

  test("messages that name nothing are dropped", async () => {
    expect(await deliver([backgroundPlan()], ["0".repeat(32), ""])).toEqual(["ack", "ack"]);
  });

  // Batches of a job: 1 takes it, 2 writes and finishes it, 3 keeps its answer.
  test.each([
    [1, "before", "queued"],
    [1, "after", "running"],
    [2, "before", "queued"],
    [2, "after", "done"],
    [3, "before", "done"],
    [3, "after", "done"],
  ] as const)("the database fails at batch %i, %s it ran", async (batch, moment, state) => {
    const plan = backgroundPlan();
    const { ticket } = await queueJob(plan);
    const faulty = { DB: failingBatch(env.DB, batch, moment) };
    await deliver([plan], [ticket.job_id], faulty);
    expect((await readJobs()).map((job) => job["state"])).toEqual([state]);
    await passTime();
    expect(await deliver([plan], [ticket.job_id])).toEqual(["ack"]);
    expect((await readJobs()).map((job) => job["state"])).toEqual(["done"]);
    const { gallery, objects } = await readStored();
    expect(gallery.map((row) => row["storage_key"])).toEqual(objects);
    expect(objects).toHaveLength(1);
  });

  test("$ENV is read when the job runs", async () => {
    const step = queryStep({
      sql: INSERT_GALLERY,
      parameters: [
        { value: { from: "literal", value: "row" }, type: "any" },
        { value: { from: "env", name: "PARTNER" }, type: "any" },
        { value: { from: "result", step: 0, path: ["storage_key"] }, type: "any" },
        { value: { from: "literal", value: 1 }, type: "any" },
        { value: { from: "now" }, type: "any" },
      ],
    });
    const plan = backgroundPlan({}, [uploadStep(), step]);
    const { ticket } = await queueJob(plan);
    expect(JSON.stringify(await readJobs())).not.toContain("rotated");
    await deliver([plan], [ticket.job_id], { PARTNER: "rotated" });
    expect((await readStored()).gallery.map((row) => row["user_id"])).toEqual(["rotated"]);
  });
});

/** Writes an album before the photo that names it: on D1 the first write is durable before the last batch. */
const chain = backgroundPlan({ steps: [1, 2] }, [
  uploadStep(),
  queryStep({
    id: 2,
    sql: "INSERT INTO sluice_documents (id, collection, body, created_at, updated_at) VALUES (?1, 'albums', '{}', ?2, ?2) RETURNING id",
    parameters: [
      { value: { from: "generator", kind: "NANOID" }, type: "any" },
      { value: { from: "now" }, type: "any" },
    ],
    send: "now",
  }),
  queryStep({
    id: 3,
    sql: INSERT_GALLERY,
    parameters: [
      { value: { from: "result", step: 1, path: ["id"] }, type: "any" },
      { value: claimId, type: "any" },
      { value: { from: "result", step: 0, path: ["storage_key"] }, type: "any" },
      { value: { from: "payload", path: ["size"] }, type: "any" },
      { value: { from: "now" }, type: "any" },
    ],
  }),
]);

async function albums(): Promise<unknown[]> {
  return (await env.DB.prepare("SELECT id FROM sluice_documents").all()).results.map((row) => row["id"]);
}

describe("steps that are sent early", () => {
  const plan: Plan = {
    ...chain,
    background: { ...chain.background, reads: { payload: true, headers: [], results: [0] } } as Plan["background"] &
      object,
  };
  const parts = [{ name: "size", body: "1" }, red];

  // Batches: 1 takes, 2 writes the album and notes it, 3 keeps its row, 4 writes the photo and finishes, 5 the answer.
  test.each([
    [2, "before", "done"],
    [3, "after", "done"],
    [4, "before", "done"],
    [4, "after", "done"],
    [2, "after", "dead"],
    [3, "before", "done"],
  ] as const)("the database fails at batch %i, %s it ran: in the end %s", async (batch, moment, state) => {
    const { ticket, call } = await queueJob(plan, undefined, parts);
    await deliver([plan], [ticket.job_id], { DB: failingBatch(env.DB, batch, moment) });
    await passTime();
    await deliver([plan], [ticket.job_id]);
    const view = await show(call, ticket.job_id);
    expect(view["state"]).toBe(state);
    const { gallery, objects } = await readStored();
    // Never two albums, and what an album may name is there.
    expect(await albums()).toHaveLength(1);
    expect(objects).toHaveLength(1);
    if (state === "done") expect(gallery.map((row) => row["id"])).toEqual(await albums());
    else expect(view["problem"]).toMatchObject({ code: "job_interrupted" });
  });

  test("a step that is done is not repeated when a later one fails", async () => {
    const { ticket } = await queueJob(plan, undefined, [{ name: "size", body: "1" }, red]);
    for (const _attempt of [1, 2]) {
      await deliver([plan], [ticket.job_id], { DB: failingBatch(env.DB, _attempt === 1 ? 4 : 2, "before") });
      await passTime();
    }
    expect((await readJobs())[0]?.["attempts"]).toBe(2);
    await deliver([plan], [ticket.job_id]);
    expect(await albums()).toHaveLength(1);
    expect((await readStored()).gallery).toHaveLength(1);
    const left = await env.DB.prepare("SELECT count(*) AS n FROM sluice_job_steps").first("n");
    expect(left).toBe(0);
  });
});

/** Violates the gallery's primary key at the second call. */
const sameId = {
  ...storeRows,
  parameters: [{ value: { from: "literal", value: "one" }, type: "any" } as const, ...storeRows.parameters.slice(1)],
};

describe("failing for good", () => {
  test("a refusal that cannot get better is dead at once, and undoes what the call stored", async () => {
    const plan = backgroundPlan({}, [uploadStep(), sameId]);
    const first = await queueJob(plan);
    const second = await queueJob(plan);
    await deliver([plan], [first.ticket.job_id]);
    const before = await readStored();
    expect(before.objects).toHaveLength(2);
    expect(await deliver([plan], [second.ticket.job_id])).toEqual(["ack"]);
    const view = await show(second.call, second.ticket.job_id);
    expect(view).toMatchObject({
      state: "dead",
      attempts: 1,
      result: null,
      problem: { code: "unique_violation", status: 409 },
    });
    expect(view["problem"]).not.toHaveProperty("reason");
    const { objects, files, gallery } = await readStored();
    expect(gallery.map((row) => row["storage_key"])).toEqual(objects);
    expect(files.map((file) => file["storage_key"])).toEqual(objects);
  });

  test("keep_files leaves them", async () => {
    const plan = backgroundPlan({ keepsFiles: true }, [uploadStep(), sameId]);
    const jobs = [await queueJob(plan), await queueJob(plan)];
    await deliver([plan], jobs.map(({ ticket }) => ticket.job_id).slice(0, 1));
    await deliver([plan], jobs.map(({ ticket }) => ticket.job_id).slice(1));
    const { objects, files } = await readStored();
    expect(objects).toHaveLength(2);
    expect(files.map((file) => file["status"])).toEqual(["stored", "stored"]);
  });

  test("other failures are retried, each wait longer, and then dead", async () => {
    const missing = queryStep({ sql: "SELECT id FROM gallery WHERE id = 'none'", mustReturn: true, send: "now" });
    const plan = backgroundPlan({}, [uploadStep(), missing]);
    const { ticket, call } = await queueJob(plan);
    const waits: unknown[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      waits.push(...(await deliver([plan], [ticket.job_id], { JOB_BACKOFF_SECONDS: "100" })));
      if (attempt < 3) expect((await readStored()).objects).toHaveLength(1);
      await passTime();
    }
    const [first, second, last] = waits;
    expect(first).toBeGreaterThanOrEqual(50);
    expect(first).toBeLessThanOrEqual(100);
    expect(second).toBeGreaterThanOrEqual(100);
    expect(second).toBeLessThanOrEqual(200);
    expect(last).toBe("ack");
    expect(await show(call, ticket.job_id)).toMatchObject({
      state: "dead",
      attempts: 3,
      problem: { code: "row_missing" },
    });
    expect(await readStored()).toMatchObject({ objects: [], files: [] });
  });

  test.each([
    ["changed", { fingerprint: "two" }],
    ["removed", null],
  ] as const)("an ABI that was %s in between", async (_what, change) => {
    const plan = backgroundPlan();
    const { ticket, call } = await queueJob(plan);
    await deliver(change === null ? [] : [backgroundPlan(change)], [ticket.job_id]);
    expect(await show(call, ticket.job_id)).toMatchObject({ state: "dead", problem: { code: "job_outdated" } });
    expect(await readStored()).toEqual({ objects: [], files: [], gallery: [] });
  });

  test("a file that was deleted before the job ran", async () => {
    const plan = backgroundPlan();
    const { ticket, call } = await queueJob(plan);
    await env.DB.prepare("UPDATE sluice_files SET status = 'gone'").run();
    await deliver([plan], [ticket.job_id]);
    expect(await show(call, ticket.job_id)).toMatchObject({ state: "dead", problem: { code: "file_not_found" } });
    expect((await readStored()).gallery).toEqual([]);
  });

  test("a job whose Worker ends in every attempt", async () => {
    const plan = backgroundPlan({ maxAttempts: 2 });
    const { ticket, call } = await queueJob(plan);
    for (const _attempt of [1, 2]) {
      // Taken, and never heard of again.
      await deliver([plan], [ticket.job_id], { DB: failingBatch(env.DB, 1, "after") });
      await passTime();
    }
    await deliver([plan], [ticket.job_id]);
    expect(await show(call, ticket.job_id)).toMatchObject({ state: "dead", problem: { code: "job_interrupted" } });
    expect(await readStored()).toEqual({ objects: [], files: [], gallery: [] });
  });
});

test("without an upload, all of it runs later", async () => {
  const step = queryStep({
    sql: INSERT_GALLERY,
    parameters: [
      { value: { from: "payload", path: ["id"] }, type: "any" },
      { value: claimId, type: "any" },
      { value: { from: "literal", value: "key" }, type: "any" },
      { value: { from: "literal", value: 1 }, type: "any" },
      { value: { from: "now" }, type: "any" },
    ],
  });
  const base = backgroundPlan({ steps: [0], answer: null, reads: { payload: true, headers: [], results: [] } });
  const plan = planOf([step], { background: base.background as Plan["background"] & object });
  const call = createCaller([plan], recordingQueues().bindings);
  const headers = { ...(await as("ann")), "content-type": "application/json" };
  const response = await call("/test", { method: "POST", headers, body: '{"id":"row-1"}' });
  expect(response.status).toBe(202);
  const ticket = await response.json<Ticket>();
  expect(ticket.data).toBeNull();
  await deliver([plan], [ticket.job_id]);
  expect((await readStored()).gallery.map((row) => row["id"])).toEqual(["row-1"]);
  expect(await show(call, ticket.job_id)).toMatchObject({ state: "done", result: { id: "row-1" } });
});
