/** Health is for strangers: one word, at a cost that does not grow. */
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { onD1 } from "../../../../src/contract/tables.ts";
import { createCaller } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { planOf, queryStep } from "../../../support/plans.ts";
import { backgroundPlan } from "../jobs/support.ts";
import { countReads } from "../../../support/statements.ts";

useFreshStorage();
afterEach(() => vi.restoreAllMocks());

const plan = planOf([queryStep({ sql: "SELECT 1 AS n" })], { environment: ["JWT_SECRET_KEY", "PARTNER_KEY"] });
const bindings = { PARTNER_KEY: "secret" };

async function healthOf(changes: Record<string, unknown>): Promise<unknown> {
  const response = await createCaller([plan], { ...bindings, ...changes })("/healthz");
  expect(response.headers.get("cache-control")).toBe("no-store");
  return [response.status, await response.json()];
}

test("all is well: one word", async () => {
  expect(await healthOf({})).toEqual([200, { status: "ok" }]);
});

test.each([
  ["environment", "a secret of a plan is missing", { PARTNER_KEY: undefined }],
  ["environment", "a secret of a plan is empty", { PARTNER_KEY: " " }],
  ["environment", "the secret of links is missing", { LINK_SECRET: undefined }],
  ["environment", "a setting is wrong", { MAX_PARTS: "many" }],
  ["bucket", "the bucket cannot be reached", { BUCKET: { head: () => Promise.reject(new Error("down")) } }],
  ["bucket", "there is no bucket", { BUCKET: undefined }],
  ["database", "there is no database", { DB: undefined }],
  [
    "database",
    "the database cannot be reached",
    { DB: { prepare: () => ({ bind: () => ({}) }), batch: () => Promise.reject(new Error("down")) } },
  ],
])("the log alone is told of the %s: %s", async (probe, _, changes) => {
  const log = vi.spyOn(console, "error").mockReturnValue();
  expect(await healthOf(changes)).toEqual([503, { status: "degraded" }]);
  const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>);
  expect(lines).toMatchObject([{ event: "degraded", probe, reason: expect.stringContaining(":") as string }]);
});

test.each([
  ["JOBS for all", "low", {}, 200],
  ["one of its own, and none for others", "high", { JOBS: undefined, JOBS_HIGH: {} }, 200],
  ["none", "normal", { JOBS: undefined }, 503],
  ["one of another priority", "low", { JOBS: undefined, JOBS_HIGH: {} }, 503],
] as const)("jobs have a queue: %s", async (_, priority, changes, status) => {
  const log = vi.spyOn(console, "error").mockReturnValue();
  const response = await createCaller([backgroundPlan({ priority })], changes)("/healthz");
  expect(response.status).toBe(status);
  if (status === 503) expect(String(log.mock.calls[0]?.[0])).toContain("queue binding JOBS");
});

test.each(["files", "jobs", "link_epochs", "idempotency_keys"])("the table %s is missing", async (name) => {
  const table = onD1(name);
  const log = vi.spyOn(console, "error").mockReturnValue();
  await env.DB.exec(`ALTER TABLE ${table} RENAME TO elsewhere`);
  try {
    expect(await healthOf({})).toEqual([503, { status: "degraded" }]);
    expect(String(log.mock.calls[0]?.[0])).toContain("Run the migrations");
  } finally {
    await env.DB.exec(`ALTER TABLE elsewhere RENAME TO ${table}`);
  }
});

test("it reads no more rows where there are many", async () => {
  await env.DB.prepare(
    `WITH RECURSIVE made (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < 5000)
     INSERT INTO sluice_jobs (id, endpoint, origin, fingerprint, state, priority, context, files, due_at, wake_at, created_at, updated_at)
     SELECT n, 'e', 'call', 'f', 'done', 1, '{}', '[]', '', '', '', '' FROM made`,
  ).run();
  const { database, read } = countReads(env.DB);
  expect(await healthOf({ DB: database })).toEqual([200, { status: "ok" }]);
  expect(read()).toBe(0);
});
