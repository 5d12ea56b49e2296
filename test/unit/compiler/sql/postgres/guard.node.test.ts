/** Statements that must find a row, as they are printed for PostgreSQL and run there. */
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { createQueryAnalyser } from "../../../../../src/compiler/sql/query.ts";
import { createPostgresRunner } from "./run-postgres.ts";
import { messagesOf } from "../../support.ts";

const runner = createPostgresRunner([
  { name: "test.sql", sql: `CREATE TABLE withs (id integer); CREATE TABLE b (id text, "(" text);` },
]);
const { open } = runner;
afterAll(() => open.close());
const analyse = createQueryAnalyser(open);

/** Sends the statement alone: what it does is undone where it fails. */
async function run(sql: string) {
  const { sql: guarded, faults } = await analyse(sql, { mustReturn: true });
  expect(faults).toEqual([]);
  return (await runner.server()).run(guarded);
}

const ids = async () => (await (await runner.server()).run("SELECT id FROM withs ORDER BY id")).map(({ id }) => id);

beforeEach(async () => {
  const started = await runner.server();
  await started.run("DELETE FROM withs; DELETE FROM b; INSERT INTO withs VALUES (1); INSERT INTO b VALUES ('b', ')')");
});

const found: readonly (readonly [sql: string, rows: readonly object[], left: readonly number[]])[] = [
  ["SELECT 1 AS a", [{ a: 1 }], [1]],
  ["SELECT FROM withs", [{}], [1]],
  ["INSERT INTO withs VALUES (2) RETURNING id", [{ id: 2 }], [1, 2]],
  ["INSERT INTO withs VALUES (2)", [], [1, 2]],
  ["UPDATE withs SET id = 3", [], [3]],
  ["DELETE FROM withs WHERE id = 1", [], []],
  ["WITH a AS (SELECT 1 AS b) SELECT * FROM a", [{ b: 1 }], [1]],
  ["with recursive a(b, c) as (values (1, 2) union select 1, 2) table a", [{ b: 1, c: 2 }], [1]],
  [
    "WITH RECURSIVE n(v) AS (VALUES (1) UNION ALL SELECT v + 1 FROM n WHERE v < 3) SELECT v FROM n",
    [{ v: 1 }, { v: 2 }, { v: 3 }],
    [1],
  ],
  [
    "WITH a AS NOT MATERIALIZED (SELECT 1), b AS (DELETE FROM withs RETURNING *) INSERT INTO withs SELECT id + 1 FROM b RETURNING id",
    [{ id: 2 }],
    [2],
  ],
  ["WITH b AS (DELETE FROM withs RETURNING *) INSERT INTO withs SELECT id + 1 FROM b", [], [2]],
  ["WITH RECURSIVE b AS (DELETE FROM withs RETURNING *) SELECT id FROM b ORDER BY id", [{ id: 1 }], []],
  ["WITH a AS (SELECT 1 AS b) (SELECT * FROM a) UNION (SELECT 2) ORDER BY b", [{ b: 1 }, { b: 2 }], [1]],
  [`WITH values AS (SELECT 1 AS a), "table" AS (SELECT 2) SELECT * FROM values`, [{ a: 1 }], [1]],
  [
    "WITH RECURSIVE a(b) AS (SELECT 1 UNION ALL SELECT b + 1 FROM a WHERE b < 2) SEARCH DEPTH FIRST BY b SET c SELECT b FROM a ORDER BY c",
    [{ b: 1 }, { b: 2 }],
    [1],
  ],
  ["/* ( */ -- (\nWITH a AS (SELECT ')' AS b /* ) */ -- )\n) SELECT * FROM a -- done", [{ b: ")" }], [1]],
  [
    String.raw`WITH "a""(" AS (SELECT '''(', E'\'(', $$($$, $t$ $$ ( $t$, "(" FROM b) UPDATE withs SET id = length('(') + 3`,
    [],
    [4],
  ],
  [
    `WITH /* ( */ gone AS (DELETE FROM withs WHERE id = 1 RETURNING *), other AS (SELECT ')' AS "x")
     INSERT INTO withs SELECT * FROM gone ON CONFLICT DO NOTHING RETURNING id -- done`,
    [{ id: 1 }],
    [1],
  ],
  ["WITH a AS (SELECT id FROM b) SELECT 1 AS b", [{ b: 1 }], [1]],
];

test.each(found)("%s finds its rows", async (sql, rows, left) => {
  expect(await run(sql)).toEqual(rows);
  expect(await ids()).toEqual(left);
});

describe("without a row it fails, and is undone", () => {
  test.each([
    "SELECT id FROM withs WHERE false",
    "UPDATE withs SET id = 2 WHERE false",
    "DELETE FROM withs WHERE false RETURNING id",
    "WITH a AS (SELECT 1) SELECT * FROM a WHERE false",
    "WITH b AS (DELETE FROM withs RETURNING *) INSERT INTO withs SELECT * FROM b WHERE false RETURNING id",
    "WITH b AS (DELETE FROM withs RETURNING *) INSERT INTO withs SELECT * FROM b WHERE false",
    "WITH RECURSIVE b AS (DELETE FROM withs RETURNING *) SELECT * FROM b WHERE false",
  ])("%s", async (sql) => {
    await expect(run(sql)).rejects.toMatchObject({ code: "23514", constraint: "row_missing" });
    expect(await ids()).toEqual([1]);
  });
});

test("a statement that only adds to its guard has no fields", async () => {
  const { sql, fields, columns, checks } = await analyse("DELETE FROM withs WHERE id = $1", { mustReturn: true });
  expect({ sql, fields, columns, checks }).toEqual({
    sql: "WITH sluice_rows AS (DELETE FROM withs WHERE id = $1 RETURNING 1) INSERT INTO sluice.row_guard (found) SELECT 0 WHERE NOT EXISTS (SELECT FROM sluice_rows)",
    fields: [],
    columns: {},
    checks: [],
  });
});

test("a WITH clause that writes is refused where the printer cannot say it", async () => {
  const sql = 'WITH "AS (" AS (DELETE FROM withs RETURNING *) INSERT INTO withs SELECT * FROM "AS (" RETURNING id';
  expect(messagesOf(await analyse(sql))).toEqual([]);
  expect(messagesOf(await analyse(sql, { mustReturn: true }))).toEqual([
    "cannot be printed again without a change of meaning: write it differently",
  ]);
});

test("a WITH clause alone is no statement", async () => {
  const found = await analyse("WITH a AS (SELECT 1)", { mustReturn: true });
  expect(messagesOf(found).join()).toContain("cannot be parsed");
});
