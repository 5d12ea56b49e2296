/**
 * What the compiler needs of a kind of database: to print a parsed statement in its dialect, and to prove offline,
 * against the deployment's migrations, that it runs.
 */
import type { ColumnType, NamedFiles, ParameterType, StatementCheck } from "../../contract/plan/query.ts";
import type { DocumentDialect } from "../documents/dialect.ts";
import type { CastKind } from "./casts.ts";
import type { ParsedStatement } from "./parse.ts";
import type { SqlWord } from "./place.ts";

/** One migration: plain SQL. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** The target refuses a migration: nothing can be compiled against what it would have made. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";

  /** @param line counted from 1; null where nobody knows */
  constructor(migration: string, line: number | null, cause: unknown) {
    const place = line === null ? migration : `${migration}:${String(line)}`;
    super(`${place}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

export interface TableColumn {
  readonly name: string;
  /** What its declared type means to the runtime. */
  readonly kind: CastKind;
  readonly neverNull: boolean;
  /** Why the runtime cannot keep a moment in it, such as "is BIGINT; expected TIMESTAMP"; null where it can. */
  readonly momentFault: string | null;
}

/** Columns of each table in order, by lower-case table name. */
export type Tables = ReadonlyMap<string, readonly TableColumn[]>;

/** Columns of which no two rows of a table have the same values, by lower-case table name. */
export type UniqueKeys = ReadonlyMap<string, readonly (readonly string[])[]>;

/** A statement in the target's dialect. */
export interface Translation {
  /** Meaningless where there are refusals. */
  readonly sql: string;
  /** Why the target cannot run the statement, as whole messages. */
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
}

/** The refusal of a statement that no printer can say. */
export const unprintable = "cannot be printed again without a change of meaning: write it differently";

/** A statement as the target takes it, which is to undo its transaction where it finds no row. */
export interface Guardable {
  readonly sql: string;
  readonly writes: boolean;
  /** How many placeholders it has. */
  readonly placeholders: number;
  /** Null for a statement of the compiler's own, which has no WITH clause and returns what it changes. */
  readonly parsed: ParsedStatement | null;
}

/** A statement with its guard: within it, or as a check that follows it. */
export interface Guarded {
  readonly sql: string;
  readonly checks: readonly StatementCheck[];
}

/** Where the keys come from, as the plan has it. */
export type NamedRows = Pick<NamedFiles, "rows"> & { readonly sql: string };

/** A statement whose rows name files in a column. */
export interface NamingStatement {
  readonly statement: ParsedStatement;
  /** The statement as the target takes it. */
  readonly sql: string;
  readonly column: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
}

/** What the target tells of a statement that it has prepared. */
export interface Prepared {
  /** The result's columns in order; `type` as in a plan, null = the runtime leaves the value alone. */
  readonly columns: readonly {
    readonly name: string;
    readonly kind: CastKind;
    readonly type: ColumnType | null;
  }[];
  /** In placeholder order. */
  readonly parameters: readonly ParameterType[];
  /** Values that the statement takes or returns and the runtime cannot carry. */
  readonly faults: readonly string[];
}

/** Why the target refuses the SQL: in its own words, with "did you mean"; or what it is. */
export interface Refusal {
  readonly message: string;
  /** What it speaks of; null where it names nothing. */
  readonly word: SqlWord | null;
}

/** A throw-away database with the deployment's tables. */
export interface SqlDatabase {
  /** The user's, and `files`, whose columns are the runtime's where that is its view. */
  readonly tables: Tables;
  /** Of the user's tables. */
  readonly keys: UniqueKeys;
  /** The user has no table `files`: it is the view of the runtime's. */
  readonly hasFilesView: boolean;
  translate(statement: ParsedStatement): Promise<Translation>;
  prepare(sql: string, statement: ParsedStatement | null): Promise<Prepared | Refusal>;
  /** Tells if a SELECT that can be prepared does more than read: it calls a function that writes, or locks rows. */
  hasEffects(sql: string): Promise<boolean>;
  /** Tells if a statement that can be prepared reads a whole table for want of an index. */
  scans(sql: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface SqlTarget {
  /** As people know it. */
  readonly name: "D1" | "PostgreSQL";
  /** As it names itself when it refuses a statement. */
  readonly dialectName: "SQLite" | "PostgreSQL";
  /** A later statement may read an earlier one's result and still be undone with it. */
  readonly isInteractive: boolean;
  readonly maxParameters: number;
  readonly maxColumns: number;
  /** A write and its `unique` check hold a lock: several writers work at a time. */
  readonly needsLocks: boolean;
  readonly documents: DocumentDialect;
  /** Null where the statement cannot be printed as a part of its guard. */
  mustFind(statement: Guardable): Promise<Guarded | null>;
  /** How files go with the rows of the statement, or why they cannot. */
  withFiles(naming: NamingStatement, mustFind: boolean, database: SqlDatabase): Promise<NamedRows | string>;
  /** What undoes its transaction where the SELECT finds a row. */
  mustFindNothing(sql: string): string;
  /** Applies the migrations in order. @throws MigrationError */
  open(migrations: readonly Migration[]): Promise<SqlDatabase>;
}
