/**
 * A Worker that was built without what a plan has, of generated files of two runs or of another version. Nothing that an
 * ABI asks for is skipped.
 */
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import type { Build } from "../../../src/runtime/build.ts";
import { createSluice } from "../../../src/index.ts";
import { background, backgroundPlan, readJobs, recordingQueues, red } from "./jobs/support.ts";
import { as, callerOf, dataOf, expectProblem, upload } from "../../support/app.ts";
import { buildOf, buildWithout } from "../../support/build.ts";
import { useFreshStorage } from "../../support/database.ts";
import { planOf, uploadStep } from "../../support/plans.ts";

useFreshStorage();
afterEach(() => vi.restoreAllMocks());

const rule = { kind: "object", fields: [] } as const;
const ip = { from: "header", name: "ip" } as const;
const times = { seconds: [], minutes: [], hours: [], days: null, months: [], weekdays: null };

test.each([
  ["background", backgroundPlan()],
  ["background", planOf([uploadStep()], { schedule: { times, job: background() } })],
  ["rateLimits", planOf([uploadStep()], { rateLimit: { limit: 1, windowSeconds: 1, identifier: ip } })],
  ["webhooks", planOf([uploadStep()], { webhook: { verifiers: [], any: false } })],
  ["validate", planOf([{ ...uploadStep(), payloadRule: rule }])],
  ["validate", planOf([uploadStep()], { address: { query: [{ name: "q", optional: true, rule }] } })],
  ["routing", planOf([uploadStep()], { methods: ["POST"] })],
  ["routing", planOf([uploadStep()], { resource: "of/:id", address: { path: [] } })],
  ["address", planOf([uploadStep()], { address: { query: [{ name: "q", optional: true, rule }] } })],
  ["stripping", planOf([uploadStep({ stripsMetadata: true })])],
  ["structure", planOf([uploadStep({ strictImages: true })])],
  ["pictures", planOf([uploadStep({ imageFields: ["width"] })])],
] as const)("without %s, a Worker whose plan uses it does not start, and says what to do", (name, plan) => {
  expect(() => createSluice(buildWithout(name, [planOf([uploadStep()]), plan]))).toThrow(
    `${plan.id} uses ${name}, which this Worker was built without: run "sluice build"`,
  );
  expect(() => createSluice(buildOf([plan]))).not.toThrow();
});

test.each(["0.0", "sourc", "", undefined])("of files that version %j wrote, a Worker does not start", (version) => {
  expect(() => createSluice({ ...buildOf([]), version } as Build)).toThrow(
    `.sluice was written by sluice ${version}, and this is source: run "sluice build"`,
  );
});

test("without any, a plan that needs none runs", async () => {
  const call = callerOf({ ...buildOf([planOf([uploadStep({ imageFields: [] })])]), features: {} });
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
  const build: Build = { ...buildOf([planOf([uploadStep({ imageFields: [] })])]), features: {} };
  const ack = vi.fn<() => void>();
  await createSluice(build).queue({ queue: "sluice-jobs", messages: messages(ack) }, env);
  expect(ack).toHaveBeenCalledOnce();
  await createSluice(build).scheduled(trigger, env);
  expect(await readJobs()).toEqual(before);
});
