/**
 * Databases of the version whose tables and the user's were one sequence of files: what of it is the runtime's now, and the
 * SQL that gives the tables their names of today. Nothing is copied.
 */
import { guardTable } from "../../contract/row-guard.ts";
import { onD1, onPostgres } from "../../contract/tables.ts";
import type { MigrationFile } from "./migration-file.ts";
import type { AppliedMigration, DatabaseState } from "./database-state.ts";

/** The runtime's files then, and today. */
const filesOfToday: ReadonlyMap<string, string> = new Map([
  ["0001_files.sql", "0001_files.sql"],
  ["0003_documents.sql", "0002_documents.sql"],
  ["0004_links.sql", "0003_links.sql"],
  ["0005_file_api.sql", "0004_file_api.sql"],
  ["0006_jobs.sql", "0005_jobs.sql"],
  ["0007_file_api.sql", "0006_managed_files.sql"],
  ["0008_waiting_jobs.sql", "0007_waiting_jobs.sql"],
]);

export const earlierNames: readonly string[] = [...filesOfToday.keys()];

/** The table that no user has any use for tells. */
export function hasEarlierTables({ tables }: Pick<DatabaseState, "tables">): boolean {
  return (
    tables.includes(guardTable) && ![onD1(guardTable), onPostgres(guardTable)].some((name) => tables.includes(name))
  );
}

/** What of the one sequence is whose. Checksums do not count: old files may have to name the tables anew. */
export function splitEarlier(applied: readonly AppliedMigration[]): Pick<DatabaseState, "runtime" | "user"> {
  const unchecked = applied.map(({ name }) => ({ name, checksum: null }));
  return {
    runtime: unchecked.flatMap(({ name, checksum }) => {
      const today = filesOfToday.get(name);
      return today === undefined ? [] : [{ name: today, checksum }];
    }),
    user: unchecked.filter(({ name }) => !filesOfToday.has(name)),
  };
}

const namesIn = (files: readonly MigrationFile[], pattern: RegExp): string[] => [
  ...new Set(files.flatMap(({ sql }) => [...sql.matchAll(pattern)].map(([, name = ""]) => name))),
];

const tablesOf = (files: readonly MigrationFile[]): string[] => namesIn(files, /^CREATE TABLE sluice[_.](\w+)/gm);

/** A row of D1's sqlite_schema. */
export interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly sql: string | null;
}

/** SQLite cannot rename an index: it is made anew. The user's own on these tables keep their names. */
export function moveOnD1(files: readonly MigrationFile[], schema: readonly SchemaRow[]): string[] {
  const own = new Set(namesIn(files, /^CREATE (?:UNIQUE )?INDEX sluice_(\w+)/gm));
  const indexes = schema.filter(({ type, name }) => type === "index" && own.has(name));
  return [
    ...tablesOf(files).map((table) => `ALTER TABLE ${table} RENAME TO ${onD1(table)}`),
    ...indexes.map(({ name }) => `DROP INDEX ${name}`),
    ...indexes.map(({ sql }) =>
      (sql ?? "").replace(
        /INDEX (\w+) ON (\w+)/,
        (_, index: string, table: string) => `INDEX ${onD1(index)} ON ${onD1(table)}`,
      ),
    ),
  ];
}

/** Indexes, constraints and sequences go with their table. */
export function moveOnPostgres(files: readonly MigrationFile[], schema: string): string[] {
  return tablesOf(files).map((table) => `ALTER TABLE public.${table} SET SCHEMA ${schema}`);
}
