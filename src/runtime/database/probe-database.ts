/** Checks that the database answers and is migrated, at the same cost however much it holds. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import type { Dialect } from "./dialect.ts";
import { quoted } from "./quoted-names.ts";
import { createStatements } from "./statements.ts";

/** Reads no row. @throws Problem `misconfigured` where a table of the runtime is missing, `database_unavailable` */
export async function probeDatabase(database: Database, dialect: Dialect): Promise<void> {
  const tables = sql.join(Object.values(quoted), sql`, `);
  await createStatements(database, dialect).read(sql`SELECT 1 FROM ${tables} LIMIT 0`);
}
