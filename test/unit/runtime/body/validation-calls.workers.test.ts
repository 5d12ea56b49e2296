/** When payload rules are looked at, and what is left after one is broken. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { FieldRule, Rule } from "../../../../src/contract/payload-rule.ts";
import type { Json, Plan } from "../../../../src/contract/plan.ts";
import { as, createCaller, dataOf, expectProblem, upload, type FormPart } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { png } from "../../../support/pictures.ts";
import { claimId, planOf, queryStep, uploadStep } from "../../../support/plans.ts";

useFreshStorage();

const NOTHING = { objects: [], files: [], gallery: [] };
const file: FormPart = { fileName: "red.png", type: "image/png", body: png([200, 30, 30]) };
const field = (name: string, rule: Rule, optional = false): FieldRule => ({ name, optional, rule });
const rule: Rule = {
  kind: "object",
  fields: [field("title", { kind: "text", min: 2, max: 20 }), field("rank", { kind: "number" })],
};
const title: FormPart = { name: "title", body: "Sunset" };
const rank: FormPart = { name: "rank", body: "7" };

const insert = queryStep({
  sql: "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, 'x', 'x') RETURNING url, file_size",
  parameters: [
    { value: { from: "generator", kind: "KSUID" }, type: "any" },
    { value: claimId, type: "any" },
    { value: { from: "result", step: 0, path: ["storage_key"] }, type: "any" },
    { value: { from: "payload", path: ["title"] }, type: "any" },
    { value: { from: "payload", path: ["rank"] }, type: "any" },
  ],
  payloadRule: rule,
});
/** The rules stand on the second step: they speak before the first has stored anything. */
const plan = planOf([uploadStep(), insert]);

/** Calls with a bucket and a database that count how often something was stored. */
function watched(plan: Plan): { call: ReturnType<typeof createCaller>; stored: () => number } {
  let stored = 0;
  const bucket = new Proxy(env.BUCKET, {
    get(target, name: keyof R2Bucket) {
      if (name === "put" || name === "createMultipartUpload") stored += 1;
      const member = target[name] as unknown;
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
  return { call: createCaller([plan], { BUCKET: bucket }), stored: () => stored };
}

const pointers = (problem: Record<string, Json>) =>
  (problem["errors"] as { pointer: string }[]).map(({ pointer }) => pointer);

describe("an upload", () => {
  test("whose fields are right is stored, with the number bound as a number", async () => {
    const response = await upload(createCaller([plan]), "/test", await as("u"), [title, rank, file]);
    expect(await dataOf(response)).toEqual({ url: "Sunset", file_size: 7 });
  });

  test("fields behind the files count as well", async () => {
    const response = await upload(createCaller([plan]), "/test", await as("u"), [title, file, rank]);
    expect(await dataOf(response)).toEqual({ url: "Sunset", file_size: 7 });
  });

  test("is refused before the first byte is stored where the fields come first", async () => {
    const { call, stored } = watched(plan);
    const parts = [{ ...title, body: "x" }, { ...rank, body: "seven" }, file];
    const problem = await expectProblem(await upload(call, "/test", await as("u"), parts), 422, "payload_invalid");
    expect(problem).toMatchObject({
      detail: "2 faults. First, /title: expected a string of 2 to 20 characters, found 1.",
      errors: [
        { pointer: "/title", detail: "expected a string of 2 to 20 characters, found 1" },
        { pointer: "/rank", detail: "expected a number such as 12 or -0.5, whole ones up to 9007199254740991" },
      ],
    });
    expect(stored()).toBe(0);
    expect(await readStored()).toEqual(NOTHING);
  });

  test("is refused before the next file where the fields stand between", async () => {
    const { call, stored } = watched(plan);
    const parts = [title, file, { ...rank, body: "x" }, file];
    expect(
      pointers(await expectProblem(await upload(call, "/test", await as("u"), parts), 422, "payload_invalid")),
    ).toEqual(["/rank"]);
    // All of it was there before the first file had its row.
    expect(stored()).toBe(0);
    expect(await readStored()).toEqual(NOTHING);
  });

  test.each<[string, FormPart[], string[]]>([
    ["a field behind the file is wrong", [title, file, { ...rank, body: "x" }], ["/rank"]],
    ["a field never came", [file, title], ["/rank"]],
    ["no field came", [file], ["/title", "/rank"]],
    ["a field came again", [title, rank, file, title], ["/title"]],
  ])("stores nothing where %s", async (_, parts, expected) => {
    const { call, stored } = watched(plan);
    const response = await upload(call, "/test", await as("u"), parts);
    expect(pointers(await expectProblem(response, 422, "payload_invalid"))).toEqual(expected);
    expect(stored()).toBe(0);
    expect(await readStored()).toEqual(NOTHING);
  });

  test("a form without a file tells every fault at once", async () => {
    const response = await upload(createCaller([plan]), "/test", await as("u"), [{ ...title, body: "x" }]);
    expect(pointers(await expectProblem(response, 422, "payload_invalid"))).toEqual(["/title", "/rank"]);
  });

  test("the rules of its own step, and the checked payload in its folder", async () => {
    const step = uploadStep({
      folder: [claimId, { from: "payload", path: ["rank"] }],
      payloadRule: { kind: "object", fields: [field("rank", { kind: "number" })] },
    });
    const call = createCaller([planOf([step])]);
    const rows = await dataOf<{ storage_key: string }[]>(
      await upload(call, "/test", await as("u"), [{ ...rank, body: "007" }, file]),
    );
    expect(rows[0]?.storage_key).toMatch(/^u\/7\//);
    await expectProblem(await upload(call, "/test", await as("u"), [file]), 422, "payload_invalid");
  });
});

describe("a query", () => {
  const writing = queryStep({
    sql: "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES ('a', 'u', 'k', 'x', 1, 'x', 'x')",
    send: "now",
  });
  const echo = queryStep({
    sql: "SELECT ?1 AS v, typeof(?1) AS type",
    parameters: [{ value: { from: "payload", path: ["v"] }, type: "any" }],
  });
  const send = async (plan: Plan, payload: Json) => {
    const headers = { ...(await as("u")), "content-type": "application/json" };
    return createCaller([plan])("/test", { method: "POST", headers, body: JSON.stringify(payload) });
  };
  const checked = (value: Rule): Plan =>
    planOf([{ ...echo, payloadRule: { kind: "object", fields: [field("v", value)] } }]);

  test("is not begun, nor is a step before it", async () => {
    const response = await send(planOf([writing, { ...echo, payloadRule: rule }]), { title: 5 });
    const problem = await expectProblem(response, 422, "payload_invalid");
    expect(problem["errors"]).toEqual([
      { pointer: "/title", detail: "expected a string of 2 to 20 characters, found a number" },
      { pointer: "/rank", detail: "is missing; expected a number" },
    ]);
    expect(await readStored()).toEqual(NOTHING);
  });

  test("of JSON binds what was sent", async () => {
    expect(await dataOf(await send(checked({ kind: "number" }), { v: 5 }))).toEqual({ v: 5, type: "real" });
    const problem = await expectProblem(await send(checked({ kind: "number" }), { v: "5" }), 422, "payload_invalid");
    expect(problem["detail"]).toBe("/v: expected a number, found a string.");
  });

  test.each<[string, Rule, FormPart[], Json]>([
    ["a number", { kind: "number" }, [{ name: "v", body: "5" }], { v: 5, type: "real" }],
    ["a text", { kind: "text" }, [{ name: "v", body: "5" }], { v: "5", type: "text" }],
    ["a list", { kind: "list" }, [{ name: "v", body: "a" }], { v: '["a"]', type: "text" }],
    ["an object", { kind: "object", fields: [] }, [{ name: "v", body: ' {"a": 1}' }], { v: '{"a":1}', type: "text" }],
  ])("of a form binds %s", async (_, value, parts, expected) => {
    expect(await dataOf(await upload(createCaller([checked(value)]), "/test", await as("u"), parts))).toEqual(expected);
  });

  test("without a body names what is missing", async () => {
    const response = await createCaller([checked({ kind: "text" })])("/test", {
      method: "POST",
      headers: await as("u"),
    });
    expect(pointers(await expectProblem(response, 422, "payload_invalid"))).toEqual(["/v"]);
  });

  test("the answer repeats no value, and says how many faults it leaves out", async () => {
    const items: Rule = { kind: "list", items: { kind: "number" } };
    const response = await send(checked(items), { v: Array.from({ length: 70 }, () => "s3cret") });
    const problem = await expectProblem(response, 422, "payload_invalid");
    expect(problem).toMatchObject({
      detail: "70 faults, of which 50 are listed. First, /v/0: expected a number, found a string.",
      errors: { length: 50 },
      errors_omitted: 20,
    });
    expect(JSON.stringify(problem)).not.toContain("s3cret");
  });

  test("a token is looked at before the payload", async () => {
    const response = await createCaller([checked({ kind: "text" })])("/test", { method: "POST" });
    await expectProblem(response, 401, "unauthorized");
  });
});
