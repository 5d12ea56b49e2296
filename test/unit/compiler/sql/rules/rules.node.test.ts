/** `unique`, `with_timestamps` and `soft_delete`: what the rewritten statements do, on SQLite, as a request's batch. */
import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { openTarget } from "../../../../../src/compiler/sql/open-target.ts";
import { sqliteTarget } from "../../../../../src/compiler/sql/sqlite/target.ts";
import { createQueryAnalyser } from "../../../../../src/compiler/sql/query.ts";
import type { RowRules } from "../../../../../src/compiler/sql/rules/rule.ts";
import { noRowRules } from "../../../../../src/compiler/sql/rules/row-rules.ts";
import { messagesOf } from "../../support.ts";

const migrations = [
  {
    name: "rules.sql",
    sql: `
      CREATE TABLE users (
        id TEXT PRIMARY KEY NOT NULL, email TEXT COLLATE NOCASE, name TEXT, age INTEGER,
        created_at TIMESTAMP, updated_at TIMESTAMP, deleted_at TIMESTAMP
      );
      CREATE INDEX users_by_email ON users (email);
      CREATE INDEX users_by_name ON users (name, created_at, id);
      CREATE TABLE photos (id TEXT PRIMARY KEY NOT NULL, user_id TEXT, deleted_at TEXT);
      CREATE INDEX photos_by_user ON photos (user_id);
      CREATE TABLE plain (id TEXT PRIMARY KEY NOT NULL, user_id TEXT);
      CREATE TABLE sluice_row_guard (found INTEGER NOT NULL);
    `,
  },
];
const analyse = createQueryAnalyser(openTarget(sqliteTarget, migrations));

const now = "2026-05-05T05:05:05.555Z";
const old = "2020-01-01T00:00:00.000Z";

function open(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  for (const { sql } of migrations) database.exec(sql);
  database.exec(`
    INSERT INTO users VALUES
      ('a', 'ann@x', 'ann', 30, '${old}', '${old}', NULL),
      ('b', 'bob@x', 'bob', NULL, '${old}', '${old}', NULL),
      ('z', 'zed@x', 'zed', NULL, '${old}', '${old}', '${old}');
    INSERT INTO photos VALUES ('1', 'a', NULL), ('2', 'a', '${old}'), ('3', 'z', NULL), ('4', 'b', '${old}');
    INSERT INTO plain VALUES ('1', 'a'), ('2', 'z');
  `);
  return database;
}

const rules = (change: Partial<RowRules>): RowRules => ({ ...noRowRules, ...change });

/** Runs the statement as the runtime does: with the moment, then its lookup. */
async function run(
  database: DatabaseSync,
  sql: string,
  values: readonly SQLInputValue[],
  laid: RowRules,
): Promise<{ rows: unknown[][]; isRefused: boolean }> {
  const query = await analyse(sql, { rules: laid });
  expect([...query.faults, ...query.ruleFaults]).toEqual([]);
  const bound = query.bindsMoment ? [...values, now] : [...values];
  const rows = database.prepare(query.sql).all(...bound);
  const refusals = query.checks.filter((check) => {
    const written = check.parameters.map((index) => bound[index] ?? null);
    try {
      database.prepare(check.sql).run(...written);
      return false;
    } catch (error) {
      expect(String(error)).toContain("NOT NULL constraint failed: sluice_row_guard.found");
      return true;
    }
  });
  return { rows: rows.map((row) => Object.values(row)), isRefused: refusals.length > 0 };
}

const usersOf = (database: DatabaseSync): unknown[][] =>
  database
    .prepare("SELECT id, created_at, updated_at, deleted_at FROM users ORDER BY id")
    .all()
    .map((row) => Object.values(row));

describe("unique", () => {
  const insert = "INSERT INTO users (id, email) VALUES ($1, $2)";
  test.each<[string, string, SQLInputValue[], string[], boolean]>([
    ["a new value", insert, ["n", "new@x"], ["email"], false],
    ["a value that is there", insert, ["n", "bob@x"], ["email"], true],
    ["a value that the column takes for the same", insert, ["n", "BOB@X"], ["email"], true],
    ["NULL never collides", insert, ["n", null], ["email"], false],
    [
      "each column alone",
      "INSERT INTO users (id, email, name) VALUES ($1, $2, $3)",
      ["n", "new@x", "bob"],
      ["email", "name"],
      true,
    ],
    [
      "the first of two",
      "INSERT INTO users (id, email, name) VALUES ($1, $2, $3)",
      ["n", "bob@x", "new"],
      ["email", "name"],
      true,
    ],
    [
      "neither of two",
      "INSERT INTO users (id, email, name) VALUES ($1, $2, $3)",
      ["n", "new@x", "new"],
      ["email", "name"],
      false,
    ],
    ["the spelling of the name does not count", insert, ["n", "bob@x"], ["EMAIL"], true],
    ["a number", "INSERT INTO users (id, age) VALUES ($1, $2::int)", ["n", 30], ["age"], true],
    [
      "an expression of what is bound",
      "INSERT INTO users (id, name) VALUES ($1, lower($2))",
      ["n", "BOB"],
      ["name"],
      true,
    ],
    ["a constant", "INSERT INTO users (id, name) VALUES ($1, 'bob')", ["n"], ["name"], true],
    [
      "without a column list",
      "INSERT INTO users VALUES ($1, $2, NULL, NULL, NULL, NULL, NULL)",
      ["n", "bob@x"],
      ["email"],
      true,
    ],
    [
      "two rows that differ",
      "INSERT INTO users (id, name) VALUES ($1, $2), ($3, $4)",
      ["n", "x", "m", "y"],
      ["name"],
      false,
    ],
    ["two rows alike", "INSERT INTO users (id, name) VALUES ($1, $2), ($3, $4)", ["n", "x", "m", "x"], ["name"], true],
    [
      "the second row",
      "INSERT INTO users (id, name) VALUES ($1, $2), ($3, $4)",
      ["n", "x", "m", "bob"],
      ["name"],
      true,
    ],
    [
      "a SELECT that inserts",
      "INSERT INTO users (id, name) SELECT $1, $2 WHERE $3 = 1",
      ["n", "bob", 1],
      ["name"],
      true,
    ],
    [
      "a SELECT that does not",
      "INSERT INTO users (id, name) SELECT $1, $2 WHERE $3 = 1",
      ["n", "bob", 0],
      ["name"],
      false,
    ],
    [
      "an upsert of the row itself",
      `${insert} ON CONFLICT (id) DO UPDATE SET email = EXCLUDED.email`,
      ["b", "bob@x"],
      ["email"],
      false,
    ],
    [
      "an upsert with another's value",
      `${insert} ON CONFLICT (id) DO UPDATE SET email = EXCLUDED.email`,
      ["b", "ann@x"],
      ["email"],
      true,
    ],
    ["UPDATE to a new value", "UPDATE users SET email = $1 WHERE id = $2", ["new@x", "b"], ["email"], false],
    ["UPDATE to its own value", "UPDATE users SET email = $1 WHERE id = $2", ["bob@x", "b"], ["email"], false],
    ["UPDATE to another's value", "UPDATE users SET email = $1 WHERE id = $2", ["ann@x", "b"], ["email"], true],
    ["UPDATE of nothing", "UPDATE users SET email = $1 WHERE id = $2", ["ann@x", "none"], ["email"], false],
    [
      "UPDATE of several rows to one value",
      "UPDATE users AS u SET name = $1 WHERE u.age IS NULL",
      ["x"],
      ["name"],
      true,
    ],
  ])("%s", async (_, sql, values, unique, isRefused) => {
    expect((await run(open(), sql, values, rules({ unique }))).isRefused).toBe(isRefused);
  });

  test("the lookup binds only what it reads, by the number that it has in the statement", async () => {
    const { checks } = await analyse("INSERT INTO users (name, id, email) VALUES ($1, $2, $3)", {
      rules: rules({ unique: ["email"] }),
    });
    const lookup = "SELECT 1 FROM users WHERE email IN (?1) GROUP BY email HAVING count(*) > 1";
    const sql = `INSERT INTO sluice_row_guard (found) SELECT NULL WHERE EXISTS (${lookup})`;
    expect(checks).toEqual([{ sql, parameters: [2] }]);
  });

  test("of three columns, the lookup is one statement", async () => {
    const laid = rules({ unique: ["id", "email", "name"], softDelete: true });
    const sql = "INSERT INTO users (id, email, name) VALUES ($3, $2, $1)";
    expect((await analyse(sql, { rules: laid })).checks.map(({ parameters }) => parameters)).toEqual([[0, 1, 2]]);
    expect((await run(open(), sql, ["bob", "x", "n"], laid)).isRefused).toBe(true);
    expect((await run(open(), sql, ["x", "bob@x", "n"], laid)).isRefused).toBe(true);
    expect((await run(open(), sql, ["x", "x", "n"], laid)).isRefused).toBe(false);
  });

  test("with soft_delete, deleted rows do not count", async () => {
    const laid = rules({ unique: ["email"], softDelete: true });
    expect((await run(open(), insert, ["n", "zed@x"], laid)).isRefused).toBe(false);
    expect((await run(open(), insert, ["n", "bob@x"], laid)).isRefused).toBe(true);
  });

  test("a check without an index is told of", async () => {
    const of = async (column: string): Promise<readonly string[]> =>
      (await analyse("INSERT INTO users (id, email, age) VALUES ($1, $2, $3)", { rules: rules({ unique: [column] }) }))
        .warnings;
    expect(await of("age")).toEqual(["unique reads the whole table at each call: no index begins with the column"]);
    expect(await of("email")).toEqual([]);
    expect(await of("id")).toEqual([]);
  });
});

describe("with_timestamps", () => {
  const laid = rules({ timestamps: "with_timestamps" });
  const written = async (sql: string, values: SQLInputValue[]): Promise<unknown[]> => {
    const database = open();
    await run(database, sql, values, laid);
    return (
      usersOf(database)
        .find(([id]) => id === values[0])
        ?.slice(1, 3) ?? []
    );
  };

  test.each<[string, string, SQLInputValue[], unknown[]]>([
    ["INSERT", "INSERT INTO users (id) VALUES ($1)", ["n"], [now, now]],
    ["INSERT of rows", "INSERT INTO users (id) VALUES ($2), ($1)", ["n", "m"], [now, now]],
    [
      "INSERT of a SELECT",
      "INSERT INTO users (id, name) SELECT $1, name FROM users WHERE id = 'a' GROUP BY name",
      ["n"],
      [now, now],
    ],
    ["INSERT of a UNION", "INSERT INTO users (id) SELECT 'm' UNION ALL SELECT $1", ["n"], [now, now]],
    ["its own created_at", "INSERT INTO users (id, created_at) VALUES ($1, $2::timestamptz)", ["n", old], [old, now]],
    ["its own of both", "INSERT INTO users (id, created_at, updated_at) VALUES ($1, $2, $2)", ["n", old], [old, old]],
    ["UPDATE", "UPDATE users SET name = 'x' WHERE id = $1", ["a"], [old, now]],
    [
      "its own updated_at",
      "UPDATE users SET updated_at = $2 WHERE id = $1",
      ["a", "2026-01-01T00:00:00.000Z"],
      [old, "2026-01-01T00:00:00.000Z"],
    ],
    ["ON CONFLICT", "INSERT INTO users (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET name = 'x'", ["a"], [old, now]],
    [
      "ON CONFLICT with its own",
      "INSERT INTO users (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET updated_at = users.created_at",
      ["a"],
      [old, old],
    ],
    ["ON CONFLICT DO NOTHING", "INSERT INTO users (id) VALUES ($1) ON CONFLICT (id) DO NOTHING", ["a"], [old, old]],
  ])("%s", async (_, sql, values, moments) => {
    expect(await written(sql, values)).toEqual(moments);
  });

  test("the author's parameters stay as they are, one comes behind them", async () => {
    const query = await analyse("INSERT INTO users (id, age) VALUES ($1, $2)", { rules: laid });
    expect(query).toMatchObject({ placeholders: [1, 2], types: ["text", "integer", "timestamp"], bindsMoment: true });
    expect(
      (await analyse("INSERT INTO users (id, created_at, updated_at) VALUES ($1, $2, $2)", { rules: laid }))
        .bindsMoment,
    ).toBe(false);
  });

  test("the moment is one of D1's 100 parameters", async () => {
    const sql = (count: number): string => {
      const marks = Array.from({ length: count - 1 }, (_, index) => `$${String(index + 2)}`).join(", ");
      return `UPDATE users SET name = $1 WHERE id IN (${marks})`;
    };
    expect(messagesOf(await analyse(sql(99), { rules: laid }))).toEqual([]);
    expect(messagesOf(await analyse(sql(100)))).toEqual([]);
    expect(messagesOf(await analyse(sql(100), { rules: laid }))).toEqual([
      "needs PostgreSQL: D1 binds at most 100 parameters, this statement has 101, one of them the request's moment",
    ]);
  });
});

describe("soft_delete", () => {
  const laid = rules({ softDelete: true });

  test("DELETE marks the row and answers it", async () => {
    const database = open();
    const { rows } = await run(
      database,
      "DELETE FROM users WHERE id = $1 OR name = $2 RETURNING id",
      ["a", "zed"],
      laid,
    );
    expect(rows).toEqual([["a"]]);
    expect(usersOf(database).map((user) => user[3])).toEqual([now, null, old]);
  });

  test("DELETE without a condition", async () => {
    const database = open();
    await run(database, "DELETE FROM public.users", [], laid);
    expect(usersOf(database).map((user) => user[3])).toEqual([now, now, old]);
  });

  test("DELETE … USING sees no deleted rows of either table", async () => {
    const database = open();
    const sql = "DELETE FROM users AS u USING photos AS p WHERE p.user_id = u.id RETURNING id";
    expect((await run(database, sql, [], laid)).rows).toEqual([["a"]]);
  });

  test("with with_timestamps the deletion is an update", async () => {
    const database = open();
    const both = rules({ softDelete: true, timestamps: "with_timestamps" });
    await run(database, "DELETE FROM users WHERE id = $1", ["a"], both);
    expect(usersOf(database)[0]).toEqual(["a", old, now, now]);
  });

  test("ON CONFLICT DO UPDATE leaves a deleted row alone", async () => {
    const database = open();
    const sql =
      "INSERT INTO users AS u (id, name) VALUES ($1, 'x') ON CONFLICT (id) DO UPDATE SET name = 'x' RETURNING id";
    expect((await run(database, sql, ["a"], laid)).rows).toEqual([["a"]]);
    expect((await run(database, sql, ["z"], laid)).rows).toEqual([]);
    expect((await run(database, sql, ["n"], laid)).rows).toEqual([["n"]]);
  });

  test("the author's condition stays together", async () => {
    const database = open();
    const sql = "UPDATE users SET name = 'x' WHERE id = 'z' OR id = $1 RETURNING id";
    expect((await run(database, sql, ["b"], laid)).rows).toEqual([["b"]]);
  });

  test.each<[string, unknown[][]]>([
    ["SELECT id FROM users ORDER BY id", [["a"], ["b"]]],
    ["SELECT u.id FROM public.users u WHERE u.id = 'z' OR u.id = 'a'", [["a"]]],
    ["SELECT count(*) FROM users", [[2]]],
    ["SELECT u.id, p.id AS photo FROM users u JOIN photos p ON p.user_id = u.id", [["a", "1"]]],
    ["SELECT u.id, p.id AS photo FROM users u, photos p WHERE p.user_id = u.id", [["a", "1"]]],
    ["SELECT id, user_id FROM photos JOIN users USING (id)", []],
    // What the outer join fills stays filled: the condition is not one of the whole row.
    [
      "SELECT u.id, p.id AS photo FROM users u LEFT JOIN photos p ON p.user_id = u.id ORDER BY u.id",
      [
        ["a", "1"],
        ["b", null],
      ],
    ],
    [
      "SELECT u.id, p.id AS photo FROM photos p RIGHT JOIN users u ON p.user_id = u.id OR false ORDER BY u.id",
      [
        ["a", "1"],
        ["b", null],
      ],
    ],
    [
      "SELECT plain.id, u.id AS name, p.id AS photo FROM plain LEFT JOIN (users u JOIN photos p ON p.user_id = u.id) ON plain.user_id = u.id ORDER BY plain.id",
      [
        ["1", "a", "1"],
        ["2", null, null],
      ],
    ],
    ["SELECT id FROM plain WHERE EXISTS (SELECT 1 FROM users u WHERE u.id = plain.user_id)", [["1"]]],
    ["SELECT (SELECT count(*) FROM photos) AS n", [[2]]],
    ["SELECT id FROM users WHERE id = 'z' UNION ALL SELECT id FROM photos WHERE user_id = 'a'", [["1"]]],
    ["WITH living AS (SELECT * FROM users) SELECT id FROM living ORDER BY id", [["a"], ["b"]]],
    ["SELECT id FROM (SELECT id FROM users) AS inside ORDER BY id", [["a"], ["b"]]],
    [
      "SELECT u.name, count(p.id) FROM users u LEFT JOIN photos p ON p.user_id = u.id GROUP BY u.id HAVING u.id > '' ORDER BY u.id",
      [
        ["ann", 1],
        ["bob", 0],
      ],
    ],
    ["INSERT INTO plain (id, user_id) SELECT 'x' || id, id FROM users RETURNING user_id", [["a"], ["b"]]],
    ["UPDATE users SET name = 'x' WHERE id IN (SELECT user_id FROM photos) RETURNING id", [["a"]]],
    ["UPDATE users SET name = p.id FROM photos AS p WHERE p.user_id = users.id RETURNING users.id", [["a"]]],
  ])("%s", async (sql, rows) => {
    expect((await run(open(), sql, [], laid)).rows).toEqual(rows);
  });

  test("a page of a list is still found by the index", async () => {
    const sql =
      "SELECT id FROM users WHERE name = $1 AND (created_at, id) < ($2, $3) ORDER BY created_at DESC NULLS LAST, id DESC LIMIT 20";
    const query = await analyse(sql, { rules: laid });
    const steps = open().prepare(`EXPLAIN QUERY PLAN ${query.sql}`).all();
    expect(steps.map((step) => String(step["detail"])).join()).toMatch(
      /SEARCH users USING (?:COVERING )?INDEX users_by_name \(name=\? AND/,
    );
  });
});
