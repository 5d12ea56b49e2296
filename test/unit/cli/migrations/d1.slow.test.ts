/** `npx sluice migrate` on D1: two sequences, an earlier version's database, and what stands in the way. */
import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { migrateD1 } from "../../../../src/cli/migrations/d1.ts";
import { readMigrationFiles, toMigrationFile } from "../../../../src/cli/migrations/migration-file.ts";
import type { MigrationFile, MigrationFiles } from "../../../../src/cli/migrations/migration-file.ts";
import { openD1, type RunOnD1 } from "../../../../src/cli/migrations/run-on-d1.ts";
import { onD1, tables } from "../../../../src/contract/tables.ts";
import { laterMigrations } from "../../../support/node/later-migrations.ts";
import { filledTables, readEarlierFiles, receipts, rowsFor } from "./earlier.ts";

let database: DatabaseSync;
let lines: string[] = [];
beforeEach(() => {
  database = new DatabaseSync(":memory:");
});

/** As D1 runs a batch. */
const run: RunOnD1 = async (statements) => {
  database.exec("BEGIN");
  try {
    const rows = statements.map((sql) => {
      if (sql.startsWith("SELECT")) return database.prepare(sql).all();
      database.exec(sql);
      return [];
    });
    database.exec("COMMIT");
    return rows;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
};

function migrate(files: MigrationFiles, isDry = false): Promise<number> {
  lines = [];
  return migrateD1({ run, files, isDry, print: (line) => void lines.push(line) });
}

const values = (sql: string): unknown[] =>
  database
    .prepare(sql)
    .all()
    .map((row) => Object.values(row)[0]);
const rowsOf = (table: string) => database.prepare(`SELECT * FROM ${table} ORDER BY 1`).all();
const names = (type: string) => values(`SELECT name FROM sqlite_schema WHERE type = '${type}' ORDER BY name`);

const { runtime, user } = readMigrationFiles("d1");
const own: MigrationFiles = { runtime, user };
const later = laterMigrations.d1;
const files = (...sqls: string[]): MigrationFile[] =>
  sqls.map((sql, index) => toMigrationFile(`000${String(index + 1)}_own.sql`, sql));

describe("an empty database", () => {
  test("gets the runtime's tables, the view and the user's, once", async () => {
    expect(await migrate(own)).toBe(runtime.length + user.length);
    expect(values("SELECT name FROM sluice_migrations ORDER BY name")).toEqual(runtime.map(({ name }) => name));
    expect(values("SELECT name FROM d1_migrations")).toEqual(user.map(({ name }) => name));
    expect(names("view")).toEqual(["files"]);
    expect(await migrate(own)).toBe(0);
    expect(lines).toEqual([...runtime.map(({ name }) => `  applied   sluice/${name}`), "  applied   0002_gallery.sql"]);
  });

  test("is not changed by --plan", async () => {
    expect(await migrate(own, true)).toBe(0);
    expect(lines.at(-1)).toBe("  to apply  0002_gallery.sql");
    expect(names("table")).toEqual([]);
  });

  test("needs no migrations of the user's", async () => {
    expect(await migrate({ runtime, user: [] })).toBe(runtime.length);
    expect(names("view")).toEqual(["files"]);
  });

  test("nobody writes through the view", async () => {
    await migrate(own);
    expect(() => database.exec("DELETE FROM files")).toThrow("cannot modify files because it is a view");
  });

  test("several at once: each file is applied by one of them", async () => {
    const counts = await Promise.all(
      [1, 2, 3].map(() => migrate({ runtime, user: files("CREATE TABLE a (id text)") })),
    );
    expect(counts.toSorted()).toEqual([0, 0, runtime.length + 1]);
  });

  test("a migrate that was killed between two files is taken up again", async () => {
    await migrate({ runtime: runtime.slice(0, 3), user: [] });
    expect(await migrate(own)).toBe(runtime.length - 3 + user.length);
    expect(lines).toContain("  applied   sluice/0003_links.sql");
  });
});

describe("the user's own tables", () => {
  test("may have the names that the runtime's once had; the view gives way and comes back", async () => {
    await migrate({ runtime, user: [] });
    const made = files(
      "CREATE TABLE jobs (id text); CREATE TABLE links (id text); CREATE TABLE documents (id text);",
      "CREATE TABLE files (id text, title text); CREATE INDEX files_by_owner ON files (id);",
    );
    expect(await migrate({ runtime, user: made })).toBe(2);
    expect(names("view")).toEqual([]);
    const gone = files(...made.map(({ sql }) => sql), "DROP TABLE files;");
    expect(await migrate({ runtime, user: gone })).toBe(1);
    expect(names("view")).toEqual(["files"]);
  });

  test("a view on files stays what it is", async () => {
    expect(await migrate({ runtime, user: files("CREATE VIEW mine AS SELECT id FROM files") })).toBe(
      runtime.length + 1,
    );
    expect(rowsOf("mine")).toEqual([]);
  });

  test("a file that is refused is named; what comes before it stays", async () => {
    const wrong = files("CREATE TABLE one (id text)", "CREATE TABLE two (id text);\nSELECT nope");
    await expect(migrate({ runtime, user: wrong })).rejects.toThrow("0002_own.sql: no such column: nope");
    expect(values("SELECT name FROM d1_migrations")).toEqual(["0001_own.sql"]);
    expect(names("table")).toContain("one");
    expect(names("table")).not.toContain("two");
  });
});

describe("a file of the runtime's that is refused", () => {
  const wrong = toMigrationFile(`sluice/${later.name}`, "CREATE TABLE sluice_later (id text);\nSELECT nope");

  test("is named, leaves nothing of itself, and what comes behind it waits", async () => {
    const mine = files("CREATE TABLE mine (id text)");
    await expect(migrate({ runtime: [...runtime, wrong], user: mine })).rejects.toThrow(
      `sluice/${later.name}: no such column: nope\nWhat is before it is applied, of this one nothing is.`,
    );
    expect(values("SELECT name FROM sluice_migrations ORDER BY name")).toEqual(runtime.map(({ name }) => name));
    expect(names("table")).not.toContain("sluice_later");
    expect(names("table")).not.toContain("mine");
    expect(await migrate({ runtime: [...runtime, later], user: mine })).toBe(2);
  });

  test("as the only one: nothing was applied", async () => {
    await migrate({ runtime, user: [] });
    await expect(migrate({ runtime: [...runtime, wrong], user: [] })).rejects.toThrow("Nothing was applied.");
    expect(await migrate({ runtime, user: [] })).toBe(0);
  });
});

describe("what was applied stays what it was", () => {
  test.each([
    ["a changed file", files("CREATE TABLE one (id integer)"), "0001_own.sql was changed after it was applied"],
    ["a file that is gone", [], "0001_own.sql was applied, and the file is gone"],
  ])("%s", async (_, changed, message) => {
    await migrate({ runtime, user: files("CREATE TABLE one (id text)") });
    await expect(migrate({ runtime, user: changed })).rejects.toThrow(message);
  });

  test("what wrangler applied has no checksum, and is applied", async () => {
    const user = files("CREATE TABLE one (id text)");
    await migrate({ runtime, user });
    database.exec("DELETE FROM sluice_checksums");
    expect(await migrate({ runtime, user: files("CREATE TABLE one (id integer)") })).toBe(0);
  });

  test("another file of the runtime's under the same name", async () => {
    await migrate(own);
    const [first, ...rest] = runtime;
    const changed = toMigrationFile(first?.name ?? "", `${first?.sql ?? ""}-- later`);
    await expect(migrate({ runtime: [changed, ...rest], user })).rejects.toThrow(
      "sluice/0001_files.sql is not the file that was applied: install the version of Sluice again",
    );
  });

  test("a newer runtime's migration", async () => {
    await migrate({ runtime: [...runtime, later], user });
    await expect(migrate(own)).rejects.toThrow(
      `sluice/${later.name} was applied by a newer version of Sluice than this one: install that version, or a later one`,
    );
    expect(lines).toContain(`  missing   sluice/${later.name}`);
  });
});

/** Applied by the earlier version, up to a number, and filled. */
function makeEarlier(until: number): readonly MigrationFile[] {
  const earlier = readEarlierFiles("d1").filter(({ name }) => Number(name.slice(0, 4)) <= until);
  const applied = until === 9 ? [...earlier, receipts] : earlier;
  database.exec(
    "CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
  );
  for (const { name, sql } of applied) database.exec(`${sql}\n; INSERT INTO d1_migrations (name) VALUES ('${name}')`);
  for (const sql of rowsFor(applied)) database.exec(sql);
  return applied;
}

const isOurs = (table: string) => Object.hasOwn(tables, table);
const shapeOf = () =>
  database
    .prepare(
      `SELECT t.name AS t, c.* FROM sqlite_schema t, pragma_table_xinfo(t.name) c WHERE t.type = 'table' AND t.name LIKE 'sluice%' ORDER BY t.name, c.cid`,
    )
    .all();

/** What rows of before have in columns that came later. */
const laterColumns: Readonly<Record<string, object>> = {
  files: {
    file_api: 1,
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

describe("a database of the version whose tables had no names of their own", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("with its files up to %i keeps everything", async (until) => {
    const applied = makeEarlier(until);
    const before = filledTables(applied).map((table) => [table, rowsOf(table)] as const);
    const user = applied.filter(({ name }) => /gallery|receipts/.test(name));
    expect(await migrate({ runtime, user })).toBe(runtime.length - (applied.length - user.length));
    for (const [table, rows] of before) {
      const after = rowsOf(isOurs(table) ? onD1(table) : table);
      expect(after).toEqual(rows.map((row) => ({ ...laterColumns[table], ...row })));
    }
    expect(values("SELECT name FROM sluice_migrations ORDER BY name")).toEqual(runtime.map(({ name }) => name));
    expect(values("SELECT name FROM d1_migrations ORDER BY name")).toEqual(user.map(({ name }) => name));
    expect(names("view")).toContain("files");
    expect(await migrate({ runtime, user })).toBe(0);
    const [shape, indexes] = [shapeOf(), names("index").filter((name) => String(name).startsWith("sluice_"))];
    database = new DatabaseSync(":memory:");
    await migrate({ runtime, user: [] });
    expect(shape).toEqual(shapeOf());
    expect(indexes).toEqual(names("index").filter((name) => String(name).startsWith("sluice_")));
  });

  test("the user's view, foreign key and index go with their tables", async () => {
    const applied = makeEarlier(9);
    await migrate({ runtime, user: applied.filter(({ name }) => /gallery|receipts/.test(name)) });
    expect(rowsOf("readable")).toEqual([{ id: "f1" }]);
    expect(() => database.exec("INSERT INTO receipts (id, file_id) VALUES ('s', 'none')")).toThrow("FOREIGN KEY");
    expect(values("SELECT tbl_name FROM sqlite_schema WHERE name = 'documents_mine'")).toEqual(["sluice_documents"]);
  });

  test("--plan says what would be moved, and moves nothing", async () => {
    makeEarlier(5);
    await migrate(own, true);
    expect(lines).toContain("  to move   sluice/0004_file_api.sql");
    expect(lines).toContain("  to apply  sluice/0005_jobs.sql");
    expect(names("table")).toContain("row_guard");
  });

  test("several at once", async () => {
    const { length } = makeEarlier(8);
    const counts = await Promise.all([1, 2].map(() => migrate(own)));
    expect(counts.toSorted()).toEqual([0, runtime.length + user.length - length]);
    expect(rowsOf("sluice_files")).toHaveLength(2);
  });
});

test("with a newer version's table and column, files stored before are still there", async () => {
  await migrate(own);
  for (const sql of rowsFor(readEarlierFiles("d1").slice(0, 1)))
    database.exec(sql.replace("INTO files", "INTO sluice_files"));
  const before = rowsOf("sluice_files");
  expect(await migrate({ runtime: [...runtime, later], user })).toBe(1);
  expect(rowsOf("files")).toEqual(before.map((row) => ({ ...row, later: "x" })));
  expect(rowsOf("sluice_later")).toEqual([]);
});

async function withWrangler(work: (run: RunOnD1) => Promise<void>): Promise<void> {
  const storageFolder = mkdtempSync(join(tmpdir(), "sluice-migrate-"));
  try {
    await work(openD1({ isRemote: false, storageFolder, environment: null }));
  } finally {
    rmSync(storageFolder, { recursive: true, force: true });
  }
}

test("the same with wrangler: an earlier version's database, one command, two at once", async () => {
  await withWrangler(async (onWrangler) => {
    const earlier = readEarlierFiles("d1");
    await onWrangler([
      "CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
      ...earlier.flatMap(({ name, sql }) => [sql, `INSERT INTO d1_migrations (name) VALUES ('${name}')`]),
      ...rowsFor(earlier),
    ]);
    const again = {
      run: onWrangler,
      files: { runtime: [...runtime, later], user },
      isDry: false,
      print: () => undefined,
    };
    await Promise.all([migrateD1(again), migrateD1(again)]);
    const [stored, view] = await onWrangler(["SELECT id, later FROM sluice_files ORDER BY id", "SELECT id FROM files"]);
    expect(stored).toEqual([
      { id: "f1", later: "x" },
      { id: "f2", later: "x" },
    ]);
    expect(view).toHaveLength(2);
    await expect(onWrangler(["SELECT nope"])).rejects.toThrow(/^no such column: nope/);
  });
});

test.each([
  ["by command line", ""],
  [
    "as a file, because a command line may not be that long",
    `INSERT INTO half VALUES ('${"x".repeat(1000)}');\n`.repeat(120),
  ],
])("with wrangler, a file that is refused leaves nothing: %s", async (_, rows) => {
  await withWrangler(async (onWrangler) => {
    const half = toMigrationFile(
      "0001_half.sql",
      `CREATE TABLE half (id text);\n${rows}INSERT INTO none VALUES ('y');`,
    );
    const refused = migrateD1({
      run: onWrangler,
      files: { runtime: runtime.slice(0, 1), user: [half] },
      isDry: false,
      print: () => undefined,
    });
    await expect(refused).rejects.toThrow("0001_half.sql: no such table: none");
    const [left] = await onWrangler([
      "SELECT name FROM d1_migrations UNION SELECT name FROM sqlite_schema WHERE name = 'half'",
    ]);
    expect(left).toEqual([]);
  });
});
