/** Which job goes first: where each priority has a queue of its own, and where one queue carries them all. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { JobPriority, Plan } from "../../../../src/contract/plan.ts";
import { as, createCaller, upload } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { failingBatch } from "../../../support/faults.ts";
import { queryStep, uploadStep } from "../../../support/plans.ts";
import { backgroundPlan, deliver, passTime, readJobs, recordingQueues, red } from "./support.ts";

useFreshStorage();

const named = (name: JobPriority, plan: Plan): Plan => ({ ...plan, id: name, resource: name });
const plans = (["low", "normal", "high"] as const).map((priority) => named(priority, backgroundPlan({ priority })));
const one = ["JOBS"];
const each = ["JOBS_HIGH", "JOBS", "JOBS_LOW"];

/** Calls the endpoints one after the other, and resolves with the ids of their jobs. */
async function queueJobs(names: readonly JobPriority[], queues: readonly string[], build = plans): Promise<string[]> {
  const call = createCaller(build, recordingQueues(queues).bindings);
  const ids = [];
  for (const name of names) {
    const response = await upload(call, `/${name}`, await as("ann"), [red]);
    expect(response.status, await response.clone().text()).toBe(202);
    ids.push((await response.json<{ job_id: string }>()).job_id);
  }
  return ids;
}

const deliverOn = (queues: readonly string[], ids: readonly string[], bindings = {}, build = plans) =>
  deliver(build, ids, { ...recordingQueues(queues).bindings, ...bindings });

/** Endpoints whose jobs are in that state, in the order of their calls. */
async function endpointsIn(state: string): Promise<unknown[]> {
  return (await readJobs()).filter((job) => job["state"] === state).map((job) => job["endpoint"]);
}

test.each([
  [one, ["JOBS", "JOBS", "JOBS"]],
  [each, ["JOBS_HIGH", "JOBS", "JOBS_LOW"]],
  [
    ["JOBS", "JOBS_LOW"],
    ["JOBS", "JOBS", "JOBS_LOW"],
  ],
])("with %j the messages of high, normal and low go to %j", async (queues, expected) => {
  const { sent, bindings } = recordingQueues(queues);
  const call = createCaller(plans, bindings);
  for (const name of ["high", "normal", "low"]) await upload(call, `/${name}`, await as("ann"), [red]);
  await expect.poll(() => sent.map(({ queue }) => queue)).toEqual(expected);
});

describe("one queue", () => {
  test("each message runs the most urgent job that waits, whichever it was sent for", async () => {
    const [low = "", normal = "", high = ""] = await queueJobs(["low", "normal", "high"], one);
    expect(await deliverOn(one, [low])).toEqual(["ack"]);
    expect(await endpointsIn("done")).toEqual(["high"]);
    expect(await deliverOn(one, [normal])).toEqual(["ack"]);
    expect(await endpointsIn("done")).toEqual(["normal", "high"]);
    expect(await deliverOn(one, [high])).toEqual(["ack"]);
    expect(await endpointsIn("queued")).toEqual([]);
  });

  test("messages of one batch run a job each, once", async () => {
    const ids = await queueJobs(["low", "high", "low", "normal", "high"], one);
    expect(await deliverOn(one, ids)).toEqual(ids.map(() => "ack"));
    expect((await readJobs()).map((job) => [job["state"], job["attempts"]])).toEqual(ids.map(() => ["done", 1]));
    expect((await readStored()).gallery).toHaveLength(ids.length);
  });

  test("a batch that has no place for all takes the urgent ones", async () => {
    const ids = await queueJobs(["low", "normal", "high", "normal", "high"], one);
    await deliverOn(one, ids.slice(0, 2));
    expect(await endpointsIn("done")).toEqual(["high", "high"]);
  });

  test("of equals the one that waits longest goes first", async () => {
    const [first, second = ""] = await queueJobs(["normal", "normal"], one);
    await deliverOn(one, [second]);
    expect((await readJobs()).map((job) => [job["id"], job["state"]])).toEqual([
      [first, "done"],
      [second, "queued"],
    ]);
  });

  test("a job whose time has not come holds up none", async () => {
    const delayed = [...plans.slice(0, 2), named("high", backgroundPlan({ priority: "high", delaySeconds: 90 }))];
    const [normal = ""] = await queueJobs(["normal", "high"], one, delayed);
    expect(await deliverOn(one, [normal], {}, delayed)).toEqual(["ack"]);
    expect(await endpointsIn("done")).toEqual(["normal"]);
  });

  test("a message whose job is done and that finds none waiting is done with", async () => {
    const ids = await queueJobs(["low"], one);
    expect(await deliverOn(one, [...ids, ...ids])).toContain("ack");
    expect(await deliverOn(one, ids)).toEqual(["ack"]);
    expect((await readJobs()).map((job) => job["attempts"])).toEqual([1]);
  });

  test("a message comes again for the job that it ran and that failed", async () => {
    const [low = "", high = ""] = await queueJobs(["low", "high"], one);
    const [again] = await deliverOn(one, [low], { DB: failingBatch(env.DB, 2, "before") });
    expect(again).toBeGreaterThan(0);
    await deliverOn(one, [high]);
    expect(await endpointsIn("done")).toEqual(["low"]);
    await passTime();
    expect(await deliverOn(one, [low])).toEqual(["ack"]);
    expect(await endpointsIn("queued")).toEqual([]);
  });

  test("whoever goes on with a job knows which steps have taken effect", async () => {
    const album = queryStep({
      id: 2,
      sql: "INSERT INTO sluice_documents (id, collection, body, created_at, updated_at) VALUES (?1, 'albums', '{}', ?2, ?2) RETURNING id",
      parameters: [
        { value: { from: "generator", kind: "NANOID" }, type: "any" },
        { value: { from: "now" }, type: "any" },
      ],
      send: "now",
    });
    const photo = queryStep({
      id: 3,
      sql: "UPDATE sluice_documents SET body = '{\"photo\":true}' WHERE id = ?1 RETURNING id",
      parameters: [{ value: { from: "result", step: 1, path: ["id"] }, type: "any" }],
    });
    const chain = backgroundPlan({ priority: "high", steps: [1, 2] }, [uploadStep(), album, photo]);
    const build = [...plans.slice(0, 2), named("high", chain)];
    const [low = "", high = ""] = await queueJobs(["low", "high"], one, build);
    // Batches: 1 takes, 2 writes the album, 3 keeps its row, 4 finishes.
    await deliverOn(one, [high], { DB: failingBatch(env.DB, 4, "before") }, build);
    await passTime();
    expect(await deliverOn(one, [low], {}, build)).toEqual(["ack"]);
    expect(await endpointsIn("done")).toEqual(["high"]);
    expect((await env.DB.prepare("SELECT body FROM sluice_documents").all()).results).toEqual([
      { body: '{"photo":true}' },
    ]);
  });

  test("a schedule's run, which has no message, is left to its trigger", async () => {
    const [low = "", high] = await queueJobs(["low", "high"], one);
    await env.DB.prepare("UPDATE sluice_jobs SET origin = 'schedule' WHERE id = ?1").bind(high).run();
    await deliverOn(one, [low]);
    expect(await endpointsIn("done")).toEqual(["low"]);
  });

  test("finds the job by an index, however many wait", async () => {
    const text =
      "SELECT id FROM sluice_jobs WHERE state = 'queued' AND priority = 2 AND due_at <= '2030' ORDER BY due_at LIMIT 1";
    const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${text}`).all();
    expect(results.map((row) => row["detail"])).toEqual([
      "SEARCH sluice_jobs USING INDEX sluice_jobs_waiting (priority=? AND due_at<?)",
    ]);
  });
});

describe("a queue for each priority", () => {
  test("a message runs the job that it was sent for: no queue waits for another", async () => {
    const [low = ""] = await queueJobs(["low", "normal", "high"], each);
    expect(await deliverOn(each, [low])).toEqual(["ack"]);
    expect(await endpointsIn("done")).toEqual(["low"]);
  });

  test("two that share one are in order; the third is apart", async () => {
    const queues = ["JOBS_HIGH", "JOBS"];
    const [low = "", , high = ""] = await queueJobs(["low", "normal", "high", "high"], queues);
    await deliverOn(queues, [low]);
    expect(await endpointsIn("done")).toEqual(["normal"]);
    await deliverOn(queues, [high]);
    expect(await endpointsIn("done")).toEqual(["normal", "high"]);
  });
});
