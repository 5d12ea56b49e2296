/** What placeholders are bound as: D1's are derived here, PostgreSQL's are told by its server, and both are the same. */
import { afterAll, describe, expect, test } from "vitest";
import { openTarget } from "../../../../src/compiler/sql/open-target.ts";
import { createQueryAnalyser } from "../../../../src/compiler/sql/query.ts";
import { sqliteTarget } from "../../../../src/compiler/sql/sqlite/target.ts";
import type { ParameterType } from "../../../../src/contract/plan/query.ts";
import { createPostgresRunner } from "./postgres/run-postgres.ts";
import { messagesOf } from "../support.ts";

const tables = (moment: string, json: string, bytes: string, number: string): string => `
  CREATE TABLE notes (
    id text PRIMARY KEY NOT NULL, user_id text NOT NULL, team bigint, rank ${number}, price numeric, shared boolean,
    made_at ${moment}, body ${json}, scan ${bytes}
  );
  CREATE TABLE users (id bigint PRIMARY KEY NOT NULL, name text NOT NULL, made_at ${moment});`;

const { open } = createPostgresRunner([
  { name: "test.sql", sql: tables("timestamptz", "jsonb", "bytea", "double precision") },
]);
afterAll(() => open.close());
const onPostgres = createQueryAnalyser(open);
const onD1 = createQueryAnalyser(
  openTarget(sqliteTarget, [{ name: "test.sql", sql: tables("TIMESTAMP", "JSON", "BLOB", "REAL") }]),
);

async function typesOf(sql: string): Promise<Record<string, readonly ParameterType[]>> {
  const [d1, postgres] = [await onD1(sql), await onPostgres(sql)];
  expect([...messagesOf(d1), ...messagesOf(postgres)]).toEqual([]);
  return { d1: d1.types, postgres: postgres.types };
}

describe("alike on both targets", () => {
  test.each<[sql: string, ...types: ParameterType[]]>([
    // On either side of every comparison, of every type.
    ["SELECT id FROM notes WHERE user_id = $1", "text"],
    ["SELECT id FROM notes WHERE $1 = user_id", "text"],
    ["SELECT id FROM notes WHERE team = $1 AND $2 < team AND team <> $3", "integer", "integer", "integer"],
    ["SELECT id FROM notes WHERE rank >= $1 OR price < $2", "number", "number"],
    ["SELECT id FROM notes WHERE shared = $1 AND made_at > $2", "boolean", "timestamp"],
    ["SELECT id FROM notes WHERE scan = $1", "bytes"],
    ["SELECT id FROM notes WHERE user_id IS DISTINCT FROM $1", "text"],
    ["SELECT id FROM notes WHERE NOT ($1 IS NOT DISTINCT FROM team)", "integer"],
    ["SELECT NULLIF(team, $1) AS n FROM notes", "integer"],
    ["SELECT id FROM notes WHERE USER_ID = $1", "text"],
    // Lists and ranges.
    ["SELECT id FROM notes WHERE team IN ($1, 2, $2)", "integer", "integer"],
    ["SELECT id FROM notes WHERE $1 IN (user_id, id)", "text"],
    ["SELECT id FROM notes WHERE user_id NOT IN ($1)", "text"],
    ["SELECT id FROM notes WHERE made_at BETWEEN $1 AND $2", "timestamp", "timestamp"],
    ["SELECT id FROM notes WHERE $1 BETWEEN team AND $2", "integer", "integer"],
    ["SELECT id FROM notes WHERE team NOT BETWEEN $1 AND 5", "integer"],
    // Rows.
    ["SELECT id FROM notes WHERE (user_id, team) = ($1, $2)", "text", "integer"],
    ["SELECT id FROM notes WHERE ($1, $2) = (team, user_id)", "integer", "text"],
    ["SELECT id FROM notes WHERE (made_at, id) < ($1, $2)", "timestamp", "text"],
    // Names of tables, aliases, joins.
    ["SELECT n.id FROM notes n WHERE n.team = $1", "integer"],
    ["SELECT notes.id FROM public.notes WHERE notes.team = $1", "integer"],
    ["SELECT n.id FROM notes n JOIN users u ON u.id = n.team AND u.name = $1 WHERE u.id = $2", "text", "integer"],
    ["SELECT n.id FROM users u, notes n WHERE n.id = $1 AND u.id = $2", "text", "integer"],
    ["SELECT n.id FROM notes n LEFT JOIN (users u JOIN users v ON v.id = u.id) ON u.id = $1", "integer"],
    ["SELECT a FROM (SELECT team AS a, user_id FROM notes) n WHERE a = $1 AND user_id = $2", "integer", "text"],
    ["SELECT n.team FROM (SELECT n.* FROM notes n, users) n WHERE n.team = $1", "integer"],
    ["WITH n (a) AS (VALUES (1), (2)) SELECT a FROM n WHERE a = $1", "integer"],
    // Subqueries: inside, around, compared with.
    ["SELECT id FROM notes WHERE team IN (SELECT id FROM users WHERE name = $1)", "text"],
    ["SELECT name FROM users WHERE $1 IN (SELECT user_id FROM notes)", "text"],
    ["SELECT name FROM users u WHERE EXISTS (SELECT 1 FROM notes WHERE team = u.id AND made_at < $1)", "timestamp"],
    ["SELECT name FROM users u WHERE EXISTS (SELECT 1 FROM notes WHERE name = $1 AND u.id = $2)", "text", "integer"],
    ["SELECT name FROM users u WHERE EXISTS (SELECT 1 FROM notes WHERE id = $1)", "text"],
    ["SELECT name FROM users WHERE (SELECT max(team) FROM notes) = $1", "integer"],
    ["SELECT name FROM users WHERE ($1, $2) IN (SELECT user_id, team FROM notes)", "text", "integer"],
    // WITH and UNION.
    ["WITH own AS (SELECT team AS t FROM notes WHERE user_id = $1) SELECT t FROM own WHERE t = $2", "text", "integer"],
    [
      "WITH own (x) AS (SELECT team FROM notes), more AS (SELECT x FROM own WHERE x = $1) SELECT x FROM more",
      "integer",
    ],
    [
      "WITH RECURSIVE up AS (SELECT team FROM notes WHERE id = $1 UNION SELECT u.id FROM users u JOIN up ON up.team = u.id WHERE up.team > $2) SELECT team FROM up",
      "text",
      "integer",
    ],
    ["SELECT id FROM notes WHERE team = $1 UNION ALL SELECT name FROM users WHERE id = $2", "integer", "integer"],
    ["SELECT team FROM notes UNION SELECT $1", "integer"],
    // Expressions.
    ["SELECT id FROM notes WHERE lower(user_id) = $1 AND length(id) > $2", "text", "integer"],
    ["SELECT id FROM notes WHERE lower($1) = user_id", "text"],
    ["SELECT id FROM notes WHERE user_id || '-x' = $1 AND id = user_id || $2", "text", "text"],
    ["SELECT id FROM notes WHERE user_id LIKE $1 OR $2 ILIKE id", "text", "text"],
    ["SELECT id FROM notes WHERE team + 1 = $1 AND team = $2 - 1 AND rank * $3 > 0", "integer", "integer", "number"],
    ["SELECT id FROM notes WHERE team::text = $1 AND CAST(user_id AS bigint) = $2", "text", "integer"],
    ["SELECT id FROM notes WHERE COALESCE(team, 0) = $1 AND COALESCE($2, user_id) = id", "integer", "text"],
    ["SELECT COALESCE(shared, $1) AS s, COALESCE($2, made_at) AS m FROM notes", "boolean", "timestamp"],
    [
      "SELECT CASE WHEN team = $1 THEN user_id ELSE $2 END AS a, CASE team WHEN $3 THEN 1 ELSE $4 END AS b FROM notes",
      ..."integer text integer integer".split(" "),
    ] as [string, ...ParameterType[]],
    ["SELECT user_id FROM notes GROUP BY user_id HAVING count(*) > $1 AND max(made_at) < $2", "integer", "timestamp"],
    ["SELECT id FROM notes WHERE $1 OR shared", "boolean"],
    ["SELECT id FROM notes WHERE CASE WHEN $1 THEN shared ELSE $2 END", "boolean", "boolean"],
    ["SELECT id FROM notes WHERE body ->> 'a' = user_id AND id = $1 LIMIT $2 OFFSET $3", "text", "count", "count"],
    ["SELECT id FROM notes LIMIT 1 + $1", "integer"],
    ["SELECT id FROM notes ORDER BY CASE WHEN user_id = $1 THEN 0 ELSE 1 END", "text"],
    // Casts decide themselves.
    ["SELECT id FROM notes WHERE team = $1::bigint AND user_id = $2::text", "integer", "text"],
    ["SELECT id FROM notes WHERE user_id = $1 OR id = $1::text", "text"],
    ["SELECT id FROM notes WHERE made_at = CAST($1 AS timestamptz)", "timestamp"],
    // Writes.
    ["INSERT INTO notes (team, user_id, id) VALUES ($1, $2, $3), ($4, 'a', 'b')", "integer", "text", "text", "integer"],
    ["INSERT INTO users VALUES ($1, $2, $3)", "integer", "text", "timestamp"],
    ["INSERT INTO users (id, name) SELECT team, $1 FROM notes WHERE rank > $2", "text", "number"],
    [
      "INSERT INTO users (id, name) SELECT $1, 'a' UNION SELECT team, user_id FROM notes WHERE id = $2",
      "integer",
      "text",
    ],
    [
      "INSERT INTO users (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = $3 WHERE users.id = $4 AND excluded.name = $5",
      ..."integer text text integer text".split(" "),
    ] as [string, ...ParameterType[]],
    ["INSERT INTO notes (id, user_id, team) VALUES ($1, COALESCE($2, 'x'), 1 + $3)", "text", "text", "integer"],
    ["UPDATE notes SET team = $1, body = $2 WHERE user_id = $3", "integer", "json", "text"],
    ["UPDATE notes SET team = COALESCE($1, team), rank = rank + $2 WHERE id = $3", "integer", "number", "text"],
    ["UPDATE notes n SET shared = $1 FROM users u WHERE u.id = n.team AND u.name = $2", "boolean", "text"],
    ["UPDATE notes SET user_id = (SELECT name FROM users WHERE id = $1) WHERE id = $2", "integer", "text"],
    ["DELETE FROM notes WHERE team = $1 AND user_id IN ($2, $3) RETURNING id", "integer", "text", "text"],
  ])("%s", async (sql, ...types) => {
    expect(await typesOf(sql)).toEqual({ d1: types, postgres: types });
  });
});

describe("where nothing tells, PostgreSQL takes text and D1 whatever comes", () => {
  test.each([
    "SELECT $1 AS a",
    "SELECT id FROM notes WHERE 'a' = $1",
    "SELECT id FROM notes WHERE $1 = body ->> 'user_id'",
    "SELECT id FROM notes WHERE user_id = (SELECT 'a' WHERE 'b' = $1)",
  ])("%s", async (sql) => {
    expect(await typesOf(sql)).toEqual({ d1: ["any"], postgres: ["text"] });
  });
});
