/** A statement of a plan, and what goes with it. */
import type { Checked } from "./checked.ts";
import type { Reference } from "./reference.ts";

/** The files that the rows of a query name, whoever they belong to: they go with the statement. */
export interface NamedFiles {
  /** Index of the step whose result they are. */
  readonly step: number;
  /** With the storage keys. */
  readonly column: string;
  readonly maxKeys: number;
  /**
   * Where a statement cannot read what another returns (D1): begins a statement that knows the same rows as
   * `sluice_rows`, before those are changed or after they were read. Absent: `sql` of the query is that beginning.
   */
  readonly rows?: StatementCheck & { readonly when: "before" | "after" };
}

/** How a column's stored value becomes JSON. Absent from `columns` = as the engine returns it. */
export type ColumnType = "json" | "boolean" | "timestamp" | "integer" | "number" | "bytes";

/**
 * How a value is prepared before it is bound. `any` binds text, numbers and null as they are, objects as JSON text.
 * `json` takes text for JSON already; `document` never does: the JSON text of whatever value, even null, is bound.
 * `count` is a number of rows: whole, 0 or more.
 */
export type ParameterType =
  "any" | "json" | "document" | "boolean" | "timestamp" | "integer" | "count" | "number" | "text" | "bytes";

export interface Parameter {
  readonly value: Reference;
  readonly type: ParameterType;
}

/** Follows a statement in the same batch: fails the batch, or changes nothing. */
export interface StatementCheck {
  readonly sql: string;
  /** For each placeholder, the index of the statement's parameter whose value it has. */
  readonly parameters: readonly number[];
}

export type HashAlgorithm = "bcrypt" | "argon2";

/** A password: a member of the payload. */
export interface PasswordField {
  readonly property: string;
  readonly algorithm: HashAlgorithm;
  /** bcrypt: the logarithm of its rounds; argon2id: passes over its memory. */
  readonly cost: number;
}

/** What a statement does with passwords. No column of their names leaves its rows. */
export interface Passwords {
  /** The statement binds the hash, in place of what was sent. */
  readonly hashes: readonly PasswordField[];
  /** The one row's column of that name is the hash of what was sent, else 401. `cost` is of a row that is not there. */
  readonly verifies: readonly PasswordField[];
}

export interface QueryStep extends Checked {
  readonly mode: "query";
  readonly id: number;
  /**
   * The statement in the deployment's dialect, placeholders numbered (`?1` on D1, `$1` on PostgreSQL). Its guard is
   * part of it where it must find a row and the dialect can say both in one statement.
   */
  readonly sql: string;
  readonly writes: boolean;
  /** In placeholder order. */
  readonly parameters: readonly Parameter[];
  readonly columns: { readonly [name: string]: ColumnType };
  /** `multi`: run once per element of this array. Null: run once. */
  readonly each: Reference | null;
  /** Absent: none. */
  readonly passwords?: Passwords;
  /** For the row that it must find, and for `unique`. */
  readonly checks: readonly StatementCheck[];
  /** Name of a lock that it must hold until its transaction ends; absent where there is one writer at a time (D1). */
  readonly lock?: string | undefined;
  /** Absent: no file goes with its rows. */
  readonly deletes?: NamedFiles;
  /**
   * When the statement is sent. `now`: with everything still waiting, because a later step reads its result (or
   * because it can only read). `commit`: in the request's final atomic batch.
   */
  readonly send: "now" | "commit";
}
