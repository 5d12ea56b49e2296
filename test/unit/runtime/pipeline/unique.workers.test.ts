import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import type { Json, Plan } from "../../../../src/contract/plan.ts";
import type { QueryStep } from "../../../../src/contract/plan/query.ts";
import type { Reference } from "../../../../src/contract/plan/reference.ts";
import { as, createCaller, dataOf, expectProblem } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { sqliteMustFindNothing } from "../../../../src/compiler/sql/sqlite/guard.ts";
import { planOf, queryStep, type QueryChange } from "../../../support/plans.ts";

useFreshStorage();

/** No constraint of the table itself: only the plan says what is unique. */
beforeEach(async () => {
  await env.DB.exec("CREATE TABLE people (id TEXT, email TEXT, name TEXT)");
});

const bound = (...references: Reference[]) => references.map((value) => ({ value, type: "text" as const }));
const lookup = (column: string): string =>
  `SELECT 1 FROM people WHERE ${column} IN (?1) GROUP BY ${column} HAVING COUNT(*) > 1`;

/** As the compiler writes `INSERT INTO people (id, email) VALUES ($1, $2) RETURNING email` with `"unique": ["email"]`. */
function insert(from: "payload" | "element", change: Omit<QueryChange, "sql"> = {}): QueryStep {
  return queryStep({
    sql: "INSERT INTO people (id, email) VALUES (?1, ?2) RETURNING email",
    parameters: bound({ from: "generator", kind: "ULID" }, { from, path: ["email"] }),
    checks: [{ sql: sqliteMustFindNothing(lookup("email")), parameters: [1] }],
    each: from === "element" ? { from: "payload", path: [] } : null,
    ...change,
  });
}

async function send(plan: Plan, payload: Json): Promise<Response> {
  const headers = { ...(await as("u")), "content-type": "application/json" };
  return createCaller([plan])("/test", { method: "POST", headers, body: JSON.stringify(payload) });
}

async function emails(): Promise<unknown[]> {
  const { results } = await env.DB.prepare("SELECT email FROM people ORDER BY email").all();
  return results.map((row) => row["email"]);
}

describe("one row", () => {
  const plan = planOf([insert("payload")]);

  test("a new value is stored, the same again is refused", async () => {
    expect(await dataOf(await send(plan, { email: "a@x" }))).toEqual({ email: "a@x" });
    const problem = await expectProblem(await send(plan, { email: "a@x" }), 409, "unique_violation");
    expect(JSON.stringify(problem)).not.toMatch(/a@x|row_guard|NULL|SELECT/);
    expect(await emails()).toEqual(["a@x"]);
  });

  test("null never collides", async () => {
    await dataOf(await send(plan, { email: null }));
    await dataOf(await send(plan, {}));
    expect(await emails()).toEqual([null, null]);
  });

  test("beside a row that must be returned", async () => {
    const strict = planOf([insert("payload", { mustReturn: true })]);
    await dataOf(await send(strict, { email: "a@x" }));
    await expectProblem(await send(strict, { email: "a@x" }), 409, "unique_violation");
  });

  test("sent before the end, as a later step asks", async () => {
    const echo = queryStep({ sql: "SELECT ?1 AS v", parameters: bound({ from: "result", step: 0, path: ["email"] }) });
    const chained = planOf([insert("payload", { send: "now" }), echo]);
    expect(await dataOf(await send(chained, { email: "a@x" }))).toEqual({ v: "a@x" });
    await expectProblem(await send(chained, { email: "a@x" }), 409, "unique_violation");
    expect(await emails()).toEqual(["a@x"]);
  });

  test("what an earlier step of the batch wrote is undone with it", async () => {
    const first = queryStep({ sql: "INSERT INTO people (id, email) VALUES ('1', 'before')" });
    await dataOf(await send(plan, { email: "a@x" }));
    await expectProblem(await send(planOf([first, insert("payload")]), { email: "a@x" }), 409, "unique_violation");
    expect(await emails()).toEqual(["a@x"]);
  });

  test("an update to another row's value", async () => {
    const update = queryStep({
      sql: "UPDATE people SET email = ?2 WHERE email = ?1 RETURNING email",
      parameters: bound({ from: "payload", path: ["from"] }, { from: "payload", path: ["to"] }),
      checks: [{ sql: sqliteMustFindNothing(lookup("email")), parameters: [1] }],
    });
    await dataOf(await send(plan, { email: "a@x" }));
    await dataOf(await send(plan, { email: "b@x" }));
    await expectProblem(await send(planOf([update]), { from: "b@x", to: "a@x" }), 409, "unique_violation");
    expect(await emails()).toEqual(["a@x", "b@x"]);
    expect(await dataOf(await send(planOf([update]), { from: "b@x", to: "b@x" }))).toEqual({ email: "b@x" });
  });

  test("of several columns, each alone", async () => {
    const both = planOf([
      queryStep({
        sql: "INSERT INTO people (email, name) VALUES (?1, ?2)",
        parameters: bound({ from: "payload", path: ["email"] }, { from: "payload", path: ["name"] }),
        checks: [
          {
            sql: sqliteMustFindNothing(
              `SELECT 1 WHERE EXISTS (${lookup("email")}) OR EXISTS (${lookup("name").replace("?1", "?2")})`,
            ),
            parameters: [0, 1],
          },
        ],
      }),
    ]);
    await dataOf(await send(both, { email: "a@x", name: "ann" }));
    await expectProblem(await send(both, { email: "b@x", name: "ann" }), 409, "unique_violation");
    await expectProblem(await send(both, { email: "a@x", name: "bob" }), 409, "unique_violation");
    await dataOf(await send(both, { email: "b@x", name: "bob" }));
    expect(await emails()).toEqual(["a@x", "b@x"]);
  });
});

describe("once per element", () => {
  const plan = planOf([insert("element")]);

  test("the rows come in order, without the checks", async () => {
    const payload = ["c", "a", "b"].map((email) => ({ email }));
    expect(await dataOf(await send(plan, payload))).toEqual(payload);
  });

  test.each<[string, Json]>([
    ["two alike in one call", [{ email: "a" }, { email: "b" }, { email: "a" }]],
    ["one that is there", [{ email: "n" }, { email: "there" }]],
  ])("%s leave nothing", async (_, payload) => {
    await env.DB.exec("INSERT INTO people (email) VALUES ('there')");
    await expectProblem(await send(plan, payload), 409, "unique_violation");
    expect(await emails()).toEqual(["there"]);
  });
});

test("of 20 calls at once with one value, one is stored", async () => {
  const plan = planOf([insert("payload")]);
  const responses = await Promise.all(Array.from({ length: 20 }, () => send(plan, { email: "a@x" })));
  const statuses = responses.map((response) => response.status).toSorted();
  expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 409)]);
  expect(await emails()).toEqual(["a@x"]);
});
