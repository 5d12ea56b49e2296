/**
 * Makes a statement guard itself: PostgreSQL runs every INSERT of a WITH clause to its end, whatever the rest reads, so
 * one that violates a constraint of the table row_guard undoes a batch that nobody watches. Knows nothing of drivers.
 */
import type { Statement } from "../database.ts";
import { splitWith } from "./with-clause.ts";

/** What a violation of row_guard is told by: migrations/postgres. */
export const ROW_MISSING_CONSTRAINT = "row_missing";
export const EMPTY_GUARD_TABLE = "row_guard";

/**
 * The SQL to send for a statement. What must return a row is read through a WITH clause next to an INSERT that fails
 * when there is none; a write needs a RETURNING clause for that. Of what must be empty only its guard is sent.
 */
export function toGuardedSql(statement: Statement): string {
  const { sql } = statement;
  if (statement.mustBeEmpty === true) {
    return `INSERT INTO row_guard (found) SELECT NULL::integer WHERE EXISTS (${sql}\n)`;
  }
  if (!statement.mustReturn) return sql;
  // A WITH clause that writes may only stand at the top: the guard joins it instead of going around it.
  const { clause, main } = splitWith(sql);
  return (
    `${clause === "" ? "WITH" : `${clause},`} sluice_rows AS (${main}\n), ` +
    "sluice_guard AS (INSERT INTO row_guard (found) SELECT 0 WHERE NOT EXISTS (SELECT FROM sluice_rows)) " +
    "SELECT * FROM sluice_rows"
  );
}
