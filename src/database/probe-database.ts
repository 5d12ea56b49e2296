/** Finds out whether the database answers and is migrated, at the same cost however much it holds. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { toStatement, type Dialect } from "./dialect.ts";

/** Reads no row. @throws Problem `misconfigured` where a table of the runtime is missing, `database_unavailable` */
export async function probeDatabase(database: Database, dialect: Dialect): Promise<void> {
  const tables = sql.join(Object.values(dialect.tables), sql`, `);
  await database.batch([toStatement(dialect, sql`SELECT 1 FROM ${tables} LIMIT 0`)]);
}
