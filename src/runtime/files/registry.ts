/**
 * The registry of stored files: one row per object, written before its first byte and removed after its last. Every
 * transition is one conditional statement, so that two callers can never both win. The transitions that only the sweep
 * makes are in cleanup, those of the file API in trash.
 *
 *     pending → stored → deleted → gone → (no row)
 *        │        └────→ expired ──↑
 *        └─────────────────────────┘
 */
import { sql, type SQL } from "drizzle-orm";
import type { Database, Row, Statement } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, hidden, insertInto, isOneOf, update } from "../database/statements.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import { toFindingColumns, toPendingRow, type FileFindings, type NewFile } from "./row.ts";

export interface FileRegistry {
  /** Registers a pending file. */
  reserving(file: NewFile): Statement;
  /** Records the id of the multipart upload that a pending file's bytes go into. */
  noteUpload(id: string, uploadId: string, now: string): Promise<void>;
  /** pending → stored, for the batch that also writes the caller's rows. Fails the batch if the row is not pending. */
  storing(id: string, findings: FileFindings, now: string): readonly Statement[];
  /**
   * Says when the files of one call are stored, to end the batch that stores them: no earlier than they were created, nor
   * than any file of the owner was, created or stored, that can be seen when the batch ends. On PostgreSQL one such batch
   * of an owner waits for another to commit; as nothing follows in it, nobody waits for it in turn.
   */
  dating(owner: string, ids: readonly string[], createdAt: string): readonly Statement[];
  /** pending → gone. Files that were stored meanwhile are kept; resolves with their keys. */
  abandon(keys: readonly ObjectKey[], now: string): Promise<ReadonlySet<string>>;
  /** Removes the rows of files that are gone, once their objects are. */
  forget(keys: readonly ObjectKey[]): Promise<void>;
}

const { files, owner_clocks: clocks } = quoted;
const laterOf = (one: SQL, other: SQL): SQL => sql`CASE WHEN ${one} > ${other} THEN ${one} ELSE ${other} END`;

export function createFileRegistry(database: Database, dialect: Dialect): FileRegistry {
  const { reading, write, writing, mustWrite } = createStatements(database, dialect);
  const among = (keys: readonly ObjectKey[], condition: SQL) => isAmong(dialect, keys, condition);
  const isPending = (id: string) => sql`${files.id} = ${id} AND ${files.status} = 'pending'`;

  return {
    reserving: (file) => writing(insertInto(files, toPendingRow(file))),
    async noteUpload(id, uploadId, now) {
      await write(sql`${update(files, { upload_id: uploadId, updated_at: now })} WHERE ${isPending(id)}`);
    },
    storing(id, findings, now) {
      const columns = { ...toFindingColumns(findings), status: "stored", upload_id: null, updated_at: now };
      return mustWrite(sql`${update(files, columns)} WHERE ${isPending(id)} RETURNING ${files.id}`);
    },
    dating(owner, ids, createdAt) {
      const advanced = insertInto(clocks, { owner, moment: laterOf(sql`${createdAt}`, dialect.now) });
      const latest = sql`SELECT ${clocks.moment} FROM ${clocks} WHERE ${clocks.owner} = ${owner}`;
      const kept = sql`moment = ${laterOf(sql`excluded.moment`, clocks.moment)}`;
      return [
        writing(sql`${advanced} ON CONFLICT (owner) DO UPDATE SET ${kept}`),
        writing(sql`${update(files, { stored_at: sql`(${latest})` })} WHERE ${isOneOf(dialect, files.id, ids)}`),
      ];
    },
    async abandon(keys, now) {
      const pending = among(keys, sql`${files.status} = 'pending'`);
      const stored = among(keys, sql`${files.status} = 'stored'`);
      const [, rows = []] = await database.batch([
        writing(sql`${update(files, removal(now))} WHERE ${pending}`),
        reading(sql`SELECT ${files.storage_key} FROM ${files} WHERE ${stored}`),
      ]);
      return keysOf(rows);
    },
    async forget(keys) {
      await write(sql`DELETE FROM ${files} WHERE ${among(keys, sql`${files.status} = 'gone'`)}`);
    },
  };
}

/** The files with these keys for which the condition holds. */
export const isAmong = (dialect: Dialect, keys: readonly ObjectKey[], condition: SQL): SQL =>
  sql`${isOneOf(dialect, files.storage_key, keys)} AND ${hidden(condition)}`;

export const keysOf = (rows: readonly Row[]): ReadonlySet<string> =>
  new Set(rows.map((row) => row["storage_key"] as string));

/** The columns of a file that can neither be read nor restored, and whose object may be removed at once. */
export const removal = (now: string) => ({ status: "gone", deleted_at: now, purge_at: now, updated_at: now });
