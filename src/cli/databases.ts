/**
 * The databases that Sluice runs on and what each of them is to the compiler: its engine and its migrations. It knows
 * nothing of statements.
 */
import type { DatabaseName } from "../contract/database-names.ts";
import { createPostgresEngine } from "../compiler/sql/postgres/engine.ts";
import type { SqlEngine } from "../compiler/sql/engine.ts";
import { sqliteEngine } from "../compiler/sql/sqlite/engine.ts";

export type MigrationsFolder = "d1" | "postgres";

interface Means {
  readonly engine: SqlEngine;
  /** Below migrations/. */
  readonly migrations: MigrationsFolder;
}

const d1: Means = { engine: sqliteEngine, migrations: "d1" };
const postgres: Means = { engine: createPostgresEngine(), migrations: "postgres" };

/** One per kind of database, in the order in which they are shown. */
export const kinds: readonly Means[] = [d1, postgres];

export function meansOf(database: DatabaseName): Means {
  return database === "d1" ? d1 : postgres;
}
