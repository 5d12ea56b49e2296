/** The port for documents on a MongoDB server: the four actions of `mongo_query`, in sessions. */
import type { Json } from "../../contract/plan.ts";
import type { Rows } from "./database.ts";

/** Fields and their values. A value is data, whatever its members are called. */
export type Members = readonly (readonly [field: string, value: Json])[];

export interface SortTerm {
  readonly field: string;
  readonly direction: 1 | -1;
}

/** The field `id` is the document's `_id`: 24 hex digits. Any other text, and any other value, matches no document. */
interface Command {
  readonly collection: string;
  /** The fields answered of each document, in order; null for those it lacks. */
  readonly fields: readonly string[];
  /** If no document is found, everything that is sent with it fails with Problem `row_missing`. */
  readonly mustReturn: boolean;
}

export interface InsertCommand extends Command {
  readonly action: "insert";
  readonly set: Members;
}

export interface FindCommand extends Command {
  readonly action: "find";
  /** Each field is equal to its value: of the same kind, objects with the same members in the same order. */
  readonly filter: Members;
  /** Documents that compare equal come in the order of insertion. */
  readonly sort: readonly SortTerm[];
  /** Zero returns none. */
  readonly limit: number;
  readonly skip: number;
}

export interface UpdateCommand extends Command {
  readonly action: "update";
  readonly filter: Members;
  readonly set: Members;
}

export interface DeleteCommand extends Command {
  readonly action: "delete";
  readonly filter: Members;
}

export type DocumentCommand = InsertCommand | FindCommand | UpdateCommand | DeleteCommand;

/**
 * The commands of one request. From the first write on, all of them are one transaction where the server has
 * transactions (a replica set, a sharded cluster). A standalone server has none: there each command is durable at once,
 * and `rollback` takes back what was inserted, not what was updated or deleted.
 *
 * Calls fail with Problem `unique_violation`, `row_rejected`, `row_missing`, `misconfigured`, `database_unavailable`.
 */
export interface DocumentSession {
  /** Runs the commands in order and resolves with each one's documents: an UPDATE's as they are after it. */
  send(commands: readonly DocumentCommand[]): Promise<Rows>;
  /** Makes everything durable. */
  commit(): Promise<void>;
  /** Takes back what can be. Harmless when nothing was written, and after a commit. */
  rollback(): Promise<void>;
}

/** For one request. */
export interface DocumentStore {
  /** Connects to nothing yet. */
  begin(): DocumentSession;
  /** Disconnects, if it ever connected. Never throws. */
  close(): Promise<void>;
}
