/**
 * The runtime's own statements, written once with Drizzle's tables and operators and printed for the engine at hand. The
 * dialects differ in little: tables' types, placeholders, and how a list is bound as one value.
 */
import type { Column, SQL, Table } from "drizzle-orm";
import { sql } from "drizzle-orm";
import { CasingCache } from "drizzle-orm/casing";
import type {
  files,
  idempotency_keys,
  job_steps,
  jobs,
  reconcile_findings,
  reconcile_runs,
  schedules,
  link_epochs,
  links,
} from "./d1/schema.ts";
import type { Statement } from "./database.ts";
import type { Json } from "../plan.ts";

/** Rows of the runtime's own tables, as every engine answers them. */
export type FileRow = typeof files.$inferSelect;
export type IdempotencyKeyRow = typeof idempotency_keys.$inferSelect;
export type ReconcileRunRow = typeof reconcile_runs.$inferSelect;
export type ReconcileFindingRow = typeof reconcile_findings.$inferSelect;

export type JobRow = typeof jobs.$inferSelect;
export type JobStepRow = typeof job_steps.$inferSelect;
export type ScheduleRow = typeof schedules.$inferSelect;
export type LinkRow = typeof links.$inferSelect;
export type LinkEpochRow = typeof link_epochs.$inferSelect;

type TableOf<TableRow> = Table & { readonly [Name in keyof TableRow]: Column };

/** The runtime's own tables in the engine's types: same names, same columns. */
export interface RuntimeTables {
  readonly files: TableOf<FileRow>;
  readonly links: TableOf<LinkRow>;
  readonly link_epochs: TableOf<LinkEpochRow>;
  readonly jobs: TableOf<JobRow>;
  readonly job_steps: TableOf<JobStepRow>;
  readonly schedules: TableOf<ScheduleRow>;
  readonly idempotency_keys: TableOf<IdempotencyKeyRow>;
  readonly reconcile_runs: TableOf<ReconcileRunRow>;
  readonly reconcile_findings: TableOf<ReconcileFindingRow>;
}

export interface Dialect {
  readonly tables: RuntimeTables;
  /** The placeholder of the parameter with this number, counted from 1. */
  placeholder(number: number): string;
  /** Rows of one column `value` from a JSON array of strings that is bound as one parameter. */
  listOf(array: SQL): SQL;
  /** The text column as it is to be compared and sorted: by its bytes, whatever the database's own order. */
  byBytes(column: Column): SQL;
}

interface StatementOptions {
  readonly writes?: boolean;
  /** A write needs a RETURNING clause for it: PostgreSQL guards what the statement returns. */
  readonly mustReturn?: boolean;
}

const casing = new CasingCache();

/** The query as a statement of the dialect. */
export function toStatement(dialect: Dialect, query: SQL, options: StatementOptions = {}): Statement {
  const printed = query.toQuery({
    casing,
    escapeName: (name) => `"${name.replaceAll('"', '""')}"`,
    escapeParam: (index) => dialect.placeholder(index + 1),
    escapeString: (text) => `'${text.replaceAll("'", "''")}'`,
  });
  const parameters = printed.params.map((value) => ({ value: value as Json, type: "any" as const }));
  const { writes = false, mustReturn = false } = options;
  return { sql: printed.sql, parameters, columns: {}, writes, mustReturn };
}

/** `INSERT INTO table (…) VALUES (…)`. Members that are undefined are left to the column's default. */
export function insertInto(table: Table, row: Readonly<Record<string, Json | undefined>>): SQL {
  const entries = Object.entries(row).filter(([, value]) => value !== undefined);
  const names = entries.map(([name]) => sql.identifier(name));
  const values = entries.map(([, value]) => sql`${value}`);
  return sql`INSERT INTO ${table} (${sql.join(names, sql`, `)}) VALUES (${sql.join(values, sql`, `)})`;
}

/** `UPDATE table SET …`, to be followed by a WHERE clause. */
export function update(table: Table, columns: Readonly<Record<string, Json | SQL>>): SQL {
  const changes = Object.entries(columns).map(([name, value]) => sql`${sql.identifier(name)} = ${value}`);
  return sql`UPDATE ${table} SET ${sql.join(changes, sql`, `)}`;
}

/** A condition: the column holds one of the values, however many: engines bind only so many parameters. */
export function isOneOf(dialect: Dialect, column: Column, values: readonly string[]): SQL {
  return sql`${column} IN (SELECT value FROM ${dialect.listOf(sql`${JSON.stringify(values)}`)})`;
}
