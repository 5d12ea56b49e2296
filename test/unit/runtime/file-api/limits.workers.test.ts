/** What the file API says of its limits before anything is sent, and what that costs. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { callerOf, createCaller } from "../../../support/app.ts";
import { buildWithout } from "../../../support/build.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { recordStatements } from "../../../support/statements.ts";
import { dataOf, expectRefusal, user } from "./support.ts";

useFreshStorage();

const PATH = "/v1/upload/limits";
const limitsOf = async (bindings: Readonly<Record<string, unknown>>) =>
  dataOf<object>(await user("ann", createCaller([], bindings)).send(PATH), "OK");

test("what settings say", async () => {
  const settings = { FILE_API_MAX_BYTES: "5000", FILE_API_TYPES: "image/*, Text/Plain" };
  expect(await limitsOf(settings)).toEqual({ maxFileBytes: 5000, types: ["image/*", "text/plain"], quota: null });
});

test("no file is larger than a body", async () => {
  expect(await limitsOf({ MAX_REQUEST_BYTES: "1000" })).toMatchObject({ maxFileBytes: 1000 });
});

test.each([
  ["", 0],
  ["files:2", 1],
])("with the quota %j the database is asked %i times", async (quota, times) => {
  const recorded = recordStatements(env.DB);
  await limitsOf({ DB: recorded.database, FILE_API_QUOTA: quota });
  expect(recorded.take()).toHaveLength(times);
});

test("it is for callers, and for reading", async () => {
  await expectRefusal(await createCaller([])(PATH), 401, "unauthorized");
  const ann = user("ann");
  await expectRefusal(await ann.send(PATH, { method: "POST" }), 405, "method_not_allowed");
  await expectRefusal(await ann.send(`${PATH}/x`), 404, "resource_not_found");
});

test("a Worker that was built without quotas refuses one that somebody sets later", async () => {
  const call = callerOf(buildWithout("quotas", []), { FILE_API_QUOTA: "files:2" });
  await expectRefusal(await user("ann", call).send(PATH), 500, "misconfigured");
  await expectRefusal(await user("ann", call).upload(), 500, "misconfigured");
});
