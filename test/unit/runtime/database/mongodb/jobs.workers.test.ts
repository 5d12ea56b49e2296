/** Background work that writes documents: durable with the job's record, and not before. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { createSluice } from "../../../../../src/index.ts";
import { background, passTime, readJobs, recordingQueues } from "../../jobs/support.ts";
import { as } from "../../../../support/app.ts";
import { useFreshStorage } from "../../../../support/database.ts";
import { planOf } from "../../../../support/plans.ts";
import { mongoStep } from "../../../../contracts/document-plans.ts";
import { ask, createMongoCaller, fail, mongo, mongoBuild } from "./support.ts";

const { replicaSet, lone } = mongo.own.jobs;

useFreshStorage();
beforeEach(async () => {
  await Promise.all([ask(replicaSet, "reset"), ask(lone, "reset")]);
});

const insert = mongoStep({
  query: { collection: "notes", action: "INSERT", parameters: ["title"] },
  fields: ["id", "title"],
});
const reads = { payload: true, headers: [], results: [] };
const plan = planOf([insert], { background: background({ steps: [0], answer: null, reads }) });

test.each([replicaSet, lone])("an attempt that fails leaves nothing, the next one writes once", async (url) => {
  const queues = recordingQueues();
  const bindings = { ...queues.bindings, MONGODB_URL: url };
  const headers = await as("ann", { "content-type": "application/json" });
  const call = createMongoCaller([plan], url, bindings);
  const body = JSON.stringify({ title: "a" });
  expect((await call("/test", { method: "POST", headers, body })).status).toBe(202);

  const deliver = async () => {
    const [message] = queues.sent;
    const delivered = { id: "m", timestamp: new Date(), attempts: 1, body: message?.body, ack() {}, retry() {} };
    const batch = { queue: "sluice-jobs", messages: [delivered] } as unknown as MessageBatch;
    await createSluice(mongoBuild([plan])).queue(batch, { ...env, ...bindings } as Env);
  };
  const documents = async () => ((await ask(url, "documents")) as { documents?: unknown[] }).documents?.length;
  await fail(url, { command: "insert", code: 50, codeName: "MaxTimeMSExpired", after: url === lone });
  await deliver();
  expect(await readJobs()).toMatchObject([{ state: "queued", attempts: 1 }]);
  expect(await documents()).toBe(0);

  await passTime();
  await deliver();
  expect(await readJobs()).toMatchObject([{ state: "done", attempts: 2 }]);
  expect(await documents()).toBe(1);
});
