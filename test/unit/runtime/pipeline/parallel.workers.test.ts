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

test.each(["POST", "GET", "HEAD", "PUT"])("under maintenance %s is answered before anything else", async (method) => {
  const { calls, call } = open();
  for (const path of ["/closed", "/closed-01"]) {
    const answer = await call(path, { method });
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "300"]);
    if (method !== "HEAD") await expectProblem(answer, 503, "maintenance");
  }
  expect(calls).toEqual([]);
});

test("under maintenance a page may still ask what it may send", async () => {
  expect((await open().call("/closed", { method: "OPTIONS" })).status).toBe(204);
});
