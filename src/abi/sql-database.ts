/**
 * A throw-away SQLite database with the deployment's tables: proves that a statement runs, and tells of columns. It
 * knows no PostgreSQL and no ABIs.
 */
import { didYouMean } from "./suggest.ts";

export interface TableColumn {
  readonly name: string;
  /** As declared, upper-case; empty when none is. */
  readonly type: string;
  readonly neverNull: boolean;
}

export interface ResultColumn {
  readonly name: string;
  /** Declared type of the column it comes from, upper-case; null for an expression. */
  readonly type: string | null;
}

export interface SqlDatabase {
  /** Columns of each table in order, by lower-case table name. */
  readonly tables: ReadonlyMap<string, readonly TableColumn[]>;
  /** The result's columns, or SQLite's message with "did you mean". */
  prepare(sql: string): readonly ResultColumn[] | string;
  /** Tells if a statement that can be prepared reads a whole table. */
  scans(sql: string): boolean;
}

/** One migration: plain SQL. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function explain(message: string, tables: SqlDatabase["tables"]): string {
  const column = /no such column: (?:\w+\.)?(\w+)/.exec(message)?.[1] ?? /has no column named (\w+)/.exec(message)?.[1];
  if (column !== undefined) {
    const known = new Set([...tables.values()].flat().map(({ name }) => name));
    return message + didYouMean(column, known);
  }
  const table = /no such table: (?:\w+\.)?(\w+)/.exec(message)?.[1];
  if (table !== undefined) return message + didYouMean(table, tables.keys());
  return /no such function/.test(message) ? `${message}: needs PostgreSQL` : message;
}

/** Applies the migrations in order. Throws a plain Error that names the migration SQLite refuses. */
export async function openSqlDatabase(migrations: readonly Migration[]): Promise<SqlDatabase> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(":memory:");
  for (const { name, sql } of migrations) {
    try {
      database.exec(sql);
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  const tables = new Map<string, readonly TableColumn[]>();
  for (const row of database
    .prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name")
    .all()) {
    const table = String(row["name"]);
    const columns = database.prepare(`PRAGMA table_xinfo(${quoteName(table)})`).all();
    tables.set(
      table.toLowerCase(),
      columns.map((column) => ({
        name: String(column["name"]),
        type: String(column["type"]).toUpperCase(),
        neverNull: column["notnull"] === 1,
      })),
    );
  }
  return {
    tables,
    prepare(sql) {
      try {
        const columns = database.prepare(sql).columns();
        return columns.map(({ name, type }) => ({ name, type: type?.toUpperCase() ?? null }));
      } catch (error) {
        return explain(error instanceof Error ? error.message : String(error), tables);
      }
    },
    scans: (sql) =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .some((step) => /^SCAN (?!CONSTANT ROW)/.test(String(step["detail"]))),
  };
}
