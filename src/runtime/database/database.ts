/** The database port: the least that D1, PostgreSQL over HTTP and PostgreSQL over a socket can all provide. */
import type { Json } from "../../contract/plan.ts";
import type { ColumnType, ParameterType } from "../../contract/plan/query.ts";

export interface BoundParameter {
  readonly value: Json;
  readonly type: ParameterType;
  /** Where the value comes from, such as `payload/limit`, for the caller who sent it. */
  readonly place?: string;
}

/** One statement in the engine's dialect. Values are only ever bound. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly BoundParameter[];
  /** How columns become JSON; a column that is not named stays as the engine returns it. */
  readonly columns: { readonly [name: string]: ColumnType };
  readonly writes: boolean;
  /**
   * The transaction waits for this lock before the statement and holds it to its end, so that no other writer comes
   * between a write and the read that checks it. D1 has one writer at a time and ignores it.
   */
  readonly lock?: string | undefined;
}

/** JSON values by column name. */
export type Row = Readonly<Record<string, Json>>;

/** Each statement's rows, in order. */
export type Rows = readonly (readonly Row[])[];

/**
 * The statements of one request, sent in several steps. Where the engine has interactive transactions, nothing is
 * durable before `commit`; where it has none (D1), what was sent is durable at once and `rollback` undoes nothing: the
 * compiler tells for each endpoint which applies. Each call fails as `Database.batch` does.
 */
export interface Session {
  /** Runs the statements now, all or nothing. */
  send(statements: readonly Statement[]): Promise<Rows>;
  /** Runs the last statements and makes everything durable, in one round trip when nothing was written before. */
  commit(statements: readonly Statement[]): Promise<Rows>;
  /** Takes back what was sent and not committed. Harmless when nothing was, and after a commit. */
  rollback(): Promise<void>;
}

export interface Database {
  /**
   * Runs the statements in order, all or nothing, and resolves with each one's rows. Fails with Problem
   * `unique_violation`, `row_rejected`, `row_missing`, `misconfigured` (a table is missing) or `database_unavailable`;
   * in every case but the last nothing was changed.
   */
  batch(statements: readonly Statement[]): Promise<Rows>;
  /** Opens nothing yet: an engine connects when the first statement is sent. */
  begin(): Session;
}
