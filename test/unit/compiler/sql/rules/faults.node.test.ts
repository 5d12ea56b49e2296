/** `unique`, `with_timestamps` and `soft_delete` in ABIs: what is refused, in which words, and the plan they make. */
import { expect, test } from "vitest";
import { compileAbis } from "../../../../../src/compiler/compile.ts";
import { openTarget } from "../../../../../src/compiler/sql/open-target.ts";
import { sqliteTarget } from "../../../../../src/compiler/sql/sqlite/target.ts";
import { pointerLine } from "../../../../support/pointer-line.ts";
import { abi, asQuery } from "../../support.ts";

const migrations = [
  {
    name: "rules.sql",
    sql: `
      CREATE TABLE users (
        id TEXT PRIMARY KEY NOT NULL, email TEXT UNIQUE, created_at TIMESTAMP, updated_at TIMESTAMP, deleted_at TIMESTAMP
      );
      CREATE TABLE plain (id TEXT PRIMARY KEY NOT NULL, created_at TEXT);
      CREATE TABLE counts (id TEXT, created_at INTEGER, updated_at TEXT, deleted_at BOOLEAN);
    `,
  },
];

async function compile(sql: string, rules: Record<string, unknown>, parameters: readonly unknown[] = []) {
  const source = abi([{ id: 1, mode: "QUERY", sql_query: { query: sql, parameters, ...rules } }]);
  return compileAbis([{ name: "a.json", text: JSON.stringify(source) }], {
    database: openTarget(sqliteTarget, migrations),
  });
}

const lines = async (...parameters: Parameters<typeof compile>): Promise<string[]> =>
  (await compile(...parameters)).diagnostics.map((diagnostic) =>
    pointerLine(diagnostic).replace("a.json/actionables/0/sql_query", ""),
  );

const insert = "INSERT INTO users (id, email) VALUES ('a', 'b')";
const remove = "DELETE FROM users WHERE id = 'a'";
const select = "SELECT id FROM users WHERE id = 'a'";
const stamped = { with_timestamps: true };
const soft = { soft_delete: true };

test.each<[sql: string, rules: Record<string, unknown>, faults: string[]]>([
  // unique
  [insert, { unique: ["emial"] }, ['/unique/0: the table users has no column "emial". Did you mean "email"?']],
  [insert, { unique: ["id", "created_at"] }, ['/unique/1: the statement does not set the column "created_at"']],
  [insert, { unique: ["id", "ID"] }, ["/unique/1: this column is listed twice"]],
  [insert, { unique: [] }, ["/unique: must not be empty"]],
  [insert, { unique: "email" }, ['/unique: expected a list, found a string; write ["email"]']],
  [select, { unique: ["id"] }, ["/unique: a SELECT writes no values; expected INSERT or UPDATE"]],
  [remove, { unique: ["id"] }, ["/unique: a DELETE writes no values; expected INSERT or UPDATE"]],
  [remove, { unique: ["id"], ...soft }, ["/unique: a DELETE writes no values; expected INSERT or UPDATE"]],
  [
    "UPDATE users SET created_at = now()",
    { unique: ["email"] },
    ['/unique/0: the statement does not set the column "email"'],
  ],
  ...["lower(email)", "(SELECT id FROM plain)", "now()", "CURRENT_TIMESTAMP", "'a' || id"].map(
    (value): [string, Record<string, unknown>, string[]] => [
      `UPDATE users SET email = ${value} WHERE id = 'a'`,
      { unique: ["email"] },
      ['/unique/0: expected "email" to be set to what is bound, such as $1: other values may change meanwhile'],
    ],
  ),
  ...["SELECT * FROM plain", "SELECT id, id FROM plain UNION SELECT 'a', 'b'", "SELECT plain.* FROM plain"].map(
    (source): [string, Record<string, unknown>, string[]] => [
      `INSERT INTO users (id, email) ${source}`,
      { unique: ["id"] },
      ["/unique: expected INSERT … VALUES, or a SELECT without UNION and *"],
    ],
  ),
  [
    `${insert} ON CONFLICT DO NOTHING`,
    { unique: ["email"] },
    ["/unique: ON CONFLICT DO NOTHING passes over what unique refuses; expected one of the two"],
  ],
  [
    `${insert} ON CONFLICT (email) DO UPDATE SET id = 'c'`,
    { unique: ["id", "email"] },
    ["/unique: ON CONFLICT (email) updates what unique refuses; expected one of the two"],
  ],
  // with_timestamps
  [select, stamped, ["/with_timestamps: a SELECT sets no columns; expected INSERT or UPDATE"]],
  [
    remove,
    { with_timestamp: true },
    ['/with_timestamp: a DELETE sets no columns; expected INSERT or UPDATE, or "soft_delete": true'],
  ],
  ["INSERT INTO plain (id) VALUES ('a')", stamped, ['/with_timestamps: the table plain has no column "updated_at"']],
  [
    "UPDATE counts SET id = 'a'",
    { with_timestamp: true },
    ['/with_timestamp: the column "created_at" of counts is INTEGER; expected TIMESTAMP or TEXT'],
  ],
  [
    "INSERT INTO users VALUES ('a', 'b', now(), now(), NULL)",
    stamped,
    ["/with_timestamps: expected an INSERT that lists its columns"],
  ],
  [insert, { with_timestamps: "yes" }, ["/with_timestamps: expected true or false, found a string"]],
  // soft_delete
  ["DELETE FROM plain", soft, ['/soft_delete: the table plain has no column "deleted_at"']],
  ["UPDATE plain SET created_at = 'x'", soft, ['/soft_delete: the table plain has no column "deleted_at"']],
  ["SELECT id FROM plain", soft, ['/soft_delete: no table that this SELECT reads has a column "deleted_at"']],
  [insert, soft, ['/soft_delete: no table that this INSERT reads has a column "deleted_at"']],
  [
    "INSERT INTO plain (id) VALUES ('a')",
    { ...soft, unique: ["id"] },
    ['/soft_delete: the table plain has no column "deleted_at"'],
  ],
  [
    "DELETE FROM counts",
    soft,
    ['/soft_delete: the column "deleted_at" of counts is BOOLEAN; expected TIMESTAMP or TEXT'],
  ],
  [
    "SELECT users.id FROM users FULL JOIN plain ON plain.id = users.id",
    soft,
    ["/soft_delete: cannot hide deleted rows in a FULL JOIN; expected another join"],
  ],
  [
    "SELECT plain.id FROM plain LEFT JOIN users USING (id)",
    soft,
    ["/soft_delete: cannot hide deleted rows in an outer join with USING or NATURAL; expected ON"],
  ],
  [
    "WITH users AS (SELECT id FROM plain) SELECT id FROM users",
    soft,
    ["/soft_delete: WITH gives the name of the table users to something else; expected another name"],
  ],
  // The rest of the statement is still looked at, and told of once.
  [
    "INSERT INTO usres (id) VALUES ('a')",
    { unique: ["id"], ...stamped, ...soft },
    ['/query: SQLite refuses this: no such table: usres. Did you mean "users"?'],
  ],
  [
    "INSERT INTO users (id, nick) VALUES ('a', 'b')",
    { unique: ["nick"] },
    [
      "/query: SQLite refuses this: table users has no column named nick",
      '/unique/0: the table users has no column "nick"',
    ],
  ],
])("%s with %j", async (sql, rules, faults) => {
  expect((await lines(sql, rules)).filter((line) => !line.includes("warning"))).toEqual(faults);
});

test("a faulty list of parameters is told of in the author's numbers", async () => {
  expect(await lines("INSERT INTO users (id) VALUES ($2)", stamped, ["$GENERATOR.ULID"])).toEqual([
    "/parameters/0: the statement never uses $1",
    "/query: $2 has no parameter: the list has 1 parameter",
  ]);
});

test("false is as if it were absent", async () => {
  const off = { with_timestamps: false, with_timestamp: false, soft_delete: false };
  const { plans } = await compile(remove, off);
  expect(asQuery(plans[0]?.steps[0])).toMatchObject({ sql: "DELETE FROM users WHERE id = 'a'", parameters: [] });
});

test("all three together make one step", async () => {
  const sql = "INSERT INTO users (id, email) VALUES ($1, $2) RETURNING id";
  const rules = { unique: ["email"], ...stamped, ...soft };
  const { plans, diagnostics } = await compile(sql, rules, ["$GENERATOR.ULID", "$PAYLOAD.email"]);
  expect(diagnostics).toEqual([]);
  expect(asQuery(plans[0]?.steps[0])).toMatchObject({
    sql: "INSERT INTO users (id, email, created_at, updated_at) VALUES (?1, ?2, ?3, ?3) RETURNING id",
    parameters: [
      { value: { from: "generator", kind: "ULID" }, type: "text" },
      { value: { from: "payload", path: ["email"] }, type: "text" },
      { value: { from: "now" }, type: "timestamp" },
    ],
    checks: [
      {
        sql: "INSERT INTO sluice_row_guard (found) SELECT NULL WHERE EXISTS (SELECT 1 FROM users WHERE email IN (?1) AND users.deleted_at IS NULL GROUP BY email HAVING count(*) > 1)",
        parameters: [1],
      },
    ],
  });
});

test("a soft deletion is one UPDATE", async () => {
  const { plans } = await compile("DELETE FROM users WHERE id = $1 RETURNING id", soft, ["$PROTECTED.id"]);
  const step = asQuery(plans[0]?.steps[0]);
  expect(step).toMatchObject({
    sql: "UPDATE users SET deleted_at = ?2 WHERE id = ?1 AND users.deleted_at IS NULL RETURNING id",
    writes: true,
  });
  expect(step.checks).toEqual([]);
});
