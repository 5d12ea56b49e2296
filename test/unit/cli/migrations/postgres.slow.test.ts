/** `npx sluice migrate` on PostgreSQL: what it does, twice, at once, with files that are wrong, and after an earlier version. */
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readMigrationFiles, toMigrationFile } from "../../../../src/cli/migrations/migration-file.ts";
import type { MigrationFile, MigrationFiles } from "../../../../src/cli/migrations/migration-file.ts";
import { migratePostgres } from "../../../../src/cli/migrations/postgres.ts";
import { onPostgres, tables } from "../../../../src/contract/tables.ts";
import { laterMigrations } from "../../../support/node/later-migrations.ts";
import { filledTables, readEarlierFiles, receipts, rowsFor } from "./earlier.ts";
import type { Cluster } from "../../../../src/compiler/sql/postgres/throw-away-cluster.ts";
import { startCluster } from "../../../../src/compiler/sql/postgres/throw-away-cluster.ts";

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
  try {
    // Several statements have several results.
    const [result] = [await client.query<Record<string, unknown>>(sql)].flat();
    return (result?.rows ?? []).map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

/** A database of its own for each test. */
beforeEach(async () => {
  const started = cluster?.url ?? "";
  count += 1;
  await query(`CREATE DATABASE test_${String(count)}`, started);
  url = started.replace(/\/postgres$/, `/test_${String(count)}`);
});

let lines: string[] = [];

function migrate(files: MigrationFiles, isDry = false): Promise<number> {
  lines = [];
  return migratePostgres({ url, files, isDry, print: (line) => void lines.push(line) });
}

/** The user's, after the least that the runtime needs. */
const migrateOwn = (user: readonly MigrationFile[], isDry = false): Promise<number> =>
  migrate({ runtime: [toMigrationFile("0001_files.sql", "CREATE TABLE sluice.files (id text)")], user }, isDry);

const one = toMigrationFile("0001_one.sql", "CREATE TABLE one (id integer);\nINSERT INTO one VALUES (1);\n");
const two = toMigrationFile("0002_two.sql", "CREATE TABLE two (id integer);\n");
const made = "SELECT relname FROM pg_class WHERE relname IN ('one', 'two') ORDER BY 1";

const { runtime, user } = readMigrationFiles("postgres");
const own: MigrationFiles = { runtime, user };
const later = laterMigrations.postgres;

test("applies the runtime's and the project's own, once", async () => {
  expect(await migrate(own)).toBe(runtime.length + user.length);
  expect(await migrate(own)).toBe(0);
  expect(lines.slice(1)).toEqual([
    ...runtime.map(({ name }) => `  applied   sluice/${name}`),
    ...user.map(({ name }) => `  applied   ${name}`),
  ]);
  expect(await query("SELECT count(*)::int FROM sluice.row_lock")).toEqual([256]);
  expect(await query("SELECT name FROM public.sluice_migrations")).toEqual(user.map(({ name }) => name));
});

test("prints the plan without the password; --plan changes nothing", async () => {
  expect(await migrateOwn([one, two], true)).toBe(0);
  expect(lines).toEqual([
    `PostgreSQL at ${new URL(url).host}/test_${String(count)}`,
    "  to apply  sluice/0001_files.sql",
    "  to apply  0001_one.sql",
    "  to apply  0002_two.sql",
  ]);
  expect(
    await query("SELECT count(*)::int FROM pg_class WHERE relname IN ('sluice_migrations', 'migrations')"),
  ).toEqual([0]);
});

test("several at once: each file is applied by one of them", async () => {
  const counts = await Promise.all([1, 2, 3, 4].map(() => migrateOwn([one, two])));
  expect(counts.reduce((sum, applied) => sum + applied)).toBe(3);
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
  const failure = await migrateOwn([one, wrong]).catch(String);
  expect(failure).toContain(`0002_two.sql${message}`);
  expect(failure).toContain("The 2 before it are applied, of this one nothing is.");
  expect(await query(made)).toEqual(["one"]);
  expect(await migrateOwn([one, two])).toBe(1);
  expect(await query(made)).toEqual(["one", "two"]);
});

test("a file that ends its transaction is refused before anything is done", async () => {
  const wrong = toMigrationFile("0002_two.sql", "CREATE TABLE two (id integer);\nCOMMIT;\nSELECT nope;");
  await expect(migrateOwn([one, wrong])).rejects.toThrow("0002_two.sql holds BEGIN, COMMIT or ROLLBACK");
  expect(await query(made)).toEqual([]);
});

test("what was applied stays what it was", async () => {
  await migrateOwn([one, two]);
  const changed = toMigrationFile(one.name, `${one.sql}-- later`);
  await expect(migrateOwn([changed, two])).rejects.toThrow("0001_one.sql was changed after it was applied");
  expect(lines).toContain("  changed   0001_one.sql");
  await expect(migrateOwn([two])).rejects.toThrow("0001_one.sql was applied, and the file is gone");
  await expect(migrateOwn([toMigrationFile("0000_zero.sql", "SELECT 1"), one, two])).rejects.toThrow(
    "0000_zero.sql comes before 0002_two.sql, which is applied",
  );
  expect(await migrateOwn([toMigrationFile(one.name, one.sql.replaceAll("\n", "\r\n")), two])).toBe(0);
});

test("a server that does not answer is named without the password", async () => {
  url = "postgresql://someone:secret@127.0.0.1:1/app";
  await expect(migrateOwn([one])).rejects.toThrow(/^PostgreSQL at 127\.0\.0\.1:1\/app does not answer: /);
});

describe("the view files", () => {
  test("cannot be written, and a list of it reads the index of its table", async () => {
    await migrate(own);
    await expect(query("UPDATE public.files SET owner = 'x'")).rejects.toThrow('cannot update view "files"');
    await expect(query("DELETE FROM public.files")).rejects.toThrow('cannot delete from view "files"');
    const plan = await query("EXPLAIN SELECT id FROM public.files WHERE owner = 'a' AND status = 'stored'");
    expect(plan.join("\n")).toMatch(/files_by_owner/);
    expect(plan.join("\n")).not.toMatch(/Nested Loop/);
  });

  test("gives way to a table of the user's, and comes back when that is gone", async () => {
    await migrate({ runtime, user: [] });
    const made = toMigrationFile(
      "0001_own.sql",
      "CREATE TABLE files (id text, title text);\nCREATE TABLE jobs (id text);",
    );
    expect(await migrate({ runtime, user: [made] })).toBe(1);
    expect(await query("SELECT title FROM public.files")).toEqual([]);
    const gone = toMigrationFile("0002_gone.sql", "DROP TABLE files;");
    expect(await migrate({ runtime, user: [made, gone] })).toBe(1);
    expect(await query("SELECT storage_key FROM public.files")).toEqual([]);
  });

  test("has a newer version's columns, and shows files that were stored before", async () => {
    await migrate(own);
    for (const sql of rowsFor(readEarlierFiles("postgres").slice(0, 1)))
      await query(sql.replace("INTO files", "INTO sluice.files"));
    expect(await migrate({ runtime: [...runtime, later], user })).toBe(1);
    expect(await query("SELECT later FROM public.files WHERE id = 'f1'")).toEqual(["x"]);
    expect(await query("SELECT count(*)::int FROM sluice.files")).toEqual([2]);
  });
});

describe("the runtime's own", () => {
  test("what a newer version applied stops an older one", async () => {
    await migrate({ runtime: [...runtime, later], user });
    await expect(migrate(own)).rejects.toThrow(
      `sluice/${later.name} was applied by a newer version of Sluice than this one: install that version, or a later one`,
    );
  });

  test("another file under the same name stops everything", async () => {
    await migrate(own);
    const [first, ...rest] = runtime;
    const changed = toMigrationFile(first?.name ?? "", `${first?.sql ?? ""}-- later`);
    await expect(migrate({ runtime: [changed, ...rest], user })).rejects.toThrow(
      "sluice/0001_files.sql is not the file that was applied: install the version of Sluice again",
    );
  });

  test("a file that is refused is named, leaves nothing of itself, and what comes behind it waits", async () => {
    const wrong = toMigrationFile(`sluice/${later.name}`, "CREATE TABLE sluice.later (id text);\nSELECT nope;");
    const failure = await migrate({ runtime: [...runtime, wrong], user: [one] }).catch(String);
    expect(failure).toContain(`sluice/${later.name}:2: column "nope" does not exist`);
    expect(failure).toContain(`The ${runtime.length} before it are applied, of this one nothing is.`);
    expect(await query("SELECT to_regclass('sluice.later')")).toEqual([null]);
    expect(await query(made)).toEqual([]);
    expect(await migrate({ runtime: [...runtime, later], user: [one] })).toBe(2);
  });

  test("a migrate that was killed between two files is taken up again", async () => {
    await migrate({ runtime: runtime.slice(0, 3), user: [] });
    expect(await migrate(own)).toBe(runtime.length - 3 + user.length);
  });

  test("several at once", async () => {
    const counts = await Promise.all([1, 2, 3].map(() => migrate(own)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(runtime.length + user.length);
  });

  test("a role that is called like the schema makes its tables where all others do", async () => {
    expect(new URL(url).username).toBe("sluice");
    await migrate(own);
    expect(await query("SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'gallery'")).toEqual([
      "public",
    ]);
  });
});

/** Applied by the earlier version, up to a number, and filled. */
async function makeEarlier(until: number): Promise<readonly MigrationFile[]> {
  const earlier = readEarlierFiles("postgres").filter(({ name }) => Number(name.slice(0, 4)) <= until);
  const mine = toMigrationFile(receipts.name, receipts.sql);
  const applied = until === 9 ? [...earlier, mine] : earlier;
  await query(
    "CREATE TABLE sluice_migrations (name text PRIMARY KEY NOT NULL, checksum text NOT NULL, applied_at timestamptz(3) NOT NULL DEFAULT now())",
  );
  for (const { name, sql, checksum } of applied) {
    await query(`${sql}; INSERT INTO sluice_migrations (name, checksum) VALUES ('${name}', '${checksum}')`);
  }
  for (const sql of rowsFor(applied)) await query(sql);
  return applied;
}

const rowsOf = (table: string) => query(`SELECT to_jsonb(t) FROM ${table} t ORDER BY 1`);
const shape = `SELECT c.relname || ' ' || coalesce(pg_get_indexdef(c.oid), string_agg(a.attname || ' ' || a.attnotnull, ',' ORDER BY a.attnum))
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relnamespace = 'sluice'::regnamespace AND c.relkind IN ('r', 'i')
  AND c.relname NOT LIKE '%mine' GROUP BY c.oid, c.relname ORDER BY 1`;

/** What rows of before have in columns that came later. */
const laterColumns: Readonly<Record<string, object>> = {
  files: {
    file_api: true,
    stored_at: null,
    replaces_key: null,
    quota: null,
    quota_ends_at: null,
    thumbnails: null,
    resumable_until: null,
    upload_link: null,
    field: null,
  },
  links: { storage_keys: null },
};

describe("a database of the version whose tables had no schema of their own", () => {
  test.each([1, 2, 3, 5, 8, 9, 10])("with its files up to %i keeps everything", async (until) => {
    const applied = await makeEarlier(until);
    const before = new Map<string, unknown[]>();
    for (const table of filledTables(applied)) before.set(table, await rowsOf(`public.${table}`));
    const user = applied.filter(({ name }) => /gallery|receipts/.test(name));
    expect(await migrate({ runtime, user })).toBe(runtime.length - (applied.length - user.length));
    for (const [table, rows] of before) {
      const after = await rowsOf(Object.hasOwn(tables, table) ? onPostgres(table) : `public.${table}`);
      expect(after).toEqual(rows.map((row) => ({ ...laterColumns[table], ...(row as object) })));
    }
    expect(await query("SELECT name FROM public.sluice_migrations ORDER BY 1")).toEqual(user.map(({ name }) => name));
    expect(await query("SELECT name FROM sluice.migrations ORDER BY 1")).toEqual(runtime.map(({ name }) => name));
    expect(await migrate({ runtime, user })).toBe(0);
    const moved = await query(shape);
    await query("DROP SCHEMA sluice CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    await migrate({ runtime, user: [] });
    expect(moved).toEqual(await query(shape));
  });

  test("the user's view, foreign key and index go with their tables, and old files may be put right", async () => {
    const applied = await makeEarlier(9);
    const mended = toMigrationFile(
      receipts.name,
      "CREATE TABLE receipts (id text PRIMARY KEY NOT NULL, file_id text NOT NULL);",
    );
    const user = [...applied.filter(({ name }) => name.includes("gallery")), mended];
    await migrate({ runtime, user });
    expect(await query("SELECT id FROM readable")).toEqual(["f1"]);
    await expect(query("INSERT INTO receipts (id, file_id) VALUES ('s', 'none')")).rejects.toThrow("foreign key");
    expect(
      await query(
        "SELECT indrelid = 'sluice.documents'::regclass FROM pg_index WHERE indexrelid = 'sluice.documents_mine'::regclass",
      ),
    ).toEqual([true]);
    expect(await migrate({ runtime, user })).toBe(0);
    await expect(migrate({ runtime, user: [...user.slice(0, 1), receipts] })).rejects.toThrow("was changed after");
  });

  test("several at once", async () => {
    const { length } = await makeEarlier(5);
    const counts = await Promise.all([1, 2, 3].map(() => migrate(own)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(runtime.length + user.length - length);
    expect(await query("SELECT count(*)::int FROM sluice.files")).toEqual([2]);
  });
});
