/**
 * The database side of a reconciliation: what it asks of the registry, how far it has come, and what it has found so
 * far.
 */
import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { assign, createStatements, hidden, insertInto, isOneOf, update } from "../database/statements.ts";
import type { TableRow } from "../../contract/tables.ts";
import { fileKeyOf } from "../storage/object-key.ts";
import { removal } from "./registry.ts";

/** An object that no row names, or a stored file's row whose object is missing. */
export type FindingKind = "object_without_row" | "row_without_object";

export interface Finding {
  readonly kind: FindingKind;
  readonly key: string;
  /** RFC 3339. */
  readonly firstSeen: string;
}

/** `confirming`: looking again at earlier findings. `passing`: comparing from `position` on. `idle`: done. */
export interface ReconcileRun {
  readonly phase: "confirming" | "passing" | "idle";
  /** The last key that was compared. */
  readonly position: string;
  readonly startedAt: string;
}

export interface ReconcileTable {
  /** Null before the first run. */
  readRun(): Promise<ReconcileRun | null>;
  saveRun(run: ReconcileRun): Promise<void>;
  /** Which of the keys are of objects whose file has a row, in any status. */
  ownedAmong(keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** Keys of stored files behind `after` and up to `upTo` (null: to the end), at most `limit`, ordered by their bytes. */
  storedKeys(after: string, upTo: string | null, limit: number): Promise<readonly string[]>;
  /** Which of the keys belong to a stored file. */
  storedAmong(keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** Adds new findings. An earlier finding keeps the time when it was first seen. */
  note(kind: FindingKind, keys: readonly string[], now: string): Promise<void>;
  /** At most `limit` findings behind the given one that were first seen by then, oldest first. */
  findings(firstSeenBy: string, limit: number): Promise<readonly Finding[]>;
  dropFindings(keys: readonly string[]): Promise<void>;
  /** stored → gone, for rows whose objects are missing. */
  abandonRows(keys: readonly string[], now: string): Promise<void>;
}

const { files, reconcile_runs: runs, reconcile_findings: findings } = quoted;

const RUN_ID = "bucket";

export function createReconcileTable(database: Database, dialect: Dialect): ReconcileTable {
  const { read, write } = createStatements(database, dialect);
  const keysWhere = async (condition: SQL): Promise<string[]> =>
    (await read(sql`SELECT ${files.storage_key} FROM ${files} WHERE ${condition}`)).map(
      (row) => row["storage_key"] as string,
    );
  const isStored = hidden(sql`${files.status} = 'stored'`);

  return {
    async readRun() {
      const [row] = await read(sql`SELECT * FROM ${runs} WHERE ${runs.id} = ${RUN_ID}`);
      if (row === undefined) return null;
      const { phase, position, started_at: startedAt } = row as TableRow<"reconcile_runs">;
      return { phase, position, startedAt };
    },
    async saveRun({ phase, position, startedAt }) {
      const columns = { phase, position, started_at: startedAt };
      const row = insertInto(runs, { id: RUN_ID, ...columns });
      await write(sql`${row} ON CONFLICT (id) DO UPDATE SET ${assign(columns)}`);
    },
    async ownedAmong(keys) {
      const rows = new Set(await keysWhere(isOneOf(dialect, files.storage_key, [...new Set(keys.map(fileKeyOf))])));
      return new Set(keys.filter((key) => rows.has(fileKeyOf(key))));
    },
    storedKeys(after, upTo, limit) {
      const key = dialect.byBytes(files.storage_key);
      const range = upTo === null ? sql`${key} > ${after}` : sql`${key} > ${after} AND ${key} <= ${upTo}`;
      // The index of keys is already in order.
      return keysWhere(sql`${range} AND ${isStored} ORDER BY ${key} LIMIT ${limit}`);
    },
    storedAmong: async (keys) =>
      new Set(await keysWhere(sql`${isOneOf(dialect, files.storage_key, keys)} AND ${isStored}`)),
    async note(kind, keys, now) {
      if (keys.length === 0) return;
      const list = dialect.listOf(sql`${JSON.stringify(keys)}`);
      // Without a WHERE clause before it, SQLite takes ON for a join's condition.
      const rows = sql`SELECT value, ${kind}, ${now} FROM ${list} WHERE true ON CONFLICT (storage_key) DO NOTHING`;
      await write(sql`INSERT INTO ${findings} (storage_key, kind, first_seen) ${rows}`);
    },
    async findings(firstSeenBy, limit) {
      const old = sql`${findings.first_seen} <= ${firstSeenBy}`;
      const order = sql`${findings.first_seen}, ${findings.storage_key}`;
      const rows = await read(sql`SELECT * FROM ${findings} WHERE ${old} ORDER BY ${order} LIMIT ${limit}`);
      return rows.map((row) => ({
        kind: row["kind"] as FindingKind,
        key: row["storage_key"] as string,
        firstSeen: row["first_seen"] as string,
      }));
    },
    async dropFindings(keys) {
      await write(sql`DELETE FROM ${findings} WHERE ${isOneOf(dialect, findings.storage_key, keys)}`);
    },
    async abandonRows(keys, now) {
      const stored = sql`${isOneOf(dialect, files.storage_key, keys)} AND ${isStored}`;
      await write(sql`${update(files, removal(now))} WHERE ${stored}`);
    },
  };
}
