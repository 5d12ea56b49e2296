/** The statements of `mongo_query`, run as they are compiled, on SQLite. */
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { toD1 } from "../../../../src/runtime/database/d1/values.ts";
import type { Json } from "../../../../src/contract/plan.ts";
import type { QueryStep } from "../../../../src/contract/plan/query.ts";
import type { Reference } from "../../../../src/contract/plan/reference.ts";
import { sources } from "../../runtime/pipeline/mongo-steps.ts";
import { abi, asQuery, compile, migrations, plan } from "../support.ts";

type Members = Record<string, unknown>;
type Row = Record<string, Json>;

const now = "2026-05-01T10:00:00.000Z";
const writer = abi(
  [
    {
      id: 1,
      mode: "QUERY",
      mongo_query: { collection: "albums", action: "INSERT", parameters: ["title", "rank"], with_timestamps: true },
    },
  ],
  { id: "writer-01", resource: "writer" },
);

async function compiled(members: Members): Promise<QueryStep> {
  const actionable = { id: 1, mode: "QUERY", mongo_query: { collection: "albums", ...members } };
  return asQuery((await plan(abi([actionable]), writer)).steps[0]);
}

let database = new DatabaseSync(":memory:");
beforeEach(() => {
  database = new DatabaseSync(":memory:");
  for (const { sql } of migrations) database.exec(sql);
});

function valueOf(reference: Reference, payload: Row): Json {
  if (reference.from === "now") return now;
  if (reference.from === "literal") return reference.value;
  if (reference.from !== "payload") throw new Error(`unexpected ${reference.from}`);
  return payload[String(reference.path[0])] ?? null;
}

/** Runs the step for a payload; JSON columns read as the database's adapter reads them. */
function run(step: QueryStep, payload: Row = {}): Row[] {
  const values = step.parameters.map(({ value, type }) => {
    const bound = toD1({ value: valueOf(value, payload), type });
    return bound instanceof ArrayBuffer ? new Uint8Array(bound) : bound;
  });
  const rows = database.prepare(step.sql).all(...values) as Record<string, string | null>[];
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]): [string, Json] => [
        name,
        step.columns[name] === "json" && value !== null ? (JSON.parse(value) as Json) : value,
      ]),
    ),
  );
}

async function insert(...payloads: Row[]): Promise<Row[]> {
  const step = await compiled({ action: "INSERT", parameters: ["title", "rank"], with_timestamps: true });
  return payloads.flatMap((payload) => run(step, payload));
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
  "\0 \ud800 \u2028 é 🖼",
  "'; DROP TABLE documents; --",
];

test.each(values.map((value) => [value]))("%j comes back as itself, and equals only itself", async (value) => {
  await insert(...values.map((rank, index) => ({ title: String(index), rank })));
  const find = await compiled({ action: "FIND", parameters: ["rank"], limit: 100 });
  expect(run(find, { rank: value })).toMatchObject([{ title: String(values.indexOf(value)), rank: value }]);
});

test("objects are equal by their text: the order of members counts", async () => {
  await insert({ rank: { a: 1, b: 2 } });
  const find = await compiled({ action: "FIND", parameters: ["rank"] });
  expect(run(find, { rank: { a: 1, b: 2 } })).toHaveLength(1);
  expect(run(find, { rank: { b: 2, a: 1 } })).toHaveLength(0);
});

describe("INSERT", () => {
  test("answers the document: id, fields in order, the moment twice", async () => {
    const [row = {}] = await insert({ title: "Zoo", rank: 3 });
    expect(Object.keys(row)).toEqual(["id", "title", "rank", "created_at", "updated_at"]);
    expect(row).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      title: "Zoo",
      rank: 3,
      created_at: now,
      updated_at: now,
    });
    expect(database.prepare("SELECT collection, body, created_at, updated_at FROM sluice_documents").get()).toEqual({
      collection: "albums",
      body: `{"title":"Zoo","rank":3,"created_at":"${now}","updated_at":"${now}"}`,
      created_at: now,
      updated_at: now,
    });
  });

  test("ids are fresh and begin with the time", async () => {
    const ids = (await insert(...Array.from({ length: 200 }, () => ({})))).map((row) => row["id"] as string);
    expect(new Set(ids).size).toBe(200);
    const seconds = Number.parseInt(ids[0]?.slice(0, 8) ?? "", 16);
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60);
  });

  test("what is not sent is null", async () => {
    expect(await insert({})).toMatchObject([{ title: null, rank: null }]);
  });

  test("without timestamps the document has none", async () => {
    const step = await compiled({ action: "INSERT", set: { kind: "photo", stars: 5, seen: false, at: "$DATETIME" } });
    expect(run(step)).toEqual([{ id: expect.any(String) as string, kind: "photo", stars: 5, seen: false, at: now }]);
  });

  test("more fields than one function takes", async () => {
    const names = Array.from({ length: 90 }, (_, index) => `f${String(index)}`);
    const step = await compiled({ action: "INSERT", parameters: names });
    const payload = Object.fromEntries(names.map((name, index) => [name, index]));
    const [row = {}] = run(step, payload);
    expect({ ...row, id: null }).toEqual({ id: null, ...payload });
    for (const call of step.sql.matchAll(/json_(?:set|object)\(([^()]|\([^()]*\))*\)/g)) {
      expect(call[0].split(", ").length).toBeLessThanOrEqual(32);
    }
  });

  test("names that are SQL's words are only names", async () => {
    const names = ["order", "select", "body", "collection", "rowid", "values"];
    const step = await compiled({ action: "INSERT", parameters: names });
    const payload = Object.fromEntries(names.map((name) => [name, `a ${name}`]));
    expect(run(step, payload)).toMatchObject([payload]);
    const abis = [
      abi([{ id: 1, mode: "QUERY", mongo_query: { collection: "albums", action: "INSERT", parameters: names } }]),
      abi(
        [
          {
            id: 1,
            mode: "QUERY",
            mongo_query: { collection: "albums", action: "FIND", parameters: names, sort: { rowid: -1, body: 1 } },
          },
        ],
        { id: "find-01", resource: "find" },
      ),
    ];
    const { plans } = await compile(abis);
    expect(run(asQuery(plans.find(({ id }) => id === "find-01")?.steps[0]), payload)).toMatchObject([payload]);
  });
});

describe("FIND", () => {
  const titles = (rows: readonly Row[]): Json[] => rows.map((row) => row["title"] ?? null);

  test("only its own collection", async () => {
    await insert({ title: "a" });
    const other = await compiled({ collection: "others", action: "INSERT", parameters: ["title"] });
    run(other, { title: "b" });
    expect(titles(run(await compiled({ action: "FIND", filter: {} })))).toEqual(["a"]);
  });

  test("every field that an ABI writes, and the returnables", async () => {
    await insert({ title: "a", rank: 1 });
    const [row = {}] = run(await compiled({ action: "FIND", filter: {} }));
    expect(Object.keys(row)).toEqual(["id", "title", "rank", "created_at", "updated_at"]);
  });

  test("returnables that no ABI writes: documents may come from elsewhere", async () => {
    database.exec(
      `INSERT INTO sluice_documents VALUES (1, 'x', 'imported', '{"colour":"red","size":1.0,"n":"\\u0041"}', '${now}', '${now}')`,
    );
    const members = { collection: "imported", action: "FIND", filter: {} };
    const abis = [abi([{ id: 1, mode: "QUERY", mongo_query: members, returnables: ["colour", "size", "n"] }])];
    const { plans, diagnostics } = await compile(abis);
    expect(diagnostics.map(({ severity }) => severity)).toEqual(["warning"]);
    expect(run(asQuery(plans[0]?.steps[0]))).toEqual([{ id: "x", colour: "red", size: 1, n: "A" }]);
  });

  test("as inserted, newest first, by a field with ties, by two fields", async () => {
    await insert({ title: "c", rank: 10 }, { title: "a", rank: 9 }, { title: "b", rank: 10 }, { title: "d" });
    const sorted = async (sort: object): Promise<Json[]> =>
      titles(run(await compiled({ action: "FIND", filter: {}, sort })));
    expect(await sorted({})).toEqual(["c", "a", "b", "d"]);
    expect(await sorted({ id: -1 })).toEqual(["d", "b", "a", "c"]);
    expect(await sorted({ rank: 1 })).toEqual(["d", "a", "c", "b"]);
    expect(await sorted({ rank: -1, title: 1 })).toEqual(["b", "c", "a", "d"]);
  });

  test("limit and skip: written, from the client, and never beyond", async () => {
    await insert(...Array.from({ length: 1005 }, (_, index) => ({ title: String(index) })));
    const count = async (members: Members, payload: Row = {}): Promise<number> =>
      run(await compiled({ action: "FIND", filter: {}, ...members }), payload).length;
    expect(await count({})).toBe(50);
    expect(await count({ limit: 1000 })).toBe(1000);
    expect(await count({ limit: 1000, skip: 1000 })).toBe(5);
    const client = { limit: "$PAYLOAD.limit", skip: "$PAYLOAD.skip" };
    expect(await count(client)).toBe(50);
    expect(await count(client, { limit: 7, skip: "3" })).toBe(7);
    expect(await count(client, { limit: -1, skip: -5 })).toBe(0);
    expect(await count(client, { limit: 100000 })).toBe(1000);
    const pages = await compiled({ action: "FIND", filter: {}, ...client });
    expect(titles(run(pages, { limit: 2, skip: 3 }))).toEqual(["3", "4"]);
    expect(() => run(pages, { limit: { $gt: 0 } })).toThrow("A value is not an integer.");
    expect(() => run(pages, { limit: 1.5 })).toThrow("A value is not an integer.");
  });

  test("by id", async () => {
    const [, row = {}] = await insert({ title: "a" }, { title: "b" });
    const find = await compiled({ action: "FIND", filter: { id: "$PAYLOAD.key" } });
    expect(titles(run(find, { key: row["id"] ?? null }))).toEqual(["b"]);
    for (const key of [null, "", { $gt: "" }, ["x"]]) expect(run(find, { key })).toEqual([]);
  });

  test("a field that a document lacks equals nothing", async () => {
    run(await compiled({ action: "INSERT", parameters: ["title"] }), { title: "a" });
    const find = await compiled({ action: "FIND", parameters: ["rank"] });
    expect(run(find, { rank: null })).toEqual([]);
  });

  const planOf = (step: QueryStep): string =>
    database
      .prepare(`EXPLAIN QUERY PLAN ${step.sql}`)
      .all(...step.parameters.map(() => null))
      .map((row) => String(row["detail"]))
      .join("; ");

  test("a page of a collection reads an index in its order", async () => {
    for (const sort of [{}, { id: 1 }, { id: -1 }]) {
      const step = await compiled({ action: "FIND", filter: { title: "$PAYLOAD.title" }, sort });
      expect(planOf(step)).toBe("SEARCH sluice_documents USING INDEX sluice_documents_by_collection (collection=?)");
    }
    const byId = await compiled({ action: "DELETE", filter: { id: "$PAYLOAD.id" } });
    expect(planOf(byId)).toMatch(/^SEARCH sluice_documents USING INDEX sluice_documents_id_unique \(id=\?\)/);
  });

  test("an index on a field, as documented, is used", async () => {
    database.exec("CREATE INDEX albums_by_title ON sluice_documents (collection, body -> '$.title', created_at)");
    const step = await compiled({ action: "FIND", filter: { title: "$PAYLOAD.title" }, sort: { id: -1 } });
    expect(planOf(step)).toBe("SEARCH sluice_documents USING INDEX albums_by_title (collection=? AND <expr>=?)");
  });
});

describe("UPDATE and DELETE", () => {
  test("UPDATE sets the fields of what it finds, and returns the documents", async () => {
    await insert({ title: "a", rank: 1 }, { title: "b", rank: 1 }, { title: "a", rank: "1" });
    const step = await compiled({
      action: "UPDATE",
      filter: { title: "a", rank: "$PAYLOAD.old" },
      parameters: ["note"],
      set: { checked: true, rank: "$PAYLOAD.rank" },
      with_timestamps: true,
    });
    expect(run(step, { old: { $lt: 9 }, rank: 2 })).toEqual([]);
    expect(run(step, { old: 1, rank: { $inc: 1 }, note: "n" })).toEqual([
      {
        id: expect.any(String) as string,
        title: "a",
        rank: { $inc: 1 },
        created_at: now,
        updated_at: now,
        note: "n",
        checked: true,
      },
    ]);
    const ranks = database.prepare("SELECT body ->> '$.rank' AS rank FROM sluice_documents ORDER BY position").all();
    expect(ranks.map((row) => row["rank"])).toEqual(['{"$inc":1}', 1, "1"]);
  });

  test("DELETE removes what it finds, and returns the documents", async () => {
    await insert({ title: "a", rank: 1 }, { title: "b", rank: 1 }, { title: "c", rank: "1" });
    const step = await compiled({ action: "DELETE", parameters: ["rank"] });
    expect(run(step, { rank: { $ne: 0 } })).toEqual([]);
    expect(run(step, { rank: 1 })).toMatchObject([{ title: "a" }, { title: "b" }]);
    expect(database.prepare("SELECT count(*) AS left FROM sluice_documents").get()).toEqual({ left: 1 });
  });
});

test.each(sources.map(([members, step]) => [members.action, members, step] as const))(
  "%s as the Worker's tests run it",
  async (_, members, step) => {
    const abis = sources.map(([source], index) =>
      abi([{ id: 2, mode: "QUERY", mongo_query: { collection: "notes", ...source } }], {
        id: `notes-${String(index)}`,
        resource: `notes-${String(index)}`,
      }),
    );
    const { plans } = await compile(abis);
    const index = sources.findIndex(([source]) => source === members);
    expect(asQuery(plans[index]?.steps[0])).toEqual(step);
  },
);
