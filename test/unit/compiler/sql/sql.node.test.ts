/** Statements as they are written for PostgreSQL, run as they are translated, on SQLite. */
import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { createQueryAnalyser } from "../../../../src/compiler/sql/query.ts";
import type { ColumnType, ParameterType } from "../../../../src/contract/plan/query.ts";
import { openTarget } from "../../../../src/compiler/sql/open-target.ts";
import { sqliteTarget } from "../../../../src/compiler/sql/sqlite/target.ts";
import { d1, messagesOf, migrations } from "../support.ts";

const analyse = createQueryAnalyser(d1);

function open(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  for (const { sql } of migrations) database.exec(sql);
  database.exec(`INSERT INTO albums (id, owner, title, settings, shared, opened_at, photos, rating) VALUES
    ('a', 'ann', 'Zoo', '{"colour":"red"}', 1, '2026-01-01T00:00:00.000Z', 3, 4.5),
    ('b', 'ann', NULL, NULL, 0, '2026-02-01T00:00:00.000Z', 7, 2.5),
    ('c', 'bob', 'beach', NULL, NULL, NULL, 9007199254740993, NULL)`);
  return database;
}

type Row = [sql: string, values: SQLInputValue[], rows: unknown[][]];

describe("what PostgreSQL would answer", () => {
  test.each<Row>([
    // Order of NULL: last upwards, first downwards.
    ["SELECT id FROM albums ORDER BY title, id", [], [["a"], ["c"], ["b"]]],
    ["SELECT id FROM albums ORDER BY title DESC, id", [], [["b"], ["c"], ["a"]]],
    ["SELECT id FROM albums ORDER BY title DESC NULLS LAST", [], [["c"], ["a"], ["b"]]],
    ["SELECT id FROM public.albums ORDER BY id DESC LIMIT $1::int OFFSET $2", [1, 1], [["b"]]],
    ["SELECT id FROM albums ORDER BY id FETCH FIRST 1 ROW ONLY", [], [["a"]]],
    ["SELECT title AS id FROM albums ORDER BY id DESC", [], [[null], ["beach"], ["Zoo"]]],
    [
      "SELECT b.id FROM albums a LEFT JOIN albums b ON b.id = a.id AND a.shared ORDER BY b.id",
      [],
      [["a"], [null], [null]],
    ],
    // Comparisons.
    ["SELECT id FROM albums WHERE title ILIKE $1", ["z%"], [["a"]]],
    ["SELECT id FROM albums WHERE title NOT ILIKE $1", ["z%"], [["c"]]],
    ["SELECT id FROM albums WHERE shared IS TRUE", [], [["a"]]],
    ["SELECT id FROM albums WHERE shared = false", [], [["b"]]],
    ["SELECT id FROM albums WHERE shared = $1::boolean", [1], [["a"]]],
    ["SELECT id FROM albums WHERE shared IS NOT DISTINCT FROM $1", [null], [["c"]]],
    ["SELECT id FROM albums WHERE opened_at > $1::timestamptz", ["2026-01-15T00:00:00.000Z"], [["b"]]],
    ["SELECT id FROM albums WHERE opened_at < now() AND opened_at < CURRENT_TIMESTAMP ORDER BY id", [], [["a"], ["b"]]],
    ["SELECT id FROM albums WHERE (opened_at, id) < ($1, $2) ORDER BY id", ["2026-02-01T00:00:00.000Z", "b"], [["a"]]],
    ["SELECT id FROM albums WHERE id IN ($1, $2) AND photos BETWEEN 1 AND 5", ["a", "b"], [["a"]]],
    ["SELECT id FROM albums WHERE settings ->> 'colour' = $1", ["red"], [["a"]]],
    [
      "SELECT id FROM albums a WHERE EXISTS (SELECT 1 FROM albums b WHERE b.owner = a.owner AND b.id <> a.id) ORDER BY 1",
      [],
      [["a"], ["b"]],
    ],
    // Values.
    ["SELECT $1::text", ["7"], [["7"]]],
    ["SELECT $1::bigint + 1", ["41"], [[42]]],
    ["SELECT $1::timestamptz", ["2026-01-01T00:00:00.000Z"], [["2026-01-01T00:00:00.000Z"]]],
    [
      "SELECT '2026-01-01'::timestamptz AS a, timestamp '2026-01-01 10:30' AS b, '2026-01-01T10:30:00.5+02'::timestamptz AS c, opened_at::timestamptz FROM albums WHERE id = 'a'",
      [],
      [
        [
          "2026-01-01T00:00:00.000Z",
          "2026-01-01T10:30:00.000Z",
          "2026-01-01T08:30:00.500Z",
          "2026-01-01T00:00:00.000Z",
        ],
      ],
    ],
    ["SELECT $1::date", ["2026-01-01"], [["2026-01-01"]]],
    ["SELECT $1::uuid", ["12345678-0000-0000-0000-000000000000"], [["12345678-0000-0000-0000-000000000000"]]],
    ["SELECT $1::jsonb", ['{"a":1}'], [['{"a":1}']]],
    ["SELECT $1::numeric", [1.5], [[1.5]]],
    ["SELECT photos::text FROM albums WHERE id = 'c'", [], [["9007199254740993"]]],
    ["SELECT 'a' || $1 || 'b', 'it''s', E'a\\\\b$1', 'a\\b'", ["x"], [["axb", "it's", "a\\b$1", "a\\b"]]],
    ["SELECT $$a 'b' $1$$", [], [["a 'b' $1"]]],
    ['SELECT "id" AS "select" FROM albums WHERE id = \'a\' -- $1', [], [["a"]]],
    ["SELECT coalesce(title, $1) FROM albums WHERE id = 'b'", ["none"], [["none"]]],
    ["SELECT CASE WHEN shared THEN 'yes' ELSE 'no' END FROM albums WHERE id = 'a'", [], [["yes"]]],
    [
      "SELECT substring(title from 2 for 2), position('o' in title), btrim(' x '), strpos(title, 'o'), length(title) FROM albums WHERE id = 'a'",
      [],
      [["oo", 2, "x", 2, 3]],
    ],
    [
      "SELECT trim(leading 'Z' from title), trim(trailing from ' x '), trim(both 'o' from 'oxo'), substring(title from 2), substr(title, 1, 1) FROM albums WHERE id = 'a'",
      [],
      [["oo", " x", "x", "oo", "Z"]],
    ],
    [
      "SELECT shared IS UNKNOWN AS a, shared IS NOT UNKNOWN AS b, shared IS NOT TRUE AS c FROM albums WHERE id = 'c'",
      [],
      [[1, 0, 1]],
    ],
    ["SELECT a.id FROM albums AS a, albums AS b WHERE b.id = 'b' AND a.photos < b.photos", [], [["a"]]],
    ["SELECT (photos + 1)::text || (2 * (3 - 1))::text, -(-photos) FROM albums WHERE id = 'a'", [], [["44", 3]]],
    [
      "SELECT owner, count(*)::int, string_agg(id, ',') FROM albums WHERE photos < 10 GROUP BY owner HAVING count(*) > 1",
      [],
      [["ann", 2, "a,b"]],
    ],
    ["SELECT count(*) FILTER (WHERE shared) FROM albums", [], [[1]]],
    [
      "SELECT id, row_number() OVER (PARTITION BY owner ORDER BY title) AS place FROM albums WHERE owner = 'ann' ORDER BY id",
      [],
      [
        ["a", 1],
        ["b", 2],
      ],
    ],
    ["WITH mine AS (SELECT * FROM albums WHERE owner = $1) SELECT count(*) FROM mine", ["ann"], [[2]]],
    [
      "SELECT id FROM albums WHERE id = 'a' UNION SELECT id FROM albums WHERE id = 'b' UNION SELECT 'z' ORDER BY id DESC",
      [],
      [["z"], ["b"], ["a"]],
    ],
    [
      "SELECT id FROM albums EXCEPT (SELECT id FROM albums WHERE owner = 'ann' EXCEPT SELECT 'a') ORDER BY id",
      [],
      [["a"], ["c"]],
    ],
    [
      "(SELECT id FROM albums ORDER BY id DESC LIMIT 1) UNION ALL (SELECT id FROM albums ORDER BY id LIMIT 1)",
      [],
      [["c"], ["a"]],
    ],
    // Writes.
    [
      "UPDATE albums SET photos = (SELECT count(*) FROM albums AS b WHERE b.owner = albums.owner), title = (SELECT owner AS title FROM albums AS c WHERE c.id = 'c') WHERE id = 'a' RETURNING photos, title",
      [],
      [[2, "bob"]],
    ],
    [
      "INSERT INTO albums (id, owner) VALUES ('a', 'x') ON CONFLICT (id) DO UPDATE SET title = (SELECT max(title) AS title FROM albums AS b) RETURNING title",
      [],
      [["beach"]],
    ],
    ["UPDATE albums SET title = $1, shared = true WHERE id = $2 RETURNING title, shared", ["T", "b"], [["T", 1]]],
    ["DELETE FROM albums WHERE owner = $1 RETURNING id", ["bob"], [["c"]]],
    [
      "INSERT INTO albums (id, owner, photos) VALUES ($1, $2, 1) ON CONFLICT (id) DO UPDATE SET photos = albums.photos + EXCLUDED.photos RETURNING photos",
      ["a", "x"],
      [[4]],
    ],
    ["INSERT INTO albums (id, owner) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id", ["a", "x"], []],
    [
      "INSERT INTO albums (id, owner) SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM albums WHERE id = $1) RETURNING id",
      ["d", "x"],
      [["d"]],
    ],
    [
      "INSERT INTO albums (id, owner, opened_at) VALUES ($1, $2, $3::timestamptz) RETURNING opened_at",
      ["d", "x", "2026-03-01T00:00:00.000Z"],
      [["2026-03-01T00:00:00.000Z"]],
    ],
  ])("%s", async (sql, values, rows) => {
    const query = await analyse(sql);
    expect(messagesOf(query)).toEqual([]);
    const statement = open().prepare(query.sql);
    statement.setReadBigInts(true);
    const found = statement
      .all(...values)
      .map((row) => Object.values(row).map((value) => (typeof value === "bigint" ? Number(value) : value)));
    expect(found).toEqual(rows);
  });

  test("moments are text in the runtime's one form", async () => {
    const { sql } = await analyse("UPDATE albums SET opened_at = now() WHERE id = 'a' RETURNING opened_at");
    expect(String(open().prepare(sql).get()?.["opened_at"])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });
});

/** https://www.sqlite.org/lang_keywords.html */
const keywords =
  `ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN BY
  CASCADE CASE CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME
  CURRENT_TIMESTAMP DATABASE DEFAULT DEFERRABLE DEFERRED DELETE DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE EXCEPT
  EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL FILTER FIRST FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP GROUPS HAVING IF
  IGNORE IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS ISNULL JOIN KEY LAST LEFT LIKE LIMIT
  MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON OR ORDER OTHERS OUTER OVER PARTITION PLAN PRAGMA
  PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX RELEASE RENAME REPLACE RESTRICT RETURNING RIGHT
  ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN TIES TO TRANSACTION TRIGGER UNBOUNDED UNION UNIQUE UPDATE
  USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT`
    .toLowerCase()
    .split(/\s+/);

/** So many columns may a table of D1 have, and one of its statements parameters. */
const chunks = Array.from({ length: 4 }, (_, index) => keywords.slice(index * 40, (index + 1) * 40));

test.each(chunks)("tables, columns, aliases and answers may be called %s, %s, %s and so on", async (...words) => {
  const names = words.map((word) => `"${word}"`);
  const [table = ""] = names;
  const tables = `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, ${names.map((name) => `${name} TEXT`).join(", ")});`;
  const run = createQueryAnalyser(openTarget(sqliteTarget, [{ name: "0001_words.sql", sql: tables }]));
  const placeholders = names.map((_, index) => `$${index + 1}`).join(", ");
  for (const sql of [
    `INSERT INTO ${table} (${names.join(", ")}) VALUES (${placeholders}) RETURNING ${names.join(", ")}`,
    ...names.map((name) => `SELECT ${name}.${name} AS ${name} FROM ${table} AS ${name} ORDER BY ${name}.${name}`),
    `UPDATE ${table} SET ${names.map((name) => `${name} = ${name}`).join(", ")} WHERE id = 1 RETURNING ${names.join(", ")}`,
  ]) {
    const { faults, fields } = await run(sql);
    expect([sql, faults]).toEqual([sql, []]);
    expect(fields?.every((field) => words.includes(field))).toBe(true);
  }
});

test.each([
  "SELECT DISTINCT ON (owner) id FROM albums ORDER BY owner",
  "SELECT id FROM albums FOR UPDATE",
  "SELECT id FROM albums WHERE id = ANY($1)",
  "SELECT jsonb_agg(id) FROM albums",
  "SELECT settings @> '{}' FROM albums",
  "SELECT photos / 2 AS half FROM albums",
  "SELECT now() - interval '1 day' AS yesterday",
  "SELECT now()::date AS today",
  "SELECT opened_at::date FROM albums",
  "SELECT 'yesterday'::timestamptz",
  "SELECT 'x'::bytea",
  "SELECT concat(title, owner) FROM albums",
  "SELECT greatest(1, 2)",
  "SELECT gen_random_uuid()",
  "SELECT pg_sleep(10)",
  "SELECT title ~ 'x' AS matches FROM albums",
  "SELECT date_trunc('day', opened_at) FROM albums",
  "SELECT ARRAY[1, 2]",
  "SELECT $1::text[]",
  "SELECT n FROM generate_series(1, 3) AS n",
  "SELECT id FROM other.albums",
  "DELETE FROM albums USING gallery WHERE gallery.id = albums.id",
  "WITH gone AS (DELETE FROM albums RETURNING id) SELECT id FROM gone",
  "INSERT INTO albums (id, owner) VALUES (DEFAULT, $1)",
  "UPDATE albums SET title = (SELECT owner AS o FROM albums AS b ORDER BY o LIMIT 1)",
])("needs PostgreSQL: %s", async (sql) => {
  const found = await analyse(sql);
  expect(messagesOf(found).join()).toContain("needs PostgreSQL");
  expect(found.isParsed).toBe(true);
});

describe("types", () => {
  test.each<[string, ParameterType[]]>([
    [
      "INSERT INTO albums VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      ["text", "text", "text", "json", "boolean", "timestamp", "integer", "number", "bytes"],
    ],
    ["INSERT INTO albums (owner, id) VALUES ($2, $1), ($3, 'x')", ["text", "text", "text"]],
    ["INSERT INTO albums (id, photos) SELECT $1, $2", ["text", "integer"]],
    ["UPDATE albums SET settings = $1, title = $2::text WHERE id = $3", ["json", "text", "text"]],
    [
      "SELECT id FROM albums WHERE opened_at > $1::timestamptz AND photos > $2::int AND shared = $3::bool AND rating > $4::numeric",
      ["timestamp", "integer", "boolean", "number"],
    ],
    ["SELECT $1::jsonb AS a, CAST($2 AS bytea) AS b, $3::uuid AS c, $4::date AS d", ["json", "bytes", "any", "any"]],
  ])("of parameters: %s", async (sql, types) => {
    expect((await analyse(sql)).types).toEqual(types);
  });

  test.each<[string, Record<string, ColumnType>]>([
    [
      "SELECT * FROM albums",
      { settings: "json", shared: "boolean", opened_at: "timestamp", photos: "integer", cover: "bytes" },
    ],
    [
      "INSERT INTO albums (id, owner) VALUES ($1, $2) RETURNING id, shared AS open, opened_at",
      { open: "boolean", opened_at: "timestamp" },
    ],
    [
      "SELECT count(*), count(*)::int AS n, title IS NULL AS untitled, photos > 3 AS many, now(), EXISTS (SELECT 1), settings::jsonb AS s, NOT shared AS mine, true AS yes FROM albums GROUP BY 3, 4, 7, 8",
      {
        count: "integer",
        n: "integer",
        untitled: "boolean",
        many: "boolean",
        now: "timestamp",
        exists: "boolean",
        s: "json",
        mine: "boolean",
        yes: "boolean",
      },
    ],
  ])("of columns: %s", async (sql, columns) => {
    expect((await analyse(sql)).columns).toEqual(columns);
  });

  test("columns are named as PostgreSQL names them", async () => {
    const sql =
      "SELECT count(*), title::text, coalesce(title, ''), CASE WHEN shared THEN 1 END, (SELECT max(id) FROM albums) FROM albums GROUP BY 2, 3, 4";
    expect((await analyse(sql)).fields).toEqual(["count", "title", "coalesce", "case", "max"]);
    const union = "SELECT count(*) FROM albums UNION SELECT max(photos) FROM albums UNION SELECT 1";
    expect((await analyse(union)).fields).toEqual(["count"]);
  });
});

test("D1 binds 100 parameters and no more", async () => {
  const select = (count: number): string =>
    `SELECT id FROM albums WHERE id IN (${Array.from({ length: count }, (_, index) => `$${String(index + 1)}`).join(", ")})`;
  expect(messagesOf(await analyse(select(100)))).toEqual([]);
  expect(messagesOf(await analyse(select(101)))).toEqual([
    "needs PostgreSQL: D1 binds at most 100 parameters, this statement has 101",
  ]);
});

test.each([
  ["CREATE TABL x", '1: near "TABL": syntax error'],
  ["-- one;\n\nCREATE TABLE b (id);\n/* ; */\n  CREATE TABLE a (id);\nSELECT 1;", "5: table a already exists"],
  [
    "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  SELECT 1;\n  SELECT 2;\nEND;\nINSERT INTO ä VALUES (1);",
    "5: no such table: ä",
  ],
  ["INSERT INTO a VALUES (1);\nINSERT INTO a\n VALUES (1);\n", "2: UNIQUE constraint failed: a.id"],
])("a migration that does not apply is named with its line: %j", async (sql, reason) => {
  const files = [
    { name: "0001_a.sql", sql: "CREATE TABLE a (id PRIMARY KEY)" },
    { name: "0002_broken.sql", sql },
  ];
  const broken = createQueryAnalyser(openTarget(sqliteTarget, files));
  await expect(broken("SELECT 1 AS one")).rejects.toThrow(`0002_broken.sql:${reason}`);
});
