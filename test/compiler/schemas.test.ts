/** The runtime's own tables: one schema in two dialects, and migrations that make exactly those. */
import { DatabaseSync } from "node:sqlite";
import { getTableColumns } from "drizzle-orm";
import type { AnyPgTable } from "drizzle-orm/pg-core";
import { getTableConfig as getPostgresConfig } from "drizzle-orm/pg-core";
import type { AnySQLiteTable } from "drizzle-orm/sqlite-core";
import { getTableConfig as getSqliteConfig } from "drizzle-orm/sqlite-core";
import { afterAll, describe, expect, expectTypeOf, test } from "vitest";
import { readFileSync } from "node:fs";
import { schemaKinds } from "../../scripts/migrations/schemas.ts";
import type { SchemaKind } from "../../scripts/migrations/schemas.ts";
import { tidyStatement } from "../../scripts/migrations/tidy-statement.ts";
import { readMigrations } from "../../src/cli/project.ts";
import type * as d1Schema from "../../src/database/d1/schema.ts";
import type * as postgresSchema from "../../src/database/postgres/schema.ts";
import { createPostgresRunner } from "./run-postgres.ts";
import { root } from "./support.ts";

function kindOf(folder: SchemaKind["folder"]): SchemaKind {
  const kind = schemaKinds.find((candidate) => candidate.folder === folder);
  if (kind === undefined) throw new Error(`no schema for ${folder}`);
  return kind;
}

const d1 = kindOf("d1");
const postgres = kindOf("postgres");
/** D1 has one writer at a time. */
const onlyPostgres = ["row_lock"];

describe("the two schemas", () => {
  test("have the same tables", () => {
    expect([...postgres.tables.keys()].filter((name) => !onlyPostgres.includes(name)).sort()).toEqual(
      [...d1.tables.keys()].sort(),
    );
  });

  /** What a type of SQLite's is on PostgreSQL: moments are told by their names. */
  function expectedType(sqliteType: string, name: string, dataType: string): string[] {
    const isMoment = /_at$|^(?:first_seen|last_slot)$/.test(name);
    if (sqliteType === "integer") return dataType === "boolean" ? ["boolean"] : ["integer", "bigint"];
    if (sqliteType === "json") return ["jsonb"];
    return [isMoment ? "timestamp(3) with time zone" : sqliteType];
  }

  test.each([...d1.tables])("have the same columns and indexes in %s", (name, table) => {
    const other = postgres.tables.get(name);
    if (other === undefined) throw new Error("missing");
    const [here, there] = [Object.values(getTableColumns(table)), Object.values(getTableColumns(other))];
    const describeColumn = (column: (typeof here)[number]): unknown => ({
      name: column.name,
      neverNull: column.notNull,
      default: column.default,
      isPrimary: column.primary,
      isUnique: column.isUnique,
      values: column.enumValues,
    });
    expect(there.map(describeColumn)).toEqual(here.map(describeColumn));
    for (const [index, column] of here.entries()) {
      expect(expectedType(column.getSQLType(), column.name, column.dataType)).toContain(there[index]?.getSQLType());
    }
    const [sqlite, server] = [getSqliteConfig(table as AnySQLiteTable), getPostgresConfig(other as AnyPgTable)];
    const nameOf = (column: object): unknown => ("name" in column ? column.name : null);
    const describeIndex = ({
      config,
    }: {
      readonly config: { name?: string; columns: object[]; unique: boolean; where?: unknown };
    }): unknown => ({
      name: config.name,
      columns: config.columns.map(nameOf),
      isUnique: config.unique,
      isPartial: config.where !== undefined,
    });
    expect(server.indexes.map(describeIndex)).toEqual(sqlite.indexes.map(describeIndex));
    expect(server.primaryKeys.map(({ columns }) => columns.map(nameOf))).toEqual(
      sqlite.primaryKeys.map(({ columns }) => columns.map(nameOf)),
    );
    expect(server.checks.map(nameOf)).toEqual(sqlite.checks.map(nameOf));
  });

  test("have the same rows for TypeScript", () => {
    expectTypeOf<(typeof postgresSchema)["files"]["$inferSelect"]>().toEqualTypeOf<
      (typeof d1Schema)["files"]["$inferSelect"]
    >();
    expectTypeOf<(typeof postgresSchema)["jobs"]["$inferSelect"]>().toEqualTypeOf<
      (typeof d1Schema)["jobs"]["$inferSelect"]
    >();
    expectTypeOf<(typeof postgresSchema)["links"]["$inferSelect"]>().toEqualTypeOf<
      (typeof d1Schema)["links"]["$inferSelect"]
    >();
  });
});

const statementsOf = async (kind: SchemaKind): Promise<string> =>
  (await kind.difference(null, await kind.snapshot(kind.tables))).join("\n");

test.each(schemaKinds.map((kind) => [kind.folder, kind] as const))(
  "%s: no change waits for a migration",
  async (folder, kind) => {
    const recorded = readFileSync(`${root}migrations/${folder}/meta/snapshot.json`, "utf8");
    expect(await kind.difference(recorded, await kind.snapshot(kind.tables))).toEqual([]);
  },
);

describe("the migrations make what drizzle-kit makes of the schema", () => {
  test("on D1", async () => {
    const describeDatabase = (...scripts: readonly string[]): unknown => {
      const database = new DatabaseSync(":memory:");
      for (const sql of scripts) database.exec(sql);
      return [...d1.tables.keys()].sort().map((name) => {
        const source = String(database.prepare("SELECT sql FROM sqlite_schema WHERE name = ?").get(name)?.["sql"]);
        const indexes = database
          .prepare("SELECT name, sql FROM sqlite_schema WHERE tbl_name = ? AND type = 'index' ORDER BY name")
          .all(name);
        return {
          name,
          columns: database.prepare(`PRAGMA table_xinfo("${name}")`).all(),
          checks: [...source.matchAll(/CONSTRAINT \w+ CHECK \(.*\)/g)].map(([check]) => check).sort(),
          indexes,
        };
      });
    };
    expect(describeDatabase(...readMigrations(root, "d1").map(({ sql }) => sql))).toEqual(
      describeDatabase(await statementsOf(d1)),
    );
  });

  const runner = createPostgresRunner();
  afterAll(() => runner.open.close());

  test("on PostgreSQL", async () => {
    const server = await runner.server();
    const names = [...postgres.tables.keys()].map((name) => `'${name}'`).join(", ");
    const describeSchema = async (schema: string): Promise<unknown> => {
      const inSchema = `n.nspname = '${schema}' AND c.relname IN (${names})`;
      const columns = await server.run(
        `SELECT c.relname::text AS table, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type,
           a.attnotnull::text AS never_null, a.attidentity::text AS identity, pg_get_expr(d.adbin, d.adrelid) AS default
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
         WHERE ${inSchema} AND a.attnum > 0 ORDER BY c.relname, a.attnum`,
      );
      const constraints = await server.run(
        `SELECT c.relname::text AS table, k.conname::text AS name, pg_get_constraintdef(k.oid) AS definition
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE ${inSchema} ORDER BY c.relname, k.conname`,
      );
      const indexes = await server.run(
        `SELECT replace(i.indexdef, '${schema}.', '') AS definition FROM pg_indexes i
         WHERE i.schemaname = '${schema}' AND i.tablename IN (${names}) ORDER BY i.indexname`,
      );
      return { columns, constraints, indexes };
    };
    await server.run(
      `CREATE SCHEMA fresh; SET search_path = fresh; ${await statementsOf(postgres)}; SET search_path = public`,
    );
    expect(await describeSchema("public")).toEqual(await describeSchema("fresh"));
    expect(await runner.run("SELECT count(*) AS count FROM row_lock")).toEqual([{ count: 256 }]);
  });
});

test.each([
  ['CREATE TABLE "a" (\n\t"id" text,\n\t"user" text\n);', 'CREATE TABLE a (\n  id text,\n  "user" text\n);'],
  [
    "CREATE TABLE `a` (`b` text DEFAULT 'x,`y` \"z\"' NOT NULL);",
    "CREATE TABLE a (b text DEFAULT 'x,`y` \"z\"' NOT NULL);",
  ],
  ['ALTER TABLE "a" ADD COLUMN "at" timestamp(3) with time zone', "ALTER TABLE a ADD COLUMN at timestamptz(3);"],
  [
    'CREATE INDEX "i" ON "a" USING btree ("b","c") WHERE "a"."b" is not null;',
    "CREATE INDEX i ON a (b, c) WHERE b IS NOT NULL;",
  ],
])("tidy: %s", (statement, tidy) => {
  expect(tidyStatement(statement)).toBe(tidy);
});
