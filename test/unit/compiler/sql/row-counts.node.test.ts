/** LIMIT and OFFSET: the same rows and the same refusals on both targets, whatever comes as a number of rows. */
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, test } from "vitest";
import { createQueryAnalyser } from "../../../../src/compiler/sql/query.ts";
import { toD1 } from "../../../../src/runtime/database/d1/values.ts";
import type { Json } from "../../../../src/contract/plan.ts";
import type { ParameterType } from "../../../../src/contract/plan/query.ts";
import { createPostgresRunner } from "./postgres/run-postgres.ts";
import { abi, d1, diagnose, migrations, query } from "../support.ts";

const postgres = createPostgresRunner([
  { name: "albums.sql", sql: "CREATE TABLE albums (id text PRIMARY KEY NOT NULL, photos bigint)" },
]);
afterAll(() => postgres.open.close());
const rows = "('a', 1), ('b', 2), ('c', 3)";

type Run = (sql: string, values: readonly Json[]) => Promise<string>;

const onSqlite: Run = async (source, values) => {
  const { sql, types, faults } = await createQueryAnalyser(d1)(source);
  expect(faults).toEqual([]);
  const database = new DatabaseSync(":memory:");
  for (const migration of migrations) database.exec(migration.sql);
  database.exec(`INSERT INTO albums (id, photos, owner) SELECT column1, column2, 'o' FROM (VALUES ${rows})`);
  const bound = values.map((value, index) => toD1({ value, type: types[index] ?? "any" }));
  const statement = database.prepare(sql);
  // D1 binds every number as a fraction.
  const found = statement.all(...bound.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value)));
  return found.map((row) => String(row["id"])).join("");
};

const onPostgres: Run = async (source, values) => {
  const { sql, types, faults } = await createQueryAnalyser(postgres.open)(source);
  expect(faults).toEqual([]);
  await postgres.run("DELETE FROM albums");
  await postgres.run(`INSERT INTO albums (id, photos) VALUES ${rows}`);
  const bound = values.map((value, index) => ({ value, type: types[index] ?? "any" }));
  return (await postgres.run(sql, bound)).map(({ id }) => (typeof id === "string" ? id : "")).join("");
};

const all = "SELECT id FROM albums ORDER BY id";

describe.each([
  ["D1", onSqlite],
  ["PostgreSQL", onPostgres],
] as const)("on %s", (_, run) => {
  test.each<[string, Json[], string]>([
    [`${all} LIMIT $1`, [2], "ab"],
    [`${all} LIMIT $1`, [0], ""],
    [`${all} LIMIT $1`, ["2"], "ab"],
    [`${all} LIMIT $1`, [null], "abc"],
    [`${all} LIMIT $1::int OFFSET $2`, [1, 1], "b"],
    [`${all} LIMIT $1 OFFSET $2`, [null, null], "abc"],
    [`${all} OFFSET $1`, [1], "bc"],
    [`${all} LIMIT ALL OFFSET 2`, [], "c"],
    [`${all} LIMIT NULL`, [], "abc"],
    [`${all} LIMIT COALESCE($1, 2)`, [null], "ab"],
    [`${all} LIMIT COALESCE($1::int, 2)`, [1], "a"],
    [`${all} LIMIT $1 + 1`, [-1], ""],
    [`${all} LIMIT $1 + 1`, [1], "ab"],
    [`${all} LIMIT CASE WHEN $1::int > 2 THEN 2 ELSE $1::int END`, [9], "ab"],
    [`${all} LIMIT (SELECT max(photos) - 1 FROM albums)`, [], "ab"],
    [`${all} FETCH FIRST $1 ROWS ONLY`, [1], "a"],
    [`${all} OFFSET $1 ROWS FETCH NEXT ROW ONLY`, [1], "b"],
    [
      `SELECT id FROM (${all} LIMIT $1) AS few UNION (SELECT id FROM albums ORDER BY id DESC LIMIT $2) ORDER BY id`,
      [1, 1],
      "ac",
    ],
    [`SELECT id FROM albums WHERE photos <= $1::int ORDER BY id LIMIT $1::int`, [2], "ab"],
  ])("%s with %j", async (sql, values, ids) => {
    expect(await run(sql, values)).toBe(ids);
  });

  test.each<[string, Json[]]>([
    [`${all} LIMIT $1`, [-1]],
    [`${all} LIMIT $1`, ["-1"]],
    [`${all} LIMIT $1`, [1.5]],
    [`${all} LIMIT $1`, ["two"]],
    [`${all} LIMIT $1`, [""]],
    [`${all} LIMIT $1`, [true]],
    [`${all} LIMIT $1`, [[2]]],
    [`${all} OFFSET $1`, [-1]],
    [`${all} LIMIT $1::int`, [-1]],
    [`${all} LIMIT CAST($1 AS bigint)`, [-1]],
    [`${all} LIMIT COALESCE($1, 2)`, [-1]],
    [`${all} FETCH FIRST $1 ROWS ONLY`, [-1]],
    [`SELECT id FROM (${all} LIMIT $1) AS few`, [-1]],
    [`SELECT id FROM albums WHERE id IN (${all} LIMIT $1)`, [-1]],
    [`WITH few AS (${all} LIMIT $1) SELECT id FROM few`, [-1]],
  ])("%s refuses %j before the database sees it", async (sql, values) => {
    await expect(run(sql, values)).rejects.toMatchObject({
      code: "row_rejected",
      detail: "The value of a parameter is not a whole number of 0 or more.",
    });
  });

  test.each<[string, Json[]]>([
    [`${all} LIMIT $1 + 1`, [-3]],
    [`${all} OFFSET $1 - 2`, [1]],
    [`${all} LIMIT COALESCE($1, (SELECT min(photos) - 2 FROM albums))`, [null]],
    [`${all} LIMIT (SELECT $1::text)::int`, ["-1"]],
    [`${all} LIMIT (SELECT -photos FROM albums WHERE id = $1)`, ["a"]],
  ])("%s with %j is refused by the database", async (sql, values) => {
    await expect(run(sql, values)).rejects.toThrow(/datatype mismatch|must not be negative/);
  });
});

test("the author's own numbers are checked when they are compiled", async () => {
  const steps = [
    query(1, `${all} LIMIT -1 OFFSET 1.5`),
    query(2, `SELECT id FROM (${all} LIMIT COALESCE($1, -5)) AS few`, ["$PAYLOAD.n"]),
    query(3, `${all} LIMIT CAST('-3' AS int)`),
    query(4, `${all} LIMIT $1 OFFSET $2`, [-1, 2.5]),
    query(5, `${all} LIMIT $1 OFFSET $2`, [20, null]),
  ];
  const place = (index: number): string => `a.json/actionables/${String(index)}/sql_query`;
  expect(await diagnose(abi(steps))).toEqual([
    `${place(0)}/query: LIMIT -1: expected a whole number of 0 or more`,
    `${place(0)}/query: OFFSET 1.5: expected a whole number of 0 or more`,
    `${place(1)}/query: LIMIT -5: expected a whole number of 0 or more`,
    `${place(2)}/query: LIMIT -3: expected a whole number of 0 or more`,
    `${place(3)}/parameters/0: LIMIT or OFFSET -1: expected a whole number of 0 or more`,
    `${place(3)}/parameters/1: LIMIT or OFFSET 2.5: expected a whole number of 0 or more`,
  ]);
});

test.each<[string, ParameterType[]]>([
  [`${all} LIMIT $2 OFFSET $1`, ["count", "count"]],
  [`${all} LIMIT $1 + 1`, ["integer"]],
  [`SELECT id FROM albums WHERE photos > $1::int LIMIT COALESCE($2, 50)`, ["integer", "count"]],
])("types of %s", async (sql, types) => {
  expect((await createQueryAnalyser(d1)(sql)).types).toEqual(types);
});
