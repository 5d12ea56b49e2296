/** A Worker that was built without what a plan has: generated files of two runs. Nothing that an ABI asks for is skipped. */
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import type { Build, Features } from "../../../src/runtime/build.ts";
import { runDelivered, runScheduled } from "../../../src/runtime/triggers.ts";
import type { Plan } from "../../../src/contract/plan.ts";
import { background, backgroundPlan, readJobs, recordingQueues, red } from "./jobs/support.ts";
import { as, callerOf, dataOf, expectProblem, upload } from "../../support/app.ts";
import { allFeatures, buildOf, noFeatures } from "../../support/build.ts";
import { readStored, useFreshStorage } from "../../support/database.ts";
import { planOf, uploadStep } from "../../support/plans.ts";

useFreshStorage();
afterEach(() => vi.restoreAllMocks());

const without = (name: keyof Features, plan: Plan): Build => {
  return { ...buildOf([plan]), features: { ...allFeatures, [name]: null } };
};
const rule = { kind: "object", fields: [] } as const;

test.each([
  ["background", "run_in_background", backgroundPlan()],
  ["validate", "payload_validation", planOf([{ ...uploadStep(), payloadRule: rule }])],
  ["stripping", "strip_metadata", planOf([uploadStep({ stripsMetadata: true })])],
  ["structure", "strict_images", planOf([uploadStep({ strictImages: true })])],
] as const)("without %s, %s is an internal error that says what to do", async (name, option, plan) => {
  const log = vi.spyOn(console, "error");
  const call = callerOf(without(name, plan), recordingQueues().bindings);
  await expectProblem(await upload(call, "/test", await as("ann"), [red]), 500, "internal");
  const [line] = log.mock.calls.map(([text]) => JSON.parse(String(text)) as { stack: string });
  expect(line?.stack).toContain(`A plan has ${option}, which this Worker was built without: run "npm run abi"`);
  expect(await readStored()).toMatchObject({ objects: [], files: [] });
  expect(await readJobs()).toEqual([]);
});

test("without any, a plan that needs none runs", async () => {
  const call = callerOf({ ...buildOf([planOf([uploadStep()])]), features: noFeatures });
  expect(await dataOf<unknown[]>(await upload(call, "/test", await as("ann"), [red]))).toHaveLength(1);
  await expectProblem(await call(`/jobs/${"0".repeat(32)}`), 404, "job_not_found");
  await expectProblem(await call(`/jobs/${"0".repeat(32)}`, { method: "POST" }), 405, "method_not_allowed");
});

const messages = (ack: () => void) => [
  { id: "m", timestamp: new Date(), attempts: 1, body: { id: "0".repeat(32) }, ack, retry: () => undefined },
];
const trigger = { cron: "* * * * *", scheduledTime: 600_000 };

test("jobs of an earlier deployment wait for one that can run them", async () => {
  const queues = recordingQueues();
  const plan = backgroundPlan();
  const response = await upload(callerOf(buildOf([plan]), queues.bindings), "/test", await as("ann"), [red]);
  expect(response.status).toBe(202);
  const before = await readJobs();
  const build: Build = { ...buildOf([planOf([uploadStep()])]), features: noFeatures };
  const ack = vi.fn<() => void>();
  await runDelivered({ queue: "sluice-jobs", messages: messages(ack) }, env, build);
  expect(ack).toHaveBeenCalledOnce();
  await runScheduled(trigger, env, build);
  expect(await readJobs()).toEqual(before);
});

test.each([
  ["background", backgroundPlan()],
  [
    "schedule",
    planOf([uploadStep()], {
      schedule: {
        times: { seconds: [], minutes: [], hours: [], days: null, months: [], weekdays: null },
        job: background(),
      },
    }),
  ],
])("queues and triggers say so too: %s", async (_name, plan) => {
  const build = without("background", plan);
  const ack = vi.fn<() => void>();
  const batch = { queue: "sluice-jobs", messages: messages(ack) };
  await expect(runDelivered(batch, env, build)).rejects.toThrow("npm run abi");
  await expect(runScheduled(trigger, env, build)).rejects.toThrow("npm run abi");
  expect(ack).not.toHaveBeenCalled();
});
