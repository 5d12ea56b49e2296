/** What statements may do with the runtime's own tables, however they spell them. */
import { describe, expect, test } from "vitest";
import { runtimeTableFaults } from "../../../../src/compiler/sql/rules/runtime-tables.ts";
import { parseStatement } from "../../../../src/compiler/sql/parse.ts";
import { onD1, onPostgres, postgresTables, tables } from "../../../../src/contract/tables.ts";
import { abi, diagnose, plan, query, upload } from "../support.ts";

async function faultsOf(sql: string, hasFilesView = true): Promise<string[]> {
  const statement = await parseStatement(sql);
  if ("message" in statement) throw new Error(statement.message);
  return runtimeTableFaults(statement, sql, { hasFilesView }).map(({ message }) => message);
}

const changesFiles =
  'changes the table files, which is the runtime\'s own: expected an UPLOAD to store files, "delete_files": true or the file API to delete them, and a table of your own for what else you know of them';
const changes = (name: string): string =>
  name === "files"
    ? changesFiles
    : `changes the table ${name}, which is the runtime's own; expected a table of your own`;
const reads = (name: string): string =>
  `reads the table ${name}, which is the runtime's own; expected "files" or a table of your own`;
const renames = (name: string): string =>
  `WITH gives the name of the runtime's table ${name} to something else; expected another`;

const allNames = Object.keys({ ...tables, ...postgresTables }).flatMap((name) => [onD1(name), onPostgres(name)]);

describe("refused", () => {
  test.each(allNames)("INSERT, UPDATE and DELETE of %s", async (name) => {
    for (const sql of [
      `INSERT INTO ${name} DEFAULT VALUES`,
      `UPDATE ${name} SET id = $1`,
      `DELETE FROM ${name} WHERE id = $1`,
    ]) {
      expect(await faultsOf(sql)).toEqual([changes(name)]);
    }
  });

  test.each<[string, string]>([
    ["UPDATE FILES SET owner = $1", changes("files")],
    ['UPDATE "files" SET owner = $1', changes("files")],
    ['UPDATE "Files" SET owner = $1', changes("files")],
    ["UPDATE public.files SET owner = $1", changes("files")],
    ['UPDATE "public"."files" AS gallery SET owner = $1', changes("files")],
    ["UPDATE ONLY files SET owner = $1", changes("files")],
    ["DELETE FROM files USING gallery WHERE gallery.storage_key = files.storage_key", changes("files")],
    ["INSERT INTO files (id) SELECT id FROM gallery ON CONFLICT (id) DO NOTHING", changes("files")],
    ["WITH gone AS (DELETE FROM files RETURNING id) SELECT id FROM gone", changes("files")],
    [
      "WITH a AS (WITH b AS (UPDATE files SET owner = $1 RETURNING id) SELECT id FROM b) SELECT id FROM a",
      changes("files"),
    ],
    [
      "WITH gone AS (DELETE FROM sluice_jobs RETURNING id) INSERT INTO gallery (id) SELECT id FROM gone",
      changes("sluice_jobs"),
    ],
    [
      "WITH m AS (MERGE INTO files USING gallery g ON g.id = files.id WHEN MATCHED THEN DELETE RETURNING g.id) SELECT id FROM m",
      changes("files"),
    ],
    ["SELECT context FROM sluice_jobs", reads("sluice_jobs")],
    ['SELECT context FROM "Sluice".jobs', reads("sluice.jobs")],
    ["SELECT id FROM sluice.files", reads("sluice.files")],
    ["SELECT body FROM sluice_documents", reads("sluice_documents")],
    ["SELECT name FROM sluice_migrations", reads("sluice_migrations")],
    ['SELECT answer FROM public."sluice_idempotency_keys"', reads("sluice_idempotency_keys")],
    ["SELECT gallery.id FROM gallery JOIN SLUICE_LINKS l ON l.file_id = gallery.id", reads("sluice_links")],
    ["SELECT id FROM gallery WHERE EXISTS (SELECT 1 FROM sluice_job_steps)", reads("sluice_job_steps")],
    ["SELECT id FROM gallery UNION SELECT endpoint FROM sluice_schedules", reads("sluice_schedules")],
    ["INSERT INTO gallery (id) SELECT id FROM sluice_jobs", reads("sluice_jobs")],
    ["UPDATE gallery SET url = (SELECT max(scope) FROM sluice_link_epochs)", reads("sluice_link_epochs")],
    ["DELETE FROM gallery USING sluice_links WHERE sluice_links.file_id = gallery.id", reads("sluice_links")],
    ["TABLE sluice_row_lock", reads("sluice_row_lock")],
    ["WITH sluice_jobs AS (SELECT id FROM gallery) SELECT id FROM sluice_jobs", renames("sluice_jobs")],
    [
      "SELECT id FROM sluice_jobs WHERE id IN (WITH sluice_jobs AS (SELECT 1 AS id) SELECT id::text FROM sluice_jobs)",
      renames("sluice_jobs"),
    ],
  ])("%s", async (sql, fault) => {
    expect(await faultsOf(sql)).toEqual([fault]);
  });
});

test.each([
  "SELECT files.width, f.owner FROM files JOIN public.files f ON f.id = files.id WHERE files.status = 'stored'",
  "INSERT INTO gallery (id, storage_key) SELECT id, storage_key FROM files WHERE owner = $1",
  "UPDATE gallery SET url = files.id FROM files WHERE files.storage_key = gallery.storage_key",
  "DELETE FROM gallery WHERE storage_key NOT IN (SELECT storage_key FROM files)",
  "SELECT jobs.id, jobs.url AS links FROM gallery AS jobs",
  "SELECT id FROM mine.jobs",
  "DELETE FROM jobs WHERE id IN (SELECT id FROM links)",
  "INSERT INTO documents (id) VALUES ($1)",
  "SELECT sluice FROM gallery",
])("allowed: %s", async (sql) => {
  expect(await faultsOf(sql)).toEqual([]);
});

test("files are the user's where the user has a table of that name", async () => {
  for (const sql of ["DELETE FROM files WHERE id = $1", "INSERT INTO public.files (id) VALUES ($1)"]) {
    expect(await faultsOf(sql, false)).toEqual([]);
  }
  expect(await faultsOf("UPDATE sluice_files SET owner = $1", false)).toEqual([changes("sluice_files")]);
});

test.each(["MERGE INTO files USING gallery g ON g.id = files.id WHEN MATCHED THEN DELETE", "TRUNCATE files"])(
  "no statement of an ABI at all: %s",
  async (sql) => {
    await expect(faultsOf(sql)).rejects.toThrow("expected SELECT, INSERT, UPDATE or DELETE");
  },
);

test("as the user sees it", async () => {
  const steps = [
    query(1, "DELETE FROM Files WHERE owner = $1", ["$PROTECTED.id"]),
    query(2, "SELECT id FROM sluice_jobs"),
  ];
  expect(await diagnose(abi(steps))).toEqual([
    `a.json/actionables/0/sql_query/query: ${changesFiles}`,
    `a.json/actionables/1/sql_query/query: ${reads("sluice_jobs")}`,
  ]);
});

describe("a collection is no table", () => {
  const insert = {
    id: 2,
    mode: "QUERY",
    mongo_query: { collection: "files", action: "INSERT", set: { a: 1 } },
  };

  test("of that name: a warning", async () => {
    expect(await diagnose(abi([upload(), insert]))).toEqual([
      `a.json/actionables/1/mongo_query/collection: warning: "files" holds documents, not the rows of the runtime's table of that name`,
    ]);
  });

  test("its documents are rows of a table of the runtime's", async () => {
    const { steps } = await plan(abi([upload(), insert]));
    expect(steps[1]).toMatchObject({ sql: expect.stringContaining("INSERT INTO sluice_documents") as string });
  });
});
