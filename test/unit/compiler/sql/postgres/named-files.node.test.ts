/** Statements whose rows name files, as they are printed for PostgreSQL: each begins one that takes the files along. */
import { afterAll, expect, test } from "vitest";
import { createQueryAnalyser } from "../../../../../src/compiler/sql/query.ts";
import { createPostgresRunner } from "./run-postgres.ts";

const runner = createPostgresRunner([
  { name: "test.sql", sql: "CREATE TABLE letters (id text PRIMARY KEY, owner text, file_key text)" },
]);
const { open } = runner;
afterAll(() => open.close());
const analyse = createQueryAnalyser(open);
const guard =
  "sluice_guard AS (INSERT INTO sluice.row_guard (found) SELECT 0 WHERE NOT EXISTS (SELECT FROM sluice_rows))";

test.each<[string, string, boolean, string]>([
  [
    "a SELECT locks its rows",
    "SELECT file_key FROM letters WHERE owner = $1",
    false,
    "WITH sluice_rows AS (SELECT file_key FROM letters WHERE owner = $1 FOR UPDATE)",
  ],
  [
    "unless it cannot",
    "SELECT DISTINCT file_key FROM letters",
    false,
    "WITH sluice_rows AS (SELECT DISTINCT file_key FROM letters)",
  ],
  [
    "a DELETE that must find a row",
    "DELETE FROM letters WHERE id = $1 RETURNING file_key -- all of it",
    true,
    `WITH sluice_rows AS (DELETE FROM letters WHERE id = $1 RETURNING file_key), ${guard}`,
  ],
  [
    "a clause that writes stands at the top",
    "WITH d AS (DELETE FROM letters RETURNING file_key) SELECT file_key FROM d",
    true,
    `WITH d AS (DELETE FROM letters RETURNING file_key), sluice_rows AS (SELECT file_key FROM d), ${guard}`,
  ],
])("%s", async (_, source, mustReturn, expected) => {
  const { sql, named, namingFault, faults, writes } = await analyse(source, { mustReturn, naming: "file_key" });
  expect([namingFault, ...faults]).toEqual([null]);
  expect({ sql, named, writes }).toEqual({ sql: expected, named: {}, writes: true });
  const started = await runner.server();
  await expect(started.describe(`${sql} SELECT * FROM sluice_rows`)).resolves.toBeDefined();
});
