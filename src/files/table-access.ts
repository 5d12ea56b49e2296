/** Sends single statements on the runtime's own tables. Knows nothing of what they say. */
import type { SQL } from "drizzle-orm";
import type { Database, Row } from "../database/database.ts";
import { toStatement, type Dialect } from "../database/dialect.ts";

export interface TableAccess {
  readonly read: (query: SQL) => Promise<readonly Row[]>;
  /** Resolves with what a RETURNING clause gives. */
  readonly write: (query: SQL) => Promise<readonly Row[]>;
}

export function createTableAccess(database: Database, dialect: Dialect): TableAccess {
  const send = async (query: SQL, writes: boolean) =>
    (await database.batch([toStatement(dialect, query, { writes })]))[0] ?? [];
  return { read: (query) => send(query, false), write: (query) => send(query, true) };
}
