/**
 * How a statement undoes its own transaction: an INSERT into the table row_guard, which accepts no row at all. Zero
 * says that a required row is missing, NULL that a forbidden one exists. The compiler prints guards around the
 * statements of ABIs; the runtime puts the two of this file around its own.
 */
import { onD1, onPostgres } from "./tables.ts";

export const guardTable = "row_guard";
/** The table's constraint that refuses zero. NULL is refused by the column. */
export const missingConstraint = "row_missing";

/** The table's constraint that refuses any number of rows over a limit. */
export const excessConstraint = "row_excess";

/** How the guards begin; what they select is refused. Functions, so that a Worker has only its own database's. */
export const guardOnD1 = (): string => `INSERT INTO ${onD1(guardTable)} (found) SELECT`;
export const guardOnPostgres = (): string => `INSERT INTO ${onPostgres(guardTable)} (found) SELECT`;

/** For D1: comes right after a write, which it makes fail where no row was changed. */
export const changeGuard = (): string => `${guardOnD1()} 0 WHERE changes() = 0`;

/** For PostgreSQL: refuses that the part `sluice_rows` of the statement is empty. */
export const rowsGuard = (): string => `${guardOnPostgres()} 0 WHERE NOT EXISTS (SELECT FROM sluice_rows)`;

/**
 * For PostgreSQL, which runs every INSERT of a WITH clause to its end, whatever the rest reads: the statement, which
 * fails where it has no rows and returns them otherwise. One that changes rows needs a RETURNING clause.
 * @param clause what the guard's WITH clause begins with; one in the statement itself may only read
 */
export function guardRows(sql: string, clause = "WITH"): string {
  return `${guardClause(sql, clause)} SELECT * FROM sluice_rows`;
}

/** The same without what reads its rows. */
export const guardClause = (sql: string, clause: string): string =>
  `${clause} sluice_rows AS (${sql}), sluice_guard AS (${rowsGuard()})`;

/** Whether a statement, or what follows it, has a guard against a row that is missing. */
export const refusesNoRow = (sql: string): boolean => sql.includes(guardTable) && sql.includes(" SELECT 0 WHERE ");
