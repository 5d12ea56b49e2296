/** Converts a batch of statements to the queries of one transaction, and their answers to rows. */
import type { Json } from "../../../contract/plan.ts";
import { onPostgres, setUserPath } from "../../../contract/tables.ts";
import type { Row, Rows, Statement } from "../database.ts";
import { fromPostgres } from "./from-postgres.ts";
import { toPostgres } from "./to-postgres.ts";
import type { Query, QueryResult } from "./transport.ts";

export interface Exchange {
  readonly queries: readonly Query[];
  /** Each statement's rows, from the results of all queries. */
  readonly read: (results: readonly QueryResult[]) => Rows;
}

/**
 * First in every transaction. For its duration only, because poolers hand connections to others: how long a statement
 * may run, the form in which `from-postgres` reads times and bytes, and where tables without a schema are.
 */
export function toSettings(timeoutMilliseconds: number): Query {
  return {
    sql:
      "SELECT set_config('statement_timeout', $1, true), set_config('TimeZone', 'UTC', true), " +
      "set_config('DateStyle', 'ISO', true), set_config('bytea_output', 'hex', true), " +
      setUserPath(),
    values: [String(timeoutMilliseconds)],
  };
}

/** @throws Problem `row_rejected` when a value is not of its parameter's type */
export function toExchange(statements: readonly Statement[]): Exchange {
  const locks = toLocks(statements);
  const own = statements.map((statement) => {
    return { sql: statement.sql, values: statement.parameters.map(toPostgres) };
  });
  return {
    queries: [...locks, ...own],
    read: (results) =>
      statements.map((statement, index) => {
        const result = results[locks.length + index];
        if (result === undefined) throw new Error("PostgreSQL answered fewer results than queries were sent");
        return toRows(result, statement);
      }),
  };
}

/**
 * The batch's locks, all at once and in one order, so that no two batches wait for each other. They are rows of the
 * table row_lock, chosen by the names' hashes and created when first needed; an upsert locks them and changes nothing.
 * Hyperdrive supports no advisory locks:
 * https://developers.cloudflare.com/hyperdrive/reference/supported-databases-and-features/
 */
function toLocks(statements: readonly Statement[]): Query[] {
  const names = new Set(statements.flatMap(({ lock }) => (lock === undefined ? [] : [lock])));
  if (names.size === 0) return [];
  const numbers =
    "SELECT DISTINCT hashtextextended(name, 0) & 255 FROM json_array_elements_text($1::json) AS list(name) ORDER BY 1";
  const sql = `INSERT INTO ${onPostgres("row_lock")} (number) ${numbers} ON CONFLICT (number) DO UPDATE SET number = EXCLUDED.number WHERE false`;
  return [{ sql, values: [JSON.stringify([...names])] }];
}

function toRows({ columns, rows }: QueryResult, statement: Statement): readonly Row[] {
  const typed = columns.map(({ name, typeId }) => {
    const type = Object.hasOwn(statement.columns, name) ? statement.columns[name] : undefined;
    return { name, toJson: (text: string | null): Json => (text === null ? null : fromPostgres(text, typeId, type)) };
  });
  return rows.map((row) => Object.fromEntries(typed.map(({ name, toJson }, at) => [name, toJson(row[at] ?? null)])));
}
