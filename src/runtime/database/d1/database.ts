/** The database port on D1: one `batch`, which D1 runs as one transaction. */
import { guardTable, missingConstraint } from "../../../contract/row-guard.ts";
import { Problem } from "../../../contract/problem.ts";
import { onD1 } from "../../../contract/tables.ts";
import type { Database } from "../database.ts";
import { fromD1, toD1 } from "./values.ts";

export function createD1Database(d1: D1Database): Database {
  const batch: Database["batch"] = async (statements) => {
    if (statements.length === 0) return [];
    const prepared = statements.map(({ sql, parameters }) => d1.prepare(sql).bind(...parameters.map(toD1)));
    const send = () => run(() => d1.batch<Record<string, unknown>>(prepared));
    const isRead = statements.every(({ writes }) => !writes);
    const results = await (isRead ? retried(send) : send());
    return statements.map(({ columns }, index) => (results[index]?.results ?? []).map((row) => fromD1(row, columns)));
  };
  // Each batch is durable when it is answered, and nothing can be taken back.
  return { batch, begin: () => ({ send: batch, commit: batch, rollback: async () => undefined }) };
}

/** Retries once when D1 could not be reached. A write is never sent again: it may have taken effect. */
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
  if (reason.includes(`CHECK constraint failed: ${missingConstraint}`)) {
    return new Problem("row_missing", { reason, cause, detail: "A row that this call depends on was not found." });
  }
  const isFound = reason.includes(`NOT NULL constraint failed: ${onD1(guardTable)}.found`);
  if (isFound || /(?:UNIQUE|PRIMARY KEY) constraint failed/.test(reason)) {
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
