/** What every database adapter must do, in statements that all engines run. Run by each adapter's test. */
import { describe, expect, test } from "vitest";
import type { BoundParameter, Database, Statement } from "../../src/database/database.ts";
import type { ColumnType, Json, ParameterType } from "../../src/plan.ts";
import { Problem } from "../../src/problem.ts";

export function statement(
  sql: string,
  values: readonly (Json | BoundParameter)[] = [],
  rest: Partial<Statement> = {},
): Statement {
  const parameters = values.map((value) =>
    typeof value === "object" && value !== null && "type" in value && "value" in value
      ? (value as BoundParameter)
      : { value, type: "any" as const },
  );
  return { sql, parameters, columns: {}, writes: !sql.startsWith("SELECT"), mustReturn: false, ...rest };
}

const insert = (id: string, storageKey: string, rest: Partial<Statement> = {}) =>
  statement(
    "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES (?1, 'u', ?2, 'x', 1, ?3, ?3) RETURNING id",
    [id, storageKey, { value: "2026-01-02T03:04:05.678Z", type: "timestamp" }],
    rest,
  );
const count = statement("SELECT count(*) AS n FROM gallery");

const code = (expected: string) => (error: unknown) => error instanceof Problem && error.code === expected;

export function describeDatabase(name: string, create: () => Database): void {
  describe(`database: ${name}`, () => {
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

    test.each([
      ["a write", statement("UPDATE gallery SET url = 'y' WHERE id = 'none'", [], { mustReturn: true })],
      ["a read", statement("SELECT id FROM gallery WHERE id = ?1", ["none"], { mustReturn: true })],
    ])("%s that must return a row and has none undoes the batch", async (_, guarded) => {
      const database = create();
      await expect(database.batch([insert("1", "a"), guarded])).rejects.toSatisfy(code("row_missing"));
      expect(await database.batch([count])).toEqual([[{ n: 0 }]]);
    });

    test("statements that must return a row and do go through, with the rows in their places", async () => {
      const select = statement("SELECT id FROM gallery WHERE id = ?1", ["1"], { mustReturn: true });
      const rows = await create().batch([insert("1", "a", { mustReturn: true }), select, count]);
      expect(rows).toEqual([[{ id: "1" }], [{ id: "1" }], [{ n: 1 }]]);
    });

    test("a read that must be empty and is not undoes the batch; one that is goes through without rows", async () => {
      const database = create();
      const same = (id: string) =>
        statement("SELECT id FROM gallery WHERE user_id = 'u' AND id <> ?1", [id], { mustBeEmpty: true });
      expect(await database.batch([insert("1", "a"), same("1"), count])).toEqual([[{ id: "1" }], [], [{ n: 1 }]]);
      await expect(database.batch([insert("2", "b"), same("2")])).rejects.toSatisfy(code("unique_violation"));
      expect(await database.batch([count])).toEqual([[{ n: 1 }]]);
    });

    test.each<[string, Statement, string]>([
      ["not null", statement("INSERT INTO gallery (id) VALUES ('1')"), "row_rejected"],
      ["a missing table", statement("SELECT 1 FROM nowhere"), "misconfigured"],
      ["a missing column", statement("SELECT absent FROM gallery"), "misconfigured"],
    ])("%s has its problem", async (_, faulty, expected) => {
      await expect(create().batch([faulty])).rejects.toSatisfy(code(expected));
    });

    test.each<[ParameterType, Json, ColumnType | null, Json]>([
      ["any", "text", null, "text"],
      ["any", 1.5, null, 1.5],
      ["any", null, null, null],
      ["any", true, "boolean", true],
      ["any", { a: [1] }, "json", { a: [1] }],
      ["json", { a: "ü" }, "json", { a: "ü" }],
      ["json", '[1,{"b":null}]', "json", [1, { b: null }]],
      ["boolean", "false", "boolean", false],
      ["timestamp", "2026-01-02T03:04:05+01:00", "timestamp", "2026-01-02T02:04:05.000Z"],
      ["timestamp", "2026-01-02", "timestamp", "2026-01-02T00:00:00.000Z"],
      ["integer", "42", "integer", 42],
      ["integer", Number.MAX_SAFE_INTEGER, "integer", Number.MAX_SAFE_INTEGER],
      ["number", "1.25", null, 1.25],
      ["text", 5, null, "5"],
      ["bytes", "AP+A", "bytes", "AP+A"],
      ["text", "O'Brien; DROP TABLE gallery; --", null, "O'Brien; DROP TABLE gallery; --"],
    ])("%s %j comes back as %s %j", async (type, value, column, expected) => {
      const columns = column === null ? {} : { v: column };
      const echo = statement("SELECT ?1 AS v", [{ value, type }], { columns });
      expect(await create().batch([echo])).toEqual([[{ v: expected }]]);
    });

    test.each<[ParameterType, Json]>([
      ["boolean", "yes please"],
      ["timestamp", "tomorrow"],
      ["timestamp", 5],
      ["integer", "1.5"],
      ["integer", 1.5],
      ["integer", {}],
      ["number", "12 cats"],
      ["number", ""],
      ["json", "{broken"],
      ["bytes", "*"],
    ])("%s refuses %j", async (type, value) => {
      const echo = statement("SELECT ?1 AS v", [{ value, type }]);
      await expect(create().batch([echo])).rejects.toSatisfy(code("row_rejected"));
    });
  });
}
