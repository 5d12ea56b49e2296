/** `parallel` and `maintenance`: what a call waits for, and what it is told. */
import { env } from "cloudflare:workers";
import { expect, inject, test } from "vitest";
import { as, callerOf, dataOf, expectProblem } from "../../../support/app.ts";
import { buildOf } from "../../../support/build.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { watchDatabase } from "../../../support/watched-bindings.ts";

useFreshStorage();

/** The names of the database's calls. */
function open() {
  const calls: string[] = [];
  const database = watchDatabase(env.DB, ({ name }, make) => {
    calls.push(name);
    return make();
  });
  return { calls, call: callerOf(buildOf(inject("compiled").manners), { DB: database }) };
}

const post = async (more: Record<string, string> = {}) => ({ method: "POST", headers: await as("ann", more) });

test.each([
  ["one-after-the-other", 4],
  ["side-by-side", 1],
])("the statements of %s need %i calls of the database", async (path, count) => {
  await env.DB.exec("CREATE TABLE IF NOT EXISTS notes (id text PRIMARY KEY NOT NULL, text text)");
  const { calls, call } = open();
  // The write comes last: what stands before it does not see it, whenever it is sent.
  expect(await dataOf(await call(`/${path}`, await post()))).toEqual({ notes: 0 });
  expect(calls).toHaveLength(count);
  expect(await dataOf(await call(`/${path}`, await post()))).toEqual({ notes: 1 });
});

test("under maintenance a call is answered before anything else", async () => {
  const { calls, call } = open();
  for (const path of ["/closed", "/closed-01"]) {
    const answer = await call(path, { method: "POST" });
    expect(answer.headers.get("Retry-After")).toBe("300");
    await expectProblem(answer, 503, "maintenance");
  }
  expect(calls).toEqual([]);
});

test("a method that an endpoint does not take comes back with no wait", async () => {
  await expectProblem(await open().call("/closed", { method: "GET" }), 405, "method_not_allowed");
});

test("under maintenance a page may still ask what it may send", async () => {
  expect((await open().call("/closed", { method: "OPTIONS" })).status).toBe(204);
});
