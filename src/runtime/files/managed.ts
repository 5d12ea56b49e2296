/** What their owners do to files that the file API manages: deletions that can be undone for a while, and other names. */
import { sql, type SQL } from "drizzle-orm";
import type { Database, Row, Statement } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, update } from "../database/statements.ts";
import { isManagedFile, isReadable, isRestorable } from "./readable.ts";
import type { FileRecord } from "./record.ts";
import { toRecord } from "./row.ts";

export interface ManagedFiles {
  /**
   * stored → deleted, restorable until `purgeAt`, for a batch; the first statement returns the row. Fails the batch if the
   * file is not managed, stored and alive.
   */
  deleting(owner: string, id: string, purgeAt: string, now: string): readonly Statement[];
  /** deleted → stored; null if the file is not managed, it may already be purged, or its lifetime is over. */
  restore(owner: string, id: string, now: string): Promise<RestoredFile | null>;
  /** Another name to show the file under; the rest as `deleting`. */
  renaming(owner: string, id: string, name: string, now: string): readonly Statement[];
}

export interface RestoredFile {
  readonly file: FileRecord;
  /** Above the owner's files. */
  readonly ownerEpoch: number;
}

const { files } = quoted;

/** @param epochAbove as `createFileLists` has it */
export function createManagedFiles(
  database: Database,
  dialect: Dialect,
  epochAbove: (owner: string) => SQL,
): ManagedFiles {
  const { write, mustWrite } = createStatements(database, dialect);
  return {
    deleting(owner, id, purgeAt, now) {
      const change = update(files, { status: "deleted", deleted_at: now, purge_at: purgeAt, updated_at: now });
      return mustWrite(sql`${change} WHERE ${isManagedFile(owner, id)} AND ${isReadable(now)} RETURNING *`);
    },
    async restore(owner, id, now) {
      const change = update(files, { status: "stored", deleted_at: null, purge_at: null, updated_at: now });
      const kept = sql`${isManagedFile(owner, id)} AND ${isRestorable(now)}`;
      const [row] = await write(sql`${change} WHERE ${kept} RETURNING *, ${epochAbove(owner)} AS owner_epoch`);
      return row === undefined ? null : toRestored(row);
    },
    renaming(owner, id, name, now) {
      const change = update(files, { original_file_name: name, updated_at: now });
      return mustWrite(sql`${change} WHERE ${isManagedFile(owner, id)} AND ${isReadable(now)} RETURNING *`);
    },
  };
}

const toRestored = (row: Row): RestoredFile => ({ file: toRecord(row), ownerEpoch: Number(row["owner_epoch"]) });
