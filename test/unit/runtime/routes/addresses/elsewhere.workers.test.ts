/** Parameters where the app is not at the root, and where a job reads them after the answer. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { expect, inject, test } from "vitest";
import { createSluice } from "../../../../../src/index.ts";
import { as, createCaller, dataOf, expectProblem } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { useFreshStorage } from "../../../../support/database.ts";
import { claimId, planOf, queryStep } from "../../../../support/plans.ts";
import { background, deliver, recordingQueues } from "../../jobs/support.ts";

useFreshStorage();

test.each(["/echo/a%2Fb", "/echo/echo"])("mounted under two segments, %s is the same", async (path) => {
  const app = new Hono<{ Bindings: Env }>().route(
    "/api/v2",
    createSluice(buildOf(inject("compiled").addresses)).routes,
  );
  const context = createExecutionContext();
  const response = await app.fetch(new Request(`https://uploads.example/api/v2${path}`), env, context);
  await waitOnExecutionContext(context);
  expect(await dataOf(response)).toMatchObject({ value: decodeURIComponent(path.slice(6)) });
});

test("a job reads the parameters of the call that left it, as they were checked", async () => {
  const { bindings, sent } = recordingQueues();
  const insert = queryStep({
    sql: "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES (?1, ?2, ?1, 'x', ?3, 'now', 'now')",
    parameters: [
      { value: { from: "result", step: -1, path: ["id"] }, type: "any" },
      { value: claimId, type: "any" },
      { value: { from: "result", step: -2, path: ["size"] }, type: "integer" },
    ],
  });
  const plan = planOf([insert], {
    resource: "later/:id",
    address: { path: [], query: [{ name: "size", optional: false, rule: { kind: "number" } }] },
    background: background({ steps: [0], answer: null, reads: { payload: false, headers: [], results: [-2, -1] } }),
  });
  const call = createCaller([plan], bindings);
  await expectProblem(await call("/later/one", { method: "POST", headers: await as("ann") }), 422, "parameter_invalid");
  expect((await call("/later/%C3%BC?size=007", { method: "POST", headers: await as("ann") })).status).toBe(202);
  expect(
    await deliver(
      [plan],
      sent.map(({ body }) => body.id),
    ),
  ).toEqual(["ack"]);
  const { results } = await env.DB.prepare("SELECT id, user_id, file_size FROM gallery").all();
  expect(results).toEqual([{ id: "ü", user_id: "ann", file_size: 7 }]);
});
