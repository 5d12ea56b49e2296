/** The databases that Sluice runs on, and what the compiler needs of each: its target and its migrations. */
import type { DatabaseName } from "../contract/database-names.ts";
import { createPostgresTarget } from "../compiler/sql/postgres/target.ts";
import type { SqlTarget } from "../compiler/sql/target.ts";
import { sqliteTarget } from "../compiler/sql/sqlite/target.ts";

export type MigrationsFolder = "d1" | "postgres";

interface Means {
  readonly target: SqlTarget;
  /** Below migrations/. */
  readonly migrations: MigrationsFolder;
}

const d1: Means = { target: sqliteTarget, migrations: "d1" };
const postgres: Means = { target: createPostgresTarget(), migrations: "postgres" };

/** One per kind of database, in the order in which they are shown. */
export const kinds: readonly Means[] = [d1, postgres];

export function databaseKindOf(database: DatabaseName): Means {
  return database === "d1" ? d1 : postgres;
}
