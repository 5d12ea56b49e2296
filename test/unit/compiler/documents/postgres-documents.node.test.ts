/** `mongo_query` on PostgreSQL answers what it answers on D1: the same calls on both, row by row. */
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toD1 } from "../../../../src/runtime/database/d1/values.ts";
import type { Json } from "../../../../src/contract/plan.ts";
import type { QueryStep } from "../../../../src/contract/plan/query.ts";
import type { Reference } from "../../../../src/contract/plan/reference.ts";
import type { BoundValue, JsonRow } from "../sql/postgres/run-postgres.ts";
import { createPostgresRunner } from "../sql/postgres/run-postgres.ts";
import { abi, asQuery, compile, d1, migrations } from "../support.ts";

type Members = Record<string, unknown>;

const postgres = createPostgresRunner();
afterAll(() => postgres.open.close());

/** A server is started before the first statement. */
const startMilliseconds = 60_000;
const now = "2026-05-01T10:00:00.000Z";
const names = ["title", "rank", "a", "b"];
const writer = abi(
  [{ id: 1, mode: "QUERY", mongo_query: { collection: "albums", action: "INSERT", parameters: names } }],
  { id: "writer-01", resource: "writer" },
);

async function compiledFor(database: typeof d1, members: Members): Promise<QueryStep> {
  const actionable = { id: 1, mode: "QUERY", mongo_query: { collection: "albums", ...members } };
  const { plans, diagnostics } = await compile([abi([actionable]), writer], { database });
  expect(diagnostics.filter(({ severity }) => severity === "fault")).toEqual([]);
  return asQuery(plans.find(({ id }) => id === "test-01")?.steps[0]);
}

function valueOf(reference: Reference, payload: JsonRow): Json {
  if (reference.from === "now") return now;
  if (reference.from === "literal") return reference.value;
  if (reference.from !== "payload") throw new Error(`unexpected ${reference.from}`);
  return payload[String(reference.path[0])] ?? null;
}

const bind = (step: QueryStep, payload: JsonRow): BoundValue[] =>
  step.parameters.map(({ value, type }) => ({ value: valueOf(value, payload), type }));

let sqlite = new DatabaseSync(":memory:");

function runSqlite(step: QueryStep, payload: JsonRow): JsonRow[] {
  const values = bind(step, payload).map((bound) => toD1(bound) as string | number | null);
  const rows = sqlite.prepare(step.sql).all(...values) as Record<string, string | null>[];
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]): [string, Json] => [
        name,
        step.columns[name] === "json" && value !== null ? (JSON.parse(value) as Json) : value,
      ]),
    ),
  );
}

/** Ids are fresh on each side: a document's place among all ids seen stands for its own. */
const seen: [sqlite: string[], postgres: string[]] = [[], []];

function withoutIds(rows: readonly JsonRow[], side: 0 | 1): JsonRow[] {
  return rows.map((row) => {
    const ids = seen[side];
    const id = row["id"] as string;
    expect(id).toMatch(/^[0-9a-f]{24}$/);
    if (!ids.includes(id)) ids.push(id);
    return { ...row, id: ids.indexOf(id) };
  });
}

/** What both answer to the payload, in which `{ $id: 3 }` is the id of the document with that number. */
async function both(members: Members, payload: JsonRow = {}): Promise<JsonRow[]> {
  const payloadOn = (side: 0 | 1): JsonRow =>
    JSON.parse(JSON.stringify(payload), (_, value: Json): Json => {
      const number = typeof value === "object" && value !== null && "$id" in value ? Number(value["$id"]) : NaN;
      return Number.isNaN(number) ? value : (seen[side][number] ?? null);
    }) as JsonRow;
  const onD1 = withoutIds(runSqlite(await compiledFor(d1, members), payloadOn(0)), 0);
  const step = await compiledFor(postgres.open, members);
  const onPostgres = withoutIds(await postgres.run(step.sql, bind(step, payloadOn(1))), 1);
  expect(onPostgres).toEqual(onD1);
  return onPostgres;
}

async function empty(): Promise<void> {
  sqlite = new DatabaseSync(":memory:");
  for (const { sql } of migrations) sqlite.exec(sql);
  await postgres.run("DELETE FROM sluice.documents");
  for (const ids of seen) ids.length = 0;
}

const values: Json[] = [
  "text",
  "",
  "1",
  1,
  0,
  -1.5,
  1e21,
  9007199254740991,
  true,
  false,
  null,
  "null",
  "true",
  [],
  [1, "1", [null]],
  {},
  { $gt: "" },
  { a: { "b.c": "'\"\\" } },
  '{"$gt":""}',
  "\u2028 é 🖼 Ä",
  "'; DROP TABLE documents; --",
  "a",
  "B",
  "b",
  10,
  9,
];

describe("values", () => {
  beforeAll(empty, startMilliseconds);

  test("are stored as they are, equal only themselves, and sort alike", async () => {
    for (const [index, rank] of values.entries()) {
      const insert = { action: "INSERT", parameters: ["title", "rank"], with_timestamps: true };
      const [row] = await both(insert, { title: String(index), rank });
      expect(row).toEqual({ id: index, title: String(index), rank, created_at: now, updated_at: now });
    }
    for (const [index, rank] of values.entries()) {
      expect(await both({ action: "FIND", parameters: ["rank"] }, { rank })).toMatchObject([{ id: index }]);
    }
    // Lists and objects sort by their JSON text, in which PostgreSQL has spaces.
    const structures = values.filter((value) => value !== null && typeof value === "object");
    for (const rank of structures) await both({ action: "DELETE", parameters: ["rank"] }, { rank });
    for (const sort of [{ rank: 1 }, { rank: -1 }, { rank: -1, title: 1 }, { title: -1, rank: 1 }, { id: -1 }, {}]) {
      const rows = await both({ action: "FIND", filter: {}, sort, limit: 100 });
      expect(rows).toHaveLength(values.length - structures.length);
    }
  });

  test("limit and skip: written, from the client, and never beyond", async () => {
    const client = { action: "FIND", filter: {}, limit: "$PAYLOAD.limit", skip: "$PAYLOAD.skip" };
    const payloads = [
      {},
      { limit: 7, skip: "3" },
      { limit: -1, skip: -5 },
      { limit: 100_000 },
      { limit: 2, skip: 1000 },
    ];
    const counts = [];
    for (const payload of payloads) counts.push((await both(client, payload)).length);
    const scalars = values.filter((value) => value === null || typeof value !== "object").length;
    expect(counts).toEqual([scalars, 7, 0, scalars, 0]);
  });
});

describe("changes", () => {
  beforeAll(async () => {
    await empty();
    for (const rank of [1, 1, "1", null])
      await both({ action: "INSERT", parameters: ["title", "rank"] }, { title: "a", rank });
    await both({ action: "INSERT", set: { kind: "photo", stars: 5, seen: false, at: "$DATETIME" } });
  }, startMilliseconds);

  test("UPDATE sets nested values, adds fields, and answers the documents", async () => {
    const update = {
      action: "UPDATE",
      filter: { title: "a", rank: "$PAYLOAD.old" },
      parameters: ["b"],
      set: { checked: true, a: "$PAYLOAD.new" },
      with_timestamps: true,
    };
    expect(await both(update, { old: { $lt: 9 } })).toEqual([]);
    expect(await both(update, { old: "1", new: { x: [1, { y: null }] }, b: "n" })).toEqual([
      { id: 2, title: "a", rank: "1", a: { x: [1, { y: null }] }, b: "n", checked: true, updated_at: now },
    ]);
    expect(await both({ action: "FIND", filter: { a: "$PAYLOAD.a" } }, { a: { x: [1, { y: null }] } })).toHaveLength(1);
  });

  test("by id, and by what no document has", async () => {
    const byId = { action: "FIND", filter: { id: "$PAYLOAD.key" } };
    for (const key of [null, "", { $gt: "" }, ["x"], 7]) expect(await both(byId, { key })).toEqual([]);
    expect(await both(byId, { key: { $id: 3 } })).toMatchObject([{ id: 3, rank: null }]);
    expect(await both({ action: "FIND", parameters: ["rank"] }, { rank: null })).toMatchObject([{ id: 3 }]);
    expect(await both({ action: "FIND", parameters: ["a"] }, { a: null })).toEqual([]);
  });

  test("DELETE removes what it finds", async () => {
    expect(await both({ action: "DELETE", parameters: ["rank"] }, { rank: 1 })).toMatchObject([{ id: 0 }, { id: 1 }]);
    expect(await both({ action: "FIND", filter: {} })).toHaveLength(3);
  });
});

test("as many fields as an ABI may name", async () => {
  await empty();
  const many = Array.from({ length: 90 }, (_, index) => `f${String(index)}`);
  const payload = Object.fromEntries(many.map((name, index) => [name, index]));
  expect(await both({ action: "INSERT", parameters: many }, payload)).toEqual([{ id: 0, ...payload }]);
  const changed = Object.fromEntries(many.map((name) => [name, null]));
  const update = { action: "UPDATE", filter: { f0: 0 }, parameters: many.slice(1) };
  expect(await both(update, changed)).toMatchObject([{ f1: null, f89: null }]);
});

test("ids begin with the time, and no two are alike", async () => {
  const step = await compiledFor(postgres.open, { action: "INSERT", parameters: ["title"] });
  const ids: string[] = [];
  for (let count = 0; count < 20; count += 1) {
    const rows = await postgres.run(step.sql, bind(step, {}));
    ids.push(...rows.map(({ id }) => id as string));
  }
  expect(new Set(ids).size).toBe(20);
  const seconds = Number.parseInt(ids[0]?.slice(0, 8) ?? "", 16);
  expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60);
});
