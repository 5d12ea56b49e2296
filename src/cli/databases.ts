/** The databases that Sluice runs on, and what the compiler needs of each: its target, and whose migrations it takes. */
import type { DatabaseName } from "../contract/database-names.ts";
import { createPostgresTarget } from "../compiler/sql/postgres/target.ts";
import type { SqlTarget } from "../compiler/sql/target.ts";
import { sqliteTarget } from "../compiler/sql/sqlite/target.ts";

/** Also the name of a folder of migrations. */
export type DatabaseKind = "d1" | "postgres";

interface Means {
  readonly target: SqlTarget;
  readonly kind: DatabaseKind;
}

const d1: Means = { target: sqliteTarget, kind: "d1" };
const postgres: Means = { target: createPostgresTarget(), kind: "postgres" };

/** One per kind of database, in the order in which they are shown. */
export const kinds: readonly Means[] = [d1, postgres];

export function databaseKindOf(database: DatabaseName): Means {
  return database === "d1" ? d1 : postgres;
}
