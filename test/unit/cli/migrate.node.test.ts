/** `npm run migrate` on PostgreSQL: what it does, twice, at once, and with files that are wrong. */
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readMigrationFiles, toMigrationFile } from "../../../src/cli/migrations/migration-file.ts";
import type { MigrationFile } from "../../../src/cli/migrations/migration-file.ts";
import { migratePostgres } from "../../../src/cli/migrations/postgres.ts";
import type { Cluster } from "../../../src/compiler/sql/postgres/throw-away-cluster.ts";
import { startCluster } from "../../../src/compiler/sql/postgres/throw-away-cluster.ts";

let cluster: Cluster | null = null;
let url = "";
let count = 0;
beforeAll(async () => {
  cluster = await startCluster();
}, 60_000);
afterAll(() => cluster?.stop());

async function query(sql: string, address = url): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return rows.map((row) => Object.values(row)[0]);
}

/** A database of its own for each test. */
beforeEach(async () => {
  const started = cluster?.url ?? "";
  count += 1;
  await query(`CREATE DATABASE test_${String(count)}`, started);
  url = started.replace(/\/postgres$/, `/test_${String(count)}`);
});

let lines: string[] = [];

function migrate(files: readonly MigrationFile[], isDry = false): Promise<number> {
  lines = [];
  return migratePostgres({ url, files, isDry, print: (line) => void lines.push(line) });
}

const one = toMigrationFile("0001_one.sql", "CREATE TABLE one (id integer);\nINSERT INTO one VALUES (1);\n");
const two = toMigrationFile("0002_two.sql", "CREATE TABLE two (id integer);\n");
const tables = "SELECT relname FROM pg_class WHERE relname IN ('one', 'two') ORDER BY 1";

test("applies the project's own, once", async () => {
  const files = await readMigrationFiles("postgres");
  expect(await migrate(files)).toBe(files.length);
  expect(await migrate(files)).toBe(0);
  expect(lines.slice(1)).toEqual(files.map(({ name }) => `  applied   ${name}`));
  expect(await query("SELECT count(*)::int FROM row_lock")).toEqual([256]);
});

test("prints the plan without the password; --plan changes nothing", async () => {
  expect(await migrate([one, two], true)).toBe(0);
  expect(lines).toEqual([
    `PostgreSQL at ${new URL(url).host}/test_${String(count)}`,
    "  to apply  0001_one.sql",
    "  to apply  0002_two.sql",
  ]);
  expect(await query("SELECT count(*)::int FROM pg_class WHERE relname = 'sluice_migrations'")).toEqual([0]);
});

test("several at once: each file is applied by one of them", async () => {
  const counts = await Promise.all([1, 2, 3, 4].map(() => migrate([one, two])));
  expect(counts.reduce((sum, applied) => sum + applied)).toBe(2);
  expect(await query("SELECT count(*)::int FROM one")).toEqual([1]);
});

test.each([
  [
    "a statement the server refuses",
    "CREATE TABLE two (id integer);\nSELECT nope;",
    ':2: column "nope" does not exist',
  ],
  ["a statement that fails", "CREATE TABLE two (id integer);\nSELECT 1 / 0;", ": division by zero"],
  [
    "a table of that name",
    "CREATE TABLE two (id integer);\nCREATE TABLE one (id integer)",
    ': relation "one" already exists',
  ],
  ["what no transaction takes", "CREATE TABLE two (id integer);\nVACUUM", ": VACUUM cannot"],
])("%s: of the file nothing is applied, and what comes before it stays", async (_, sql, message) => {
  const wrong = toMigrationFile("0002_two.sql", sql);
  const failure = await migrate([one, wrong]).catch(String);
  expect(failure).toContain(`0002_two.sql${message}`);
  expect(failure).toContain("The 1 before it are applied, of this one nothing is.");
  expect(await query(tables)).toEqual(["one"]);
  expect(await migrate([one, two])).toBe(1);
  expect(await query(tables)).toEqual(["one", "two"]);
});

test("a file that ends its transaction is refused before anything is done", async () => {
  const wrong = toMigrationFile("0002_two.sql", "CREATE TABLE two (id integer);\nCOMMIT;\nSELECT nope;");
  await expect(migrate([one, wrong])).rejects.toThrow("0002_two.sql holds BEGIN, COMMIT or ROLLBACK");
  expect(await query(tables)).toEqual([]);
});

test("what was applied stays what it was", async () => {
  await migrate([one, two]);
  const changed = toMigrationFile(one.name, `${one.sql}-- later`);
  await expect(migrate([changed, two])).rejects.toThrow("0001_one.sql was changed after it was applied");
  expect(lines).toContain("  changed   0001_one.sql");
  await expect(migrate([two])).rejects.toThrow("0001_one.sql was applied, and the file is gone");
  await expect(migrate([toMigrationFile("0000_zero.sql", "SELECT 1"), one, two])).rejects.toThrow(
    "0000_zero.sql comes before 0002_two.sql, which is applied",
  );
  expect(await migrate([toMigrationFile(one.name, one.sql.replaceAll("\n", "\r\n")), two])).toBe(0);
});

test("a server that does not answer is named without the password", async () => {
  url = "postgresql://someone:secret@127.0.0.1:1/app";
  await expect(migrate([one])).rejects.toThrow(/^PostgreSQL at 127\.0\.0\.1:1\/app does not answer: /);
});
