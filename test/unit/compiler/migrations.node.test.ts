/** The user's migrations beside the runtime's: names, the view `files`, and both databases' throw-away ones. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { viewOnPostgres, viewOnSqlite } from "../../../src/compiler/migrations/files-view.ts";
import {
  arrangeMigrations,
  checkUserMigration,
  withoutView,
} from "../../../src/compiler/migrations/user-migrations.ts";
import { createQueryAnalyser } from "../../../src/compiler/sql/query.ts";
import { openTarget, type OpenTarget } from "../../../src/compiler/sql/open-target.ts";
import { createPostgresTarget } from "../../../src/compiler/sql/postgres/target.ts";
import { startClusterServer } from "../../../src/compiler/sql/postgres/cluster.ts";
import { sqliteTarget } from "../../../src/compiler/sql/sqlite/target.ts";
import { readRuntimeMigrations } from "../../../src/cli/project.ts";
import { messagesOf } from "./support.ts";

const check = (sql: string): void => checkUserMigration({ name: "migrations/0003_own.sql", sql });

describe("a migration that names what is the runtime's is refused with its line", () => {
  test.each([
    ["\n\nDROP TABLE sluice_jobs;", 3, "sluice_jobs"],
    ["CREATE TABLE a (id text);\nALTER TABLE Sluice_Files ADD mine text;", 2, "sluice_files"],
    ['INSERT INTO "sluice_links" (id) VALUES (1)', 1, "sluice_links"],
    ["DELETE FROM [sluice_jobs]; DELETE FROM `sluice_jobs`", 1, "sluice_jobs"],
    ["DELETE FROM 'sluice_jobs'", 1, "sluice_jobs"],
    ["-- a comment\n/* two\nlines */ UPDATE sluice.files SET owner = NULL", 3, "sluice.files"],
    ['UPDATE "sluice" . "files" SET owner = NULL', 1, "sluice.files"],
    ["DROP SCHEMA sluice CASCADE", 1, "schema sluice"],
    ["DROP SCHEMA IF EXISTS mine, sluice CASCADE", 1, "schema sluice"],
    ["SELECT 1;\nSET search_path = sluice, public; DROP TABLE files", 2, "schema sluice"],
    ["SET LOCAL search_path TO public, 'sluice'", 1, "schema sluice"],
    ["SELECT set_config('search_path', 'public,sluice', true)", 1, "schema sluice"],
    ['ALTER ROLE me SET search_path = "sluice"', 1, "schema sluice"],
    ["CREATE FUNCTION f () RETURNS void AS $body$\nDELETE FROM sluice.jobs;\n$body$ LANGUAGE sql", 2, "sluice.jobs"],
    ["CREATE VIEW mine AS SELECT id FROM sluice_files", 1, "sluice_files"],
    ["CREATE TABLE a (id text REFERENCES sluice_files (id))", 1, "sluice_files"],
    ["INSERT INTO sluice_documents (id) VALUES ('a')", 1, "sluice_documents"],
    [
      "CREATE TABLE a (b text); CREATE TRIGGER t AFTER INSERT ON sluice_documents BEGIN SELECT 1; END",
      1,
      "sluice_documents",
    ],
    ["DELETE FROM public.sluice_migrations", 1, "sluice_migrations"],
  ])("%j", (sql, line, name) => {
    expect(() => check(sql)).toThrow(
      `migrations/0003_own.sql:${String(line)}: names ${name}, which is the runtime's own: `,
    );
  });

  test.each([
    "CREATE TABLE jobs (id text); CREATE TABLE files (sluice text, sluices text)",
    "INSERT INTO buckets (name) VALUES ('sluice_files'), (E'it\\'s sluice_files')",
    "-- sluice_jobs\n/* sluice.jobs */ SELECT 1",
    // A role may be called like the schema.
    "CREATE SCHEMA mine AUTHORIZATION sluice; GRANT USAGE ON SCHEMA mine TO me, sluice",
    "ALTER ROLE sluice SET search_path = public; COMMENT ON SCHEMA mine IS 'not sluice'",
    "SET search_path = public; CREATE TABLE sluice (id text)",
    "SELECT 'it''s', $$ it's $$, 'sluice.files'",
    "CREATE INDEX notes_by_owner ON sluice_documents (collection, body -> '$.owner', created_at)",
    "CREATE UNIQUE INDEX notes_by_owner ON sluice.documents (collection, (body -> 'owner'))",
  ])("allowed: %j", (sql) => expect(() => check(sql)).not.toThrow());
});

describe("the view files gives way to a file that makes a table of that name", () => {
  test.each([
    ["CREATE TABLE files (id text)", true],
    ["CREATE TABLE x (id text);\nCREATE TABLE IF NOT EXISTS public.files (id text)", true],
    ['create table "files"(id text)', true],
    ["CREATE VIEW files AS SELECT 1 AS id", true],
    ["CREATE TABLE files_new (id text); ALTER TABLE files_new RENAME TO files;", true],
    ["CREATE TABLE files_new (id text, files text)", false],
    ["CREATE TABLE mine.files (id text)", false],
    ["-- CREATE TABLE files\nCREATE TABLE x (id text)", false],
    ["INSERT INTO x VALUES ('; CREATE TABLE files (')", false],
    ["CREATE VIEW mine AS SELECT id FROM files", false],
  ])("%j", (sql, isTaken) => {
    const [file] = withoutView([{ name: "a", sql }], viewOnSqlite);
    expect(file?.sql).toBe(isTaken ? `DROP VIEW files; ${sql}` : sql);
  });

  test("once, by the first of them", () => {
    const files = ["SELECT 1", "CREATE TABLE files (id text)", "DROP TABLE files; CREATE TABLE files (id text)"];
    const sqls = withoutView(
      files.map((sql) => ({ name: "", sql })),
      viewOnSqlite,
    ).map(({ sql }) => sql);
    expect(sqls.map((sql) => sql.startsWith("DROP VIEW"))).toEqual([false, true, false]);
  });
});

const open = (kind: "d1" | "postgres", user: readonly string[]): OpenTarget => {
  const runtime = readRuntimeMigrations(kind);
  const files = user.map((sql) => ({ name: "0001_own.sql", sql }));
  if (kind === "d1") return openTarget(sqliteTarget, arrangeMigrations(runtime, files, viewOnSqlite));
  const schema = { name: "schema", sql: "CREATE SCHEMA sluice" };
  return openTarget(
    createPostgresTarget(startClusterServer),
    arrangeMigrations([schema, ...runtime], files, viewOnPostgres),
  );
};

describe.each(["d1", "postgres"] as const)("on %s", (kind) => {
  const plain = open(kind, ["CREATE VIEW mine AS SELECT id FROM files WHERE status = 'stored'"]);
  const own = open(kind, [
    "CREATE TABLE files (id text PRIMARY KEY NOT NULL, title text)",
    "CREATE TABLE jobs (id text); CREATE TABLE links (id text); CREATE TABLE documents (id text)",
  ]);
  beforeAll(async () => {
    await plain.database();
    await own.database();
  }, 60_000);
  afterAll(() => Promise.all([plain.close(), own.close()]));
  const faults = async (target: OpenTarget, sql: string) => messagesOf(await createQueryAnalyser(target)(sql));

  test("files are read, with columns of which it is known which are never null", async () => {
    const read = await createQueryAnalyser(plain)(
      "SELECT id, expires_at FROM files WHERE owner = $1 ORDER BY created_at",
    );
    expect(messagesOf(read)).toEqual([]);
    expect(read.sql).not.toContain("NULLS");
    expect(await faults(plain, "SELECT id FROM mine")).toEqual([]);
  });

  test("nobody writes to the view", async () => {
    expect(await faults(plain, "UPDATE files SET owner = $1")).toEqual([
      expect.stringContaining("changes the table files, which is the runtime's own: expected an UPLOAD"),
    ]);
  });

  test("tables of the user's may have the names that the runtime's once had", async () => {
    for (const sql of [
      "UPDATE files SET title = $1 WHERE id = $2",
      "INSERT INTO jobs (id) VALUES ($1)",
      "DELETE FROM links WHERE id IN (SELECT id FROM documents)",
    ]) {
      expect([sql, await faults(own, sql)]).toEqual([sql, []]);
    }
    expect(await faults(own, "SELECT width FROM files")).toEqual([expect.stringContaining("width")]);
  });
});
