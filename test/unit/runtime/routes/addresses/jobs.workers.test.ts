/** A project's own resources beside the runtime's addresses of jobs. */
import { expect, inject, test } from "vitest";
import { as, callerOf, dataOf, expectProblem } from "../../../../support/app.ts";
import { buildOf, buildWithout } from "../../../../support/build.ts";
import { useFreshStorage } from "../../../../support/database.ts";

useFreshStorage();

const plans = () => inject("compiled").addresses;
const call = callerOf(buildOf(plans()));

test.each([
  ["/jobs", "all"],
  ["/jobs/applications", "applications"],
  ["/jobs/engineer", "engineer"],
])("%s is the project's", async (path, value) => {
  expect(await dataOf(await call(path))).toEqual({ value });
});

test("what is a job's id stays the runtime's, spelt as it may be", async () => {
  const id = "0a".repeat(16);
  for (const path of [`/jobs/${id}`, `/jobs/%30a${id.slice(2)}`]) {
    await expectProblem(await call(path, { headers: await as("ann") }), 404, "job_not_found");
    await expectProblem(await call(path, { method: "POST" }), 405, "method_not_allowed");
  }
});

test("what is none is held to the endpoint's rule", async () => {
  await expectProblem(await call(`/jobs/${"0A".repeat(16)}`), 422, "parameter_invalid");
  await expectProblem(await call(`/jobs/${"0a".repeat(17)}`), 422, "parameter_invalid");
  await expectProblem(await call("/jobs/engineer", { method: "POST" }), 405, "method_not_allowed");
});

test("without background work, too", async () => {
  const without = callerOf(buildWithout("background", plans()));
  expect(await dataOf(await without("/jobs/engineer"))).toEqual({ value: "engineer" });
  await expectProblem(await without(`/jobs/${"0a".repeat(16)}`), 404, "job_not_found");
});
