/**
 * SQLite as a target, as D1 runs it: statements are rewritten to what it understands with the same meaning, and
 * prepared on a database in memory.
 */
import type { DatabaseSync } from "node:sqlite";
import { onD1 } from "../../../contract/tables.ts";
import { sqliteDocuments } from "../../documents/dialect.ts";
import { filesView, viewOnSqlite } from "../../migrations/files-view.ts";
import { sqliteMustFind, sqliteMustFindNothing } from "./guard.ts";
import type {
  Migration,
  Prepared,
  Refusal,
  SqlDatabase,
  SqlTarget,
  TableColumn,
  Tables,
  UniqueKeys,
} from "../target.ts";
import { refusedLineOnSqlite } from "./refusal-line.ts";
import { MigrationError } from "../target.ts";
import { rowsOnSqlite } from "../named-files.ts";
import { nameColumns } from "../names.ts";
import type { ParsedStatement } from "../parse.ts";
import { makePortable } from "./portable.ts";
import { parameterTypes } from "../parameters.ts";
import { columnKinds, columnType, declaredKind } from "../types.ts";
import { didYouMean } from "../../text/suggest.ts";

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What an error speaks of: it names no place. */
const named =
  /(?:no such (?:column|table|function): |has no column named |ambiguous column name: |arguments to function )(?<name>[\w.]+)|near "(?<near>[^"]+)"/;

function advise(message: string, name: string, tables: Tables): string {
  const last = name.split(".").at(-1) ?? "";
  if (/no such column|has no column named/.test(message)) {
    return didYouMean(
      last,
      [...tables.values()].flat().map((column) => column.name),
    );
  }
  if (message.includes("no such table")) return didYouMean(last, tables.keys());
  return message.includes("no such function") ? ": needs PostgreSQL" : "";
}

function explain(message: string, tables: Tables): Refusal {
  const { name, near } = named.exec(message)?.groups ?? {};
  const text = name ?? near;
  return {
    message: message + advise(message, name ?? "", tables),
    word: text === undefined ? null : { text, nth: 0 },
  };
}

function neverNullIn(tables: Tables): (column: string) => boolean {
  const columns = [...tables.values()].flat();
  return (name) => {
    const alike = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
    return alike.length > 0 && alike.every((column) => column.neverNull);
  };
}

function momentFault(type: string): string | null {
  const kind = declaredKind(type);
  return kind === "timestamp" || kind === "text" || type === "" ? null : `is ${type}; expected TIMESTAMP or TEXT`;
}

/** @param isKey it alone is the table's primary key */
function describeColumn(column: Readonly<Record<string, unknown>>, isKey: boolean): TableColumn {
  const type = String(column["type"]).toUpperCase();
  return {
    name: String(column["name"]),
    kind: declaredKind(type),
    // The row's own number: https://sqlite.org/lang_createtable.html#rowid
    neverNull: column["notnull"] === 1 || (isKey && type === "INTEGER"),
    momentFault: momentFault(type),
  };
}

/** A view does not tell which of its columns are never null: its table does. */
function readTables(database: DatabaseSync, hasFilesView: boolean): Tables {
  const found = database.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name");
  const names = found.all().map((row) => String(row["name"]).toLowerCase());
  const tables = names.map((name): [string, TableColumn[]] => {
    const source = name === filesView && hasFilesView ? onD1(filesView) : name;
    const columns = database.prepare(`PRAGMA table_xinfo(${quoteName(source)})`).all();
    const keys = columns.filter((column) => Number(column["pk"]) > 0);
    return [name, columns.map((column) => describeColumn(column, keys.length === 1 && keys[0] === column))];
  });
  return new Map(tables.filter(([name]) => !name.startsWith(onD1(""))));
}

/** Primary keys, and unique indexes of whole tables and plain columns. */
function readKeys(database: DatabaseSync, tables: Tables): UniqueKeys {
  return new Map(
    [...tables.keys()].map((table) => {
      const columns = database.prepare(`PRAGMA table_xinfo(${quoteName(table)})`).all();
      const primary = columns.filter((column) => Number(column["pk"]) > 0).map((column) => String(column["name"]));
      const indexes = database.prepare(`PRAGMA index_list(${quoteName(table)})`).all();
      const whole = indexes.filter((index) => index["unique"] === 1 && index["partial"] === 0);
      const keys = whole.map((index) => {
        return database.prepare(`PRAGMA index_info(${quoteName(String(index["name"]))})`).all();
      });
      const plain = keys.filter((parts) => parts.every((part) => part["name"] !== null));
      const named = plain.map((parts) => parts.map((part) => String(part["name"])));
      return [table, primary.length === 0 ? named : [primary, ...named]];
    }),
  );
}

async function openSqlite(migrations: readonly Migration[]): Promise<SqlDatabase> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(":memory:");
  for (const [index, { name, sql }] of migrations.entries()) {
    try {
      database.exec(sql);
    } catch (error) {
      // Part of it is there now.
      const before = new DatabaseSync(":memory:");
      for (const migration of migrations.slice(0, index)) before.exec(migration.sql);
      throw new MigrationError(name, refusedLineOnSqlite(before, sql), error);
    }
  }
  const hasFilesView = database.prepare(viewOnSqlite.find).get()?.["own"] === 1;
  const tables = readTables(database, hasFilesView);
  const isNeverNull = neverNullIn(tables);
  return {
    tables,
    keys: readKeys(database, tables),
    hasFilesView,
    async translate(statement) {
      const { tree, refusals, warnings } = makePortable(nameColumns(statement.result), isNeverNull);
      const why = refusals.map((what) => `needs PostgreSQL, D1's SQLite has no equal for ${what}`);
      if (why.length > 0) return { sql: "", refusals: why, warnings };
      const { printSqlite } = await import("./print.ts");
      return { sql: printSqlite(tree), refusals: why, warnings };
    },
    async prepare(sql, statement) {
      try {
        const columns = database.prepare(sql).columns();
        return describe(
          statement,
          columns.map(({ name, type }) => ({ name, type: type?.toUpperCase() ?? null })),
          tables,
        );
      } catch (error) {
        return explain(error instanceof Error ? error.message : String(error), tables);
      }
    },
    // It has no functions of its users, and none of its own writes.
    hasEffects: async () => false,
    scans: async (sql) =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .some((step) => /^SCAN (?!CONSTANT ROW)/.test(String(step["detail"]))),
    async close() {
      database.close();
    },
  };
}

/** SQLite knows no types of expressions and parameters: what it leaves open, the parsed statement tells. */
function describe(
  statement: ParsedStatement | null,
  columns: readonly { readonly name: string; readonly type: string | null }[],
  tables: Tables,
): Prepared {
  const kinds = statement === null ? [] : columnKinds(statement, columns, tables);
  return {
    columns: columns.map(({ name }, index) => {
      const kind = kinds[index] ?? "unknown";
      return { name, kind, type: columnType(kind) };
    }),
    parameters: statement === null ? [] : parameterTypes(statement, tables),
    faults: [],
  };
}

export const sqliteTarget: SqlTarget = {
  name: "D1",
  dialectName: "SQLite",
  isInteractive: false,
  // Both: https://developers.cloudflare.com/d1/platform/limits/
  maxParameters: 100,
  maxColumns: 100,
  needsLocks: false,
  documents: sqliteDocuments,
  mustFind: async (statement) => sqliteMustFind(statement),
  withFiles: (naming, _, opened) => rowsOnSqlite(naming, opened),
  mustFindNothing: sqliteMustFindNothing,
  open: openSqlite,
};
