import { describe, expect, test } from "vitest";
import type { Json, Plan } from "../../../../src/contract/plan.ts";
import type { ParameterType, QueryStep } from "../../../../src/contract/plan/query.ts";
import type { Reference } from "../../../../src/contract/plan/reference.ts";
import { as, createCaller, dataOf, expectProblem, token, upload } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { png } from "../../../support/pictures.ts";
import { claimId, planOf, queryStep, uploadStep } from "../../../support/plans.ts";

useFreshStorage();

const JSON_TYPE = { "content-type": "application/json" };

async function send(plan: Plan, payload?: Json, headers: Record<string, string> = {}): Promise<Response> {
  const body = payload === undefined ? null : JSON.stringify(payload);
  const type = payload === undefined ? {} : JSON_TYPE;
  return createCaller([plan])("/test", { method: "POST", headers: { ...(await as("u")), ...type, ...headers }, body });
}

const bound = (...references: Reference[]) => references.map((value) => ({ value, type: "any" as const }));
const echo = (reference: Reference, change: Partial<QueryStep> = {}) =>
  queryStep({ sql: "SELECT ?1 AS v", parameters: bound(reference), ...change });

describe("values", () => {
  test.each<[string, Reference, Json, Json]>([
    ["literal", { from: "literal", value: "x" }, null, "x"],
    ["claim", claimId, null, "u"],
    ["payload", { from: "payload", path: ["a", "b"] }, { a: { b: 7 } }, 7],
    ["payload index", { from: "payload", path: ["a", 1] }, { a: ["x", "y"] }, "y"],
    ["missing payload", { from: "payload", path: ["a", "b"] }, { a: null }, null],
    ["payload's prototype", { from: "payload", path: ["constructor", "name"] }, {}, null],
    ["text's length", { from: "payload", path: ["a", "length"] }, { a: "text" }, null],
    ["payload object as JSON", { from: "payload", path: ["a"] }, { a: { b: [1] } }, '{"b":[1]}'],
    ["bare name that was sent", { from: "payload-or-text", name: "status" }, { status: "new" }, "new"],
    ["bare name that was not", { from: "payload-or-text", name: "status" }, {}, "status"],
    ["environment", { from: "env", name: "ALLOWED_HTTP_METHODS" }, null, "POST"],
    ["header", { from: "header", name: "x-app" }, null, "app-1"],
    ["client address", { from: "header", name: "ip" }, null, "203.0.113.7"],
    ["missing header", { from: "header", name: "x-none" }, null, null],
    [
      "template",
      { from: "template", parts: [{ from: "literal", value: "u/" }, claimId, { from: "payload", path: ["n"] }] },
      { n: 5 },
      "u/u5",
    ],
    ["injection", { from: "payload", path: ["a"] }, { a: "'; DROP TABLE gallery; --" }, "'; DROP TABLE gallery; --"],
  ])("%s", async (_, reference, payload, expected) => {
    const headers = { "x-app": "app-1", "cf-connecting-ip": "203.0.113.7", "x-forwarded-for": "198.51.100.1" };
    expect(await dataOf(await send(planOf([echo(reference)]), payload, headers))).toEqual({ v: expected });
  });

  test("now is one moment for the whole call, generators are fresh each time", async () => {
    const sql = "SELECT ?1 AS a, ?2 AS b, ?3 AS c, ?4 AS d";
    const parameters = bound(
      { from: "now" },
      { from: "now" },
      { from: "generator", kind: "ULID" },
      { from: "generator", kind: "ULID" },
    );
    const row = await dataOf<Record<string, string>>(await send(planOf([queryStep({ sql, parameters })])));
    expect(row["a"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(row["b"]).toBe(row["a"]);
    expect(row["d"]).not.toBe(row["c"]);
  });

  test("a missing environment value is the deployment's fault", async () => {
    await expectProblem(await send(planOf([echo({ from: "env", name: "ABSENT" })])), 500, "misconfigured");
  });
});

describe("a number of rows", () => {
  const numbers = "SELECT value AS v FROM json_each('[1,2,3]') ORDER BY value";
  const page = (sql: string, reference: Reference, type: ParameterType = "count") =>
    planOf([queryStep({ sql: `${numbers} ${sql}`, parameters: [{ value: reference, type }] })]);
  const limit: Reference = { from: "payload", path: ["page", "limit"] };

  test.each<[Json, number]>([
    [2, 2],
    ["2", 2],
    [null, 3],
  ])("%j", async (value, rows) => {
    const answer = await send(page("LIMIT COALESCE(?1, -1)", limit), { page: { limit: value } });
    expect(await dataOf(answer)).toHaveLength(rows);
  });

  test.each<[Reference, Json, string]>([
    [limit, { page: { limit: -1 } }, "payload/page/limit"],
    [limit, { page: { limit: "all" } }, "payload/page/limit"],
    [{ from: "payload-or-text", name: "limit" }, {}, "payload/limit"],
    [{ from: "header", name: "x-limit" }, {}, "header/x-limit"],
    [{ from: "literal", value: 1.5 }, {}, "literal"],
  ])("from %j, which is none, is named", async (reference, payload, place) => {
    const answer = await send(page("LIMIT COALESCE(?1, -1)", reference), payload, { "x-limit": "-3" });
    const problem = await expectProblem(answer, 422, "row_rejected");
    expect(problem["detail"]).toBe(`The value of ${place} is not a whole number of 0 or more.`);
  });

  test("that is a calculation's is the database's to refuse", async () => {
    const sql = "LIMIT CASE WHEN ?1 + 1 < 0 THEN 'negative' ELSE COALESCE(?1 + 1, -1) END";
    expect(await dataOf(await send(page(sql, limit, "integer"), { page: { limit: 1 } }))).toHaveLength(2);
    await expectProblem(await send(page(sql, limit, "integer"), { page: { limit: -2 } }), 422, "row_rejected");
  });
});

describe("the answer's shape", () => {
  const rows = (count: number) =>
    queryStep({ sql: `SELECT value AS v FROM json_each('[1,2,3]') WHERE value <= ${count}` });
  const answer = { step: 0, fields: null };
  test.each([
    [0, "auto", null],
    [1, "auto", { v: 1 }],
    [2, "auto", [{ v: 1 }, { v: 2 }]],
    [0, "list", []],
    [1, "list", [{ v: 1 }]],
    [0, "object", null],
    [2, "object", { v: 1 }],
  ] as const)("%i rows as %s", async (count, shape, expected) => {
    expect(await dataOf(await send(planOf([rows(count)], { answer: { ...answer, shape } })))).toEqual(expected);
  });

  test("only the returnables, in their order, a missing one as null", async () => {
    const step = queryStep({ sql: "SELECT 1 AS a, 2 AS b" });
    const response = await send(planOf([step], { answer: { step: 0, fields: ["b", "z"], shape: "auto" } }));
    expect(await dataOf(response)).toEqual({ b: 2, z: null });
  });
});

describe("multi", () => {
  const insert = queryStep({
    sql: "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES (?1, ?2, ?3, 'x', 1, ?4, ?4) RETURNING id, storage_key",
    parameters: bound(
      { from: "generator", kind: "KSUID" },
      claimId,
      { from: "element", path: ["key"] },
      { from: "now" },
    ),
    each: { from: "payload", path: [] },
  });

  test("runs once per element, in order, with fresh ids", async () => {
    const keys = Array.from({ length: 120 }, (_, index) => `k${index}`);
    const data = await dataOf<{ id: string; storage_key: string }[]>(
      await send(
        planOf([insert]),
        keys.map((key) => ({ key })),
      ),
    );
    expect(data.map((row) => row.storage_key)).toEqual(keys);
    expect(new Set(data.map((row) => row.id)).size).toBe(120);
  });

  test("one element is an array too", async () => {
    expect(await dataOf(await send(planOf([insert]), [{ key: "k" }]))).toEqual([
      { id: expect.any(String) as string, storage_key: "k" },
    ]);
  });

  test("one bad element leaves none", async () => {
    await expectProblem(
      await send(planOf([insert]), [{ key: "a" }, { key: "b" }, { key: "a" }]),
      409,
      "unique_violation",
    );
    expect((await readStored()).gallery).toEqual([]);
  });

  test.each<[string, Json]>([
    ["an object", { key: "a" }],
    ["an empty array", []],
    ["1,001 elements", Array.from({ length: 1001 }, (_, index) => ({ key: `k${index}` }))],
  ])("%s is refused", async (_, payload) => {
    await expectProblem(await send(planOf([insert]), payload), 422, "payload_invalid");
  });
});

describe("chaining", () => {
  test("a later statement reads an earlier row", async () => {
    const first = queryStep({ sql: "SELECT 41 AS n, 'x' AS t", send: "now" });
    const second = queryStep({
      sql: "SELECT ?1 + 1 AS n, ?2 AS t, ?3 AS whole, ?4 AS none",
      parameters: bound(
        { from: "result", step: 0, path: ["n"] },
        { from: "result", step: 0, path: [0, "t"] },
        { from: "result", step: 0, path: [] },
        { from: "result", step: 0, path: [1, "t"] },
      ),
    });
    expect(await dataOf(await send(planOf([first, second])))).toEqual({
      n: 42,
      t: "x",
      whole: '{"n":41,"t":"x"}',
      none: null,
    });
  });

  test("a held-back read sees the write before it; a missing row undoes both", async () => {
    const write = queryStep({
      sql: "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES ('1', 'u', 'k', 'x', 1, 'now', 'now')",
    });
    const read = (id: string) => queryStep({ sql: `SELECT id FROM gallery WHERE id = '${id}'`, mustReturn: true });
    await expectProblem(await send(planOf([write, read("2")])), 422, "row_missing");
    expect((await readStored()).gallery).toEqual([]);
    expect(await dataOf(await send(planOf([write, read("1")])))).toEqual({ id: "1" });
  });

  test("a read that runs at once leaves an upload's bookkeeping for the end", async () => {
    const read = queryStep({ sql: "SELECT 1 AS n", send: "now" });
    const failing = queryStep({ sql: "INSERT INTO gallery (id) VALUES ('1')" });
    const call = createCaller([planOf([uploadStep(), read, failing])]);
    const part = { fileName: "a.png", type: "image/png", body: png([1, 2, 3]) };
    await expectProblem(await upload(call, "/test", await as("u"), [part]), 422, "row_rejected");
    expect(await readStored()).toEqual({ objects: [], files: [], gallery: [] });
  });
});

describe("bodies", () => {
  const plan = planOf([echo({ from: "payload", path: ["n"] })]);

  test("multipart fields are text, a repeated one an array", async () => {
    const form = new FormData();
    form.append("n", "1");
    expect(
      await dataOf(await createCaller([plan])("/test", { method: "POST", headers: await as("u"), body: form })),
    ).toEqual({ v: "1" });
    form.append("n", "2");
    form.append("n", "3");
    expect(
      await dataOf(await createCaller([plan])("/test", { method: "POST", headers: await as("u"), body: form })),
    ).toEqual({ v: '["1","2","3"]' });
  });

  test("a file that nothing would store is refused", async () => {
    const call = createCaller([plan]);
    const part = { fileName: "a.png", type: "image/png", body: png([1, 2, 3]) };
    await expectProblem(await upload(call, "/test", await as("u"), [part]), 422, "payload_invalid");
  });

  test.each<[string, BodyInit, Record<string, string>, number, string]>([
    ["broken JSON", "{", JSON_TYPE, 400, "body_malformed"],
    ["JSON that is not UTF-8", Uint8Array.of(0x22, 0xff, 0x22), JSON_TYPE, 400, "body_malformed"],
    ["JSON nested too deep", "[".repeat(101) + "]".repeat(101), JSON_TYPE, 400, "body_malformed"],
    ["JSON over the limit", `"${"x".repeat(2 * 1024 * 1024)}"`, JSON_TYPE, 413, "body_too_large"],
    ["XML", "<a/>", { "content-type": "application/xml" }, 415, "content_type_unsupported"],
    ["JSON-like types", "{}", { "content-type": "application/jsonp" }, 415, "content_type_unsupported"],
    ["no type", Uint8Array.of(0x7b, 0x7d), {}, 415, "content_type_unsupported"],
  ])("%s", async (_, body, headers, status, code) => {
    const response = await createCaller([plan])("/test", {
      method: "POST",
      headers: { ...(await as("u")), ...headers },
      body,
    });
    await expectProblem(response, status, code as never);
  });

  test("an empty JSON body and none are no payload", async () => {
    const call = createCaller([plan]);
    const headers = { ...(await as("u")), "content-type": "application/json; charset=utf-8" };
    expect(await dataOf(await call("/test", { method: "POST", headers, body: "" }))).toEqual({ v: null });
    expect(await dataOf(await call("/test", { method: "POST", headers: await as("u") }))).toEqual({ v: null });
    const announced = { ...(await as("u")), "content-length": "0" };
    expect(await dataOf(await call("/test", { method: "POST", headers: announced, body: new Uint8Array(0) }))).toEqual({
      v: null,
    });
  });

  test("nesting that would break a recursive reader is data", async () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const response = await createCaller([plan])("/test", {
      method: "POST",
      headers: { ...(await as("u")), ...JSON_TYPE },
      body: deep,
    });
    expect([200, 400]).toContain(response.status);
  });
});

test.each([
  ['{"v":9007199254740993}', 422],
  ['[{"v":[1e400]}]', 422],
  ['{"v":0.1000000000000000055511151231257827}', 422],
  ['{"v":"9007199254740993"}', 200],
  ['{"v":9007199254740992}', 200],
])("a body of %s: %i, as a number that would change is not taken", async (body, status) => {
  const plan = planOf([echo({ from: "payload", path: ["v"] })]);
  const response = await createCaller([plan])("/test", {
    method: "POST",
    headers: { ...(await as("u")), ...JSON_TYPE },
    body,
  });
  if (status === 200) await dataOf(response);
  else
    expect(await expectProblem(response, 422, "payload_invalid")).toMatchObject({
      detail: "A number has too many digits: send it as text.",
    });
});

test("a faulty statement answers nothing of itself", async () => {
  const secret = "very-secret-value";
  const step = queryStep({
    sql: "INSERT INTO absent (a) VALUES (?1)",
    parameters: bound({ from: "literal", value: secret }),
  });
  const response = await send(planOf([step]));
  const text = JSON.stringify(await expectProblem(response, 500, "misconfigured"));
  expect(text).not.toMatch(/absent|INSERT|secret|SQLITE|stack/);
});

test.each<[Json, Json]>([
  [{ a: 1 }, '{"a":1}'],
  [["a"], '["a"]'],
  [true, 1],
  [8181, "8181"],
  [0.1, "0.1"],
])("without a type the claim %j is bound as %j", async (id, value) => {
  const plan = planOf([echo({ from: "claim", path: ["id"] })]);
  const headers = { "x-access-token": await token({ id }) };
  expect(await dataOf(await createCaller([plan])("/test", { method: "POST", headers }))).toEqual({ v: value });
});
