/** The database on D1: one `batch`, which D1 runs as one transaction. Knows nothing of plans or files. */
import { Problem } from "../../../contract/problem.ts";
import type { Database, Row, Statement } from "../database.ts";
import { fromD1, toD1 } from "./values.ts";

/**
 * Follows a statement that must return a row. D1 has no interactive transaction, so the batch itself has to notice:
 * a statement that changed nothing makes this one violate the table's constraint `row_missing`.
 */
const CHANGED_GUARD = "INSERT INTO row_guard (found) SELECT 0 WHERE changes() = 0";
/** The same for a statement that only reads. */
const readGuard = (sql: string) => `INSERT INTO row_guard (found) SELECT 0 WHERE NOT EXISTS (${sql})`;
/** A read that must find nothing: NULL violates another constraint of the table, which tells the two apart. */
const emptyGuard = (sql: string) => `INSERT INTO row_guard (found) SELECT NULL WHERE EXISTS (${sql})`;

export function createD1Database(d1: D1Database): Database {
  const batch: Database["batch"] = async (statements) => {
    if (statements.length === 0) return [];
    const guarded = statements.map((statement) => prepare(d1, statement));
    const send = () => run(() => d1.batch<Record<string, unknown>>(guarded.flat()));
    const isRead = statements.every(({ writes }) => !writes);
    const results = await (isRead ? retried(send) : send());
    let next = 0;
    return statements.map((statement, index): readonly Row[] => {
      const result = results[next];
      next += guarded[index]?.length ?? 1;
      return (result?.results ?? []).map((row) => fromD1(row, statement.columns));
    });
  };
  // Each batch is durable when it is answered, and nothing can be taken back.
  return { batch, begin: () => ({ send: batch, commit: batch, rollback: async () => undefined }) };
}

/** The statement, followed by its guard when it must return a row. What must be empty is its guard alone. */
function prepare(d1: D1Database, statement: Statement): D1PreparedStatement[] {
  const values = statement.parameters.map(toD1);
  if (statement.mustBeEmpty === true) return [d1.prepare(emptyGuard(statement.sql)).bind(...values)];
  const prepared = d1.prepare(statement.sql).bind(...values);
  if (!statement.mustReturn) return [prepared];
  const guard = statement.writes ? d1.prepare(CHANGED_GUARD) : d1.prepare(readGuard(statement.sql)).bind(...values);
  return [prepared, guard];
}

/** Once more when D1 could not be reached. A write is never sent again: it may have been done. */
async function retried<Result>(send: () => Promise<Result>): Promise<Result> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof Problem && error.code === "database_unavailable") return send();
    throw error;
  }
}

async function run<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw toProblem(error);
  }
}

/** D1 tells errors apart by their text only: https://developers.cloudflare.com/d1/observability/debug-d1/ */
function toProblem(cause: unknown): Problem {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (reason.includes("CHECK constraint failed: row_missing")) {
    return new Problem("row_missing", { reason, cause, detail: "A row that this call depends on was not found." });
  }
  if (/(?:UNIQUE|PRIMARY KEY) constraint failed|NOT NULL constraint failed: row_guard\.found/.test(reason)) {
    return new Problem("unique_violation", { reason, cause, detail: "A row with the same unique value exists." });
  }
  if (/SQLITE_(?:CONSTRAINT|MISMATCH|TOOBIG)|malformed JSON/.test(reason)) {
    return new Problem("row_rejected", { reason, cause, detail: "The values do not satisfy the table's constraints." });
  }
  if (/no such (?:table|column)/.test(reason)) {
    return new Problem("misconfigured", { reason: `Run the migrations: ${reason}`, cause });
  }
  if (reason.includes("SQLITE_ERROR")) return new Problem("internal", { reason, cause });
  return new Problem("database_unavailable", { reason, cause, headers: { "Retry-After": "5" } });
}
