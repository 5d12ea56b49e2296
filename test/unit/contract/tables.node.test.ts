/** The runtime's own tables: the migrations make what src/contract/tables.ts says, and the same on both databases. */
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { readMigrations } from "../../../src/cli/project.ts";
import type { TableRow } from "../../../src/contract/tables.ts";
import { postgresTables, tables } from "../../../src/contract/tables.ts";
import { createPostgresRunner } from "../compiler/sql/postgres/run-postgres.ts";
import { root } from "../compiler/support.ts";

/** How each kind of column is declared. */
const types: Readonly<Record<string, { readonly sqlite: string; readonly postgres: string }>> = {
  text: { sqlite: "text", postgres: "text" },
  integer: { sqlite: "integer", postgres: "integer" },
  bigint: { sqlite: "integer", postgres: "bigint" },
  boolean: { sqlite: "integer", postgres: "boolean" },
  moment: { sqlite: "text", postgres: "timestamp(3) with time zone" },
  timestamp: { sqlite: "timestamp", postgres: "timestamp(3) with time zone" },
  json: { sqlite: "json", postgres: "jsonb" },
};

/** D1 has the schema in its names. */
const withoutSchema = (name: unknown): string => String(name).replace(/^sluice_/, "");

type Described = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
const onSqlite: Described = tables;
const onPostgres: Described = { ...tables, ...postgresTables };
/** Other tables are an application's, or list migrations. */
const isOwn = ({ table }: { readonly table: string }): boolean => Object.hasOwn(onPostgres, table);

const describedColumns = (described: Described, database: "sqlite" | "postgres") =>
  Object.entries(described).flatMap(([table, columns]) =>
    Object.entries(columns).map(([name, held]) => {
      const kind = typeof held === "string" ? held : "text";
      return { table, name, type: types[kind.replace("?", "")]?.[database], isNullable: kind.endsWith("?") };
    }),
  );

/** What is the same on both databases, its types aside. */
interface Made {
  readonly columns: { table: string; name: string; type: string; isNullable: boolean; value: string | null }[];
  readonly keys: { table: string; columns: string[] }[];
  readonly indexes: { table: string; name: string; columns: string[]; isUnique: boolean; condition: string | null }[];
  readonly checks: { table: string; name: string; words: string[] }[];
}

const byName = (a: { table: string; name: string }, b: { table: string; name: string }): number =>
  `${a.table} ${a.name}` < `${b.table} ${b.name}` ? -1 : 1;

const wordsIn = (condition: string): string[] => [...condition.matchAll(/'(\w+)'/g)].map(([, word = ""]) => word);

/** Rows whose lists are JSON. */
type Ask = (sql: string) => Promise<Record<string, unknown>[]>;

async function readSqlite(ask: Ask): Promise<Made> {
  const from = `sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' AND t.name LIKE 'sluice_%'`;
  const columns = await ask(
    `SELECT t.name AS "table", c.name, lower(c.type) AS type, c."notnull" = 0 AS isNullable, c.dflt_value AS value FROM ${from}`,
  );
  const keys = await ask(
    `SELECT "table", json_group_array(name) AS columns
     FROM (SELECT t.name AS "table", c.name FROM ${from} AND c.pk > 0 ORDER BY t.name, c.pk) GROUP BY "table"`,
  );
  const indexes = await ask(
    `SELECT t.name AS "table", i.name, i."unique" AS isUnique, s.sql,
       (SELECT json_group_array(name) FROM pragma_index_info(i.name)) AS columns
     FROM sqlite_schema AS t, pragma_index_list(t.name) AS i JOIN sqlite_schema AS s ON s.name = i.name
     WHERE t.type = 'table' AND t.name LIKE 'sluice_%' AND i.origin = 'c'`,
  );
  const sources = await ask(
    `SELECT name AS "table", sql FROM sqlite_schema WHERE type = 'table' AND name LIKE 'sluice_%'`,
  );
  const named = (fact: Record<string, unknown>) => ({ ...fact, table: withoutSchema(fact["table"]) });
  return toMade({
    columns: columns.map((column) => ({ ...named(column), isNullable: column["isNullable"] === 1 })),
    keys: keys.map((key) => ({ ...named(key), columns: JSON.parse(String(key["columns"])) })),
    indexes: indexes.map(({ sql, ...index }) => ({
      ...named(index),
      name: withoutSchema(index["name"]),
      columns: JSON.parse(String(index["columns"])),
      isUnique: index["isUnique"] === 1,
      condition: / WHERE (.*)$/.exec(String(sql))?.[1] ?? null,
    })),
    checks: sources.flatMap(({ table, sql }) =>
      [...String(sql).matchAll(/CONSTRAINT (\w+) CHECK (.*)/g)].map(([, name, condition = ""]) => ({
        table: withoutSchema(table),
        name,
        words: wordsIn(condition),
      })),
    ),
  });
}

async function readPostgres(ask: Ask): Promise<Made> {
  const isTable = "c.relkind = 'r' AND c.relnamespace = 'sluice'::regnamespace";
  const columns = await ask(
    `SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       NOT a.attnotnull AS "isNullable", pg_get_expr(d.adbin, d.adrelid) AS value
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE ${isTable} ORDER BY c.relname, a.attnum`,
  );
  const indexes = await ask(
    `SELECT c.relname AS table, n.relname AS name, i.indisunique AS "isUnique", i.indisprimary AS "isPrimary",
       (SELECT json_agg(replace(pg_get_indexdef(n.oid, place, true), '"', '') ORDER BY place)
        FROM generate_series(1, i.indnkeyatts) AS place) AS columns,
       replace(trim(BOTH '()' FROM pg_get_expr(i.indpred, c.oid)), '::text', '') AS condition
     FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class n ON n.oid = i.indexrelid WHERE ${isTable}`,
  );
  const checks = await ask(
    `SELECT c.relname AS table, k.conname AS name, pg_get_constraintdef(k.oid) AS condition
     FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'c' WHERE ${isTable}`,
  );
  return toMade({
    columns,
    keys: indexes.filter(({ isPrimary }) => isPrimary).map(({ table, columns }) => ({ table, columns })),
    indexes: indexes.filter(({ isPrimary }) => isPrimary === false).map(({ isPrimary: _isPrimary, ...index }) => index),
    checks: checks.map(({ condition, ...check }) => ({ ...check, words: wordsIn(String(condition)) })),
  });
}

/** The runtime's own, in an order that is the same for both: columns stay as they are in their table. */
function toMade(found: Readonly<Record<keyof Made, Record<string, unknown>[]>>): Made {
  const { columns, keys, indexes, checks } = found as unknown as Made;
  const tableOrder = Object.keys(onPostgres);
  const place = ({ table }: { readonly table: string }): number => tableOrder.indexOf(table);
  return {
    columns: columns.filter(isOwn).toSorted((a, b) => place(a) - place(b)),
    keys: keys.filter(isOwn).toSorted((a, b) => place(a) - place(b)),
    indexes: indexes.filter(isOwn).toSorted(byName),
    checks: checks.filter(isOwn).toSorted(byName),
  };
}

const sqlite = new DatabaseSync(":memory:");
const runner = createPostgresRunner();
const made = { sqlite: {} as Made, postgres: {} as Made };

beforeAll(async () => {
  for (const { sql } of readMigrations(root, "d1")) sqlite.exec(sql);
  made.sqlite = await readSqlite(async (sql) => sqlite.prepare(sql).all());
  made.postgres = await readPostgres((sql) => runner.run(sql));
  // Starts a server.
}, 60_000);
afterAll(() => runner.open.close());

describe.each([
  ["sqlite", onSqlite],
  ["postgres", onPostgres],
] as const)("on %s", (database, described) => {
  test("the migrations make these columns, in this order", () => {
    const columns = made[database].columns.map(({ value: _value, ...column }) => column);
    expect(columns).toEqual(describedColumns(described, database));
  });

  test("a column takes no other words than these", () => {
    const words = Object.entries(described).flatMap(([table, columns]) =>
      Object.entries(columns).flatMap(([column, held]) =>
        typeof held === "string" ? [] : [{ table, name: `${table}_${column}_check`, words: [...held] }],
      ),
    );
    expect(made[database].checks).toEqual(expect.arrayContaining(words));
    expect(made[database].checks.filter(({ words }) => words.length > 1)).toHaveLength(words.length);
  });
});

describe("the two databases have the same", () => {
  const common = <Fact extends { readonly table: string }>(facts: readonly Fact[]): Fact[] =>
    facts.filter(({ table }) => Object.hasOwn(onSqlite, table));

  test("defaults", () => {
    const defaults = ({ columns }: Made) => common(columns).map(({ table, name, value }) => ({ table, name, value }));
    expect(defaults(made.postgres)).toEqual(defaults(made.sqlite));
    expect(defaults(made.sqlite)).toContainEqual({ table: "files", name: "file_api", value: "true" });
  });

  test.each(["keys", "indexes", "checks"] as const)("%s", (facts) => {
    expect(common<{ readonly table: string }>(made.postgres[facts])).toEqual(made.sqlite[facts]);
    expect(made.sqlite[facts].length).toBeGreaterThan(0);
  });
});

test("PostgreSQL has 256 rows that are locks", async () => {
  expect(await runner.run("SELECT count(*) AS count FROM sluice.row_lock")).toEqual([{ count: 256 }]);
});

test("a row is typed as its table is described", () => {
  type File = TableRow<"files">;
  expectTypeOf<File["id"]>().toEqualTypeOf<string>();
  expectTypeOf<File["status"]>().toEqualTypeOf<"pending" | "stored" | "deleted" | "expired" | "gone">();
  expectTypeOf<File["file_size"]>().toEqualTypeOf<number>();
  expectTypeOf<File["width"]>().toEqualTypeOf<number | null>();
  expectTypeOf<File["expires_at"]>().toEqualTypeOf<string | null>();
  expectTypeOf<File["file_api"]>().toEqualTypeOf<boolean>();
  expectTypeOf<TableRow<"schedules">>().toEqualTypeOf<{ readonly endpoint: string; readonly last_slot: string }>();
});
