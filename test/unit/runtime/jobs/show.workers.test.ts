/** GET /jobs/{id}: for the owner only; and what health tells of all of them. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Plan } from "../../../../src/contract/plan.ts";
import { as, createCaller, expectProblem, token, upload } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { authentication, planOf, queryStep, uploadStep } from "../../../support/plans.ts";
import { background, backgroundPlan, deliver, readJobs, recordingQueues, red } from "./support.ts";
import { runSweep } from "../../../support/build.ts";

useFreshStorage();

const open: Plan = planOf([{ ...uploadStep(), folder: [] }, queryStep({ sql: "SELECT 1 AS one" })], {
  id: "open-01",
  resource: "open",
  authentication: null,
  background: background(),
});

async function queue(plans: readonly Plan[], path = "/test", headers?: Record<string, string>) {
  const call = createCaller(plans, recordingQueues().bindings);
  const response = await upload(call, path, headers ?? (await as("ann")), [red]);
  expect(response.status).toBe(202);
  return { call, id: (await response.json<{ job_id: string }>()).job_id };
}

test("a foreign job and a missing one are answered alike", async () => {
  const { call, id } = await queue([backgroundPlan()]);
  const foreign = await call(`/jobs/${id}`, { headers: await as("eve") });
  const missing = await call(`/jobs/${"0".repeat(32)}`, { headers: await as("eve") });
  const bodies = [];
  for (const response of [foreign, missing]) {
    const { request_id: _, ...body } = await expectProblem(response, 404, "job_not_found");
    bodies.push(body);
  }
  expect(bodies[0]).toEqual(bodies[1]);
  // What is no job's id is no address of the runtime's.
  for (const path of ["/jobs/x", `/jobs/${"A".repeat(32)}`, `/jobs/${"0".repeat(33)}`, "/jobs"]) {
    await expectProblem(await call(path, { headers: await as("eve") }), 404, "resource_not_found");
  }
  const owner = await call(`/jobs/${id}`, { headers: await as("ann") });
  expect(owner.status).toBe(200);
  expect(owner.headers.get("cache-control")).toBe("no-store");
});

test("without a good token nothing is said of any job", async () => {
  const { call, id } = await queue([backgroundPlan()]);
  for (const path of [`/jobs/${id}`, `/jobs/${"0".repeat(32)}`]) {
    await expectProblem(await call(path), 401, "unauthorized");
    const late = await token({ id: "ann" }, { expires: -1 });
    await expectProblem(await call(path, { headers: { "x-access-token": late } }), 401, "unauthorized");
  }
});

test("a token of another endpoint's kind opens nothing", async () => {
  const other: Plan = {
    ...backgroundPlan(),
    id: "other-01",
    resource: "other",
    authentication: { ...authentication, header: "authorization", bearer: true },
  };
  const { call, id } = await queue([backgroundPlan(), other]);
  const headers = { authorization: `Bearer ${await token({ id: "ann" })}` };
  await expectProblem(await call(`/jobs/${id}`, { headers }), 404, "job_not_found");
});

test("a job of an open endpoint is shown to whoever knows its id", async () => {
  const { call, id } = await queue([open, backgroundPlan()], "/open", {});
  expect((await call(`/jobs/${id}`)).status).toBe(200);
  await expectProblem(await call(`/jobs/${"0".repeat(32)}`), 404, "job_not_found");
  const { id: guarded } = await queue([open, backgroundPlan()]);
  await expectProblem(await call(`/jobs/${guarded}`), 404, "job_not_found");
});

test("only reading is allowed", async () => {
  const call = createCaller([backgroundPlan()]);
  await expectProblem(await call(`/jobs/${"0".repeat(32)}`, { method: "POST" }), 405, "method_not_allowed");
});

test("the sweep forgets old jobs that are finished", async () => {
  const plan = backgroundPlan();
  const { call, id } = await queue([plan]);
  await queue([plan]);
  await deliver([plan], [id]);
  const states = async () => (await readJobs()).map((job) => job["state"]).toSorted();
  await runSweep(env);
  expect(await states()).toEqual(["done", "queued"]);
  await env.DB.prepare("UPDATE sluice_jobs SET expires_at = '2020-01-01' WHERE expires_at IS NOT NULL").run();
  await runSweep(env);
  expect(await states()).toEqual(["queued"]);
  await expectProblem(await call(`/jobs/${id}`, { headers: await as("ann") }), 404, "job_not_found");
});
