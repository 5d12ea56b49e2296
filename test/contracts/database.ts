/** What every database adapter must do, in statements that all engines run. Run by each adapter's test. */
import { describe, expect, test } from "vitest";
import type { BoundParameter, Database, Statement } from "../../src/runtime/database/database.ts";
import type { Json } from "../../src/contract/plan.ts";
import type { ColumnType, ParameterType } from "../../src/contract/plan/query.ts";
import { Problem } from "../../src/contract/problem.ts";

/** What a value is in the database, where that must be said. */
export type SqlType = "text" | "float" | "boolean" | "json" | "timestamp" | "integer" | "bytes";

export interface DatabaseHarness {
  readonly create: () => Database;
  readonly placeholder: (number: number) => string;
  /** The expression as a value of the type. */
  readonly typed: (expression: string, type: SqlType) => string;
  /** As the runtime guards writes of its own. */
  readonly mustChange: (write: Statement) => readonly Statement[];
  /** As the compiler guards a read of an ABI. */
  readonly mustFind: (read: Statement) => readonly Statement[];
  readonly mustFindNothing: (read: Statement) => Statement;
  /** A session can take back what it sent, and nobody sees it before. */
  readonly interactive: boolean;
}

/** `?1` in the SQL is the harness' placeholder. */
export function createStatements({ placeholder }: Pick<DatabaseHarness, "placeholder">) {
  const statement = (
    sql: string,
    values: readonly (Json | BoundParameter)[] = [],
    rest: Partial<Statement> = {},
  ): Statement => ({
    sql: sql.replaceAll(/\?(\d+)/g, (_, number: string) => placeholder(Number(number))),
    parameters: values.map((value) => (isBound(value) ? value : { value, type: "any" })),
    columns: {},
    writes: !sql.startsWith("SELECT"),
    ...rest,
  });
  const insert = (id: string, storageKey: string, rest: Partial<Statement> = {}) =>
    statement(
      "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES (?1, 'u', ?2, 'x', 1, ?3, ?4) RETURNING id",
      [id, storageKey, moment, moment],
      rest,
    );
  return { statement, insert, count: statement("SELECT count(*) AS n FROM gallery") };
}

const moment: BoundParameter = { value: "2026-01-02T03:04:05.678Z", type: "timestamp" };

const isBound = (value: Json | BoundParameter): value is BoundParameter =>
  typeof value === "object" && value !== null && "type" in value && "value" in value;

export const code = (expected: string) => (error: unknown) => error instanceof Problem && error.code === expected;

export function describeDatabase(name: string, harness: DatabaseHarness): void {
  describe(`database: ${name}`, () => {
    describeBatches(harness);
    describeValues(harness);
    describeSessions(harness);
  });
}

function describeBatches(harness: DatabaseHarness): void {
  const { create, mustChange, mustFind, mustFindNothing } = harness;
  const { statement, insert, count } = createStatements(harness);

  test("answers each statement's rows in order", async () => {
    const rows = await create().batch([insert("1", "a"), insert("2", "b"), count]);
    expect(rows).toEqual([[{ id: "1" }], [{ id: "2" }], [{ n: 2 }]]);
  });

  test("an empty batch is nothing", async () => {
    expect(await create().batch([])).toEqual([]);
  });

  test("a failure in the middle leaves nothing of the batch", async () => {
    const database = create();
    const batch = database.batch([insert("1", "a"), insert("2", "a"), insert("3", "c")]);
    await expect(batch).rejects.toSatisfy(code("unique_violation"));
    expect(await database.batch([count])).toEqual([[{ n: 0 }]]);
  });

  test("batches at once do not get into each other, failed ones neither", async () => {
    const database = create();
    const twice = (id: string) => database.batch([insert(id, id), insert(`${id}+`, id)]);
    const once = (id: string) => database.batch([insert(id, id)]);
    const outcomes = await Promise.allSettled([once("1"), twice("2"), once("3"), twice("4"), once("5")]);
    expect(outcomes.map(({ status }) => status === "fulfilled")).toEqual([true, false, true, false, true]);
    expect(await database.batch([count])).toEqual([[{ n: 3 }]]);
  });

  test("100 rows in one batch", async () => {
    const inserts = Array.from({ length: 100 }, (_, index) => insert(String(index), String(index)));
    const rows = await create().batch([...inserts, count]);
    expect(rows.slice(0, 100).flat()).toEqual(inserts.map((_, index) => ({ id: String(index) })));
    expect(rows[100]).toEqual([{ n: 100 }]);
  });

  test.each([
    ["a write", mustChange(statement("UPDATE gallery SET url = 'y' WHERE id = 'none' RETURNING id"))],
    ["a read", mustFind(statement("SELECT id FROM gallery WHERE id = ?1", ["none"]))],
  ])("%s that must return a row and has none undoes the batch", async (_, guarded) => {
    const database = create();
    await expect(database.batch([insert("1", "a"), ...guarded])).rejects.toSatisfy(code("row_missing"));
    expect(await database.batch([count])).toEqual([[{ n: 0 }]]);
  });

  test("statements that must return a row and do go through, with the rows in their places and order", async () => {
    const descending = statement("SELECT id, url FROM gallery ORDER BY id DESC");
    const guarded = [mustChange(insert("1", "a")), mustChange(insert("2", "b")), mustFind(descending), [count]];
    const rows = await create().batch(guarded.flat());
    const both = ["2", "1"].map((id) => ({ id, url: "x" }));
    const expected = [[{ id: "1" }], [{ id: "2" }], both, [{ n: 2 }]];
    // Checks that follow a statement have no rows.
    expect(rows).toEqual(guarded.flatMap((sent, index) => sent.map((_, at) => (at === 0 ? expected[index] : []))));
  });

  test("a read that must be empty and is not undoes the batch; one that is goes through without rows", async () => {
    const database = create();
    const same = (id: string) =>
      mustFindNothing(statement("SELECT id FROM gallery WHERE user_id = 'u' AND id <> ?1", [id]));
    expect(await database.batch([insert("1", "a"), same("1"), count])).toEqual([[{ id: "1" }], [], [{ n: 1 }]]);
    await expect(database.batch([insert("2", "b"), same("2")])).rejects.toSatisfy(code("unique_violation"));
    expect(await database.batch([count])).toEqual([[{ n: 1 }]]);
  });

  test("of writers at once that hold one lock, the check that must be empty lets one through", async () => {
    const write = (id: string) => {
      const others = statement("SELECT id FROM gallery WHERE url = 'x' AND id <> ?1", [id]);
      return create().batch([insert(id, id, { lock: "gallery.url" }), mustFindNothing(others)]);
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, (_, index) => write(String(index))));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await create().batch([count])).toEqual([[{ n: 1 }]]);
  });

  test.each<[string, Statement, string]>([
    ["not null", statement("INSERT INTO gallery (id) VALUES ('1')"), "row_rejected"],
    ["a missing table", statement("SELECT 1 FROM nowhere"), "misconfigured"],
    ["a missing column", statement("SELECT absent FROM gallery"), "misconfigured"],
  ])("%s has its problem", async (_, faulty, expected) => {
    await expect(create().batch([faulty])).rejects.toSatisfy(code(expected));
  });
}

/** A parameter, what it is in the database, the hint for the answer, and the answer. */
const values: readonly (readonly [ParameterType, Json, SqlType, ColumnType | null, Json])[] = [
  ["any", "text", "text", null, "text"],
  ["any", 1.5, "float", null, 1.5],
  ["any", null, "text", null, null],
  ["any", true, "boolean", "boolean", true],
  ["any", { a: [1] }, "json", "json", { a: [1] }],
  ["json", { a: "ü" }, "json", "json", { a: "ü" }],
  ["json", '[1,{"b":null}]', "json", "json", [1, { b: null }]],
  ["document", "text", "json", "json", "text"],
  ["document", null, "json", "json", null],
  ["boolean", "false", "boolean", "boolean", false],
  ["timestamp", "2026-01-02T03:04:05+01:00", "timestamp", "timestamp", "2026-01-02T02:04:05.000Z"],
  ["timestamp", "2026-01-02", "timestamp", "timestamp", "2026-01-02T00:00:00.000Z"],
  ["integer", "42", "integer", "integer", 42],
  ["integer", Number.MAX_SAFE_INTEGER, "integer", "integer", Number.MAX_SAFE_INTEGER],
  ["count", 2, "integer", "integer", 2],
  ["count", "0", "integer", "integer", 0],
  ["count", null, "integer", "integer", null],
  ["number", "1.25", "float", null, 1.25],
  ["text", 5, "text", null, "5"],
  ["bytes", "AP+A", "bytes", "bytes", "AP+A"],
  ["bytes", "", "bytes", "bytes", ""],
  ["text", "O'Brien; DROP TABLE gallery; --", "text", null, "O'Brien; DROP TABLE gallery; --"],
  ["text", '\u{1F600} \\ " \u2028 \u0001', "text", null, '\u{1F600} \\ " \u2028 \u0001'],
  ["document", { 'a"b\\u0000': "\u{1F600}" }, "json", "json", { 'a"b\\u0000': "\u{1F600}" }],
];

const refusals: readonly (readonly [ParameterType, Json, SqlType])[] = [
  ["boolean", "yes please", "boolean"],
  ["timestamp", "tomorrow", "timestamp"],
  ["timestamp", 5, "timestamp"],
  ["integer", "1.5", "integer"],
  ["integer", 1.5, "integer"],
  ["integer", 2 ** 53, "integer"],
  ["integer", {}, "integer"],
  ["count", -1, "integer"],
  ["count", "-1", "integer"],
  ["count", 1.5, "integer"],
  ["count", [2], "integer"],
  ["integer", "9223372036854775808", "integer"],
  ["integer", "-9223372036854775809", "integer"],
  ["number", "12 cats", "float"],
  ["number", "", "float"],
  ["json", "{broken", "json"],
  ["bytes", "*", "bytes"],
];

function describeValues(harness: DatabaseHarness): void {
  const { create, typed } = harness;
  const { statement } = createStatements(harness);

  test("each value comes back as its type's JSON", async () => {
    const echoes = values.map(([type, value, sqlType, column]) => {
      const columns = column === null ? {} : { v: column };
      return statement(`SELECT ${typed("?1", sqlType)} AS v`, [{ value, type }], { columns });
    });
    const rows = await create().batch(echoes);
    expect(rows.map(([row], index) => [...(values[index] ?? []).slice(0, 4), row?.["v"]])).toEqual(values);
  });

  test.each(refusals)("%s refuses %j", async (type, value, sqlType) => {
    const echo = statement(`SELECT ${typed("?1", sqlType)} AS v`, [{ value, type }]);
    await expect(create().batch([echo])).rejects.toSatisfy(code("row_rejected"));
  });
}

function describeSessions(harness: DatabaseHarness): void {
  const { create, interactive, mustFind } = harness;
  const { statement, insert, count } = createStatements(harness);

  test("a session's steps see each other, and everything is there after its commit", async () => {
    const database = create();
    const session = database.begin();
    expect(await session.send([count])).toEqual([[{ n: 0 }]]);
    expect(await session.send([insert("1", "a"), count])).toEqual([[{ id: "1" }], [{ n: 1 }]]);
    expect(await session.send([])).toEqual([]);
    expect(await session.send([insert("2", "b")])).toEqual([[{ id: "2" }]]);
    expect(await session.commit([count, insert("3", "c")])).toEqual([[{ n: 2 }], [{ id: "3" }]]);
    await session.rollback();
    expect(await database.batch([count])).toEqual([[{ n: 3 }]]);
  });

  test("a commit of everything is a batch; one of nothing is nothing", async () => {
    const database = create();
    expect(await database.begin().commit([insert("1", "a")])).toEqual([[{ id: "1" }]]);
    expect(await database.begin().commit([])).toEqual([]);
    expect(await database.batch([count])).toEqual([[{ n: 1 }]]);
  });

  test("a commit of nothing makes durable what was sent", async () => {
    const session = create().begin();
    await session.send([insert("1", "a")]);
    expect(await session.commit([])).toEqual([]);
    expect(await create().batch([count])).toEqual([[{ n: 1 }]]);
  });

  test("a rollback of nothing, and a second one, are harmless", async () => {
    const session = create().begin();
    await session.rollback();
    await session.rollback();
    expect(await create().batch([count])).toEqual([[{ n: 0 }]]);
  });

  test(interactive ? "nothing of a session is seen before its commit" : "what is sent is durable at once", async () => {
    const database = create();
    const session = database.begin();
    await session.send([insert("1", "a")]);
    expect(await create().batch([count])).toEqual([[{ n: interactive ? 0 : 1 }]]);
    // Batches beside the session are transactions of their own.
    await database.batch([insert("2", "b")]);
    await session.rollback();
    expect(await create().batch([count])).toEqual([[{ n: interactive ? 1 : 2 }]]);
  });

  test.each<[string, (session: ReturnType<Database["begin"]>) => Promise<unknown>, string]>([
    ["a send", (session) => session.send([insert("2", "a")]), "unique_violation"],
    ["a commit", (session) => session.commit([insert("2", "a")]), "unique_violation"],
    [
      "a guard of the commit",
      (session) => session.commit(mustFind(statement("SELECT id FROM gallery WHERE id = '9'"))),
      "row_missing",
    ],
  ])("%s that fails: the rollback takes back what can be", async (_, fail, expected) => {
    const session = create().begin();
    await session.send([insert("1", "a")]);
    await expect(fail(session)).rejects.toSatisfy(code(expected));
    await session.rollback();
    expect(await create().batch([count])).toEqual([[{ n: interactive ? 0 : 1 }]]);
  });
}
