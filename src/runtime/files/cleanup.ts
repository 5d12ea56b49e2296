/** The state transitions that only the sweep makes, each for a limited number of files at a time. */
import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, update, type ColumnValues } from "../database/statements.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import { isOverdue } from "./readable.ts";
import { isAmong, keysOf, removal } from "./registry.ts";

/** A file whose object is to be removed. */
export interface GoneFile {
  readonly key: ObjectKey;
  /** The multipart upload that may still be open for it. */
  readonly uploadId: string | null;
}

export interface FileCleanup {
  /** stored → expired, for files whose lifetime is over; resolves with how many. */
  expire(now: string, limit: number): Promise<number>;
  /** pending → gone, where nothing has happened since `before`; resolves with how many. */
  abandonOlder(before: string, now: string, limit: number): Promise<number>;
  /** Those whose bytes may still come, by a resumable upload. */
  findArriving(keys: readonly ObjectKey[], now: string): Promise<ReadonlySet<string>>;
  /** deleted, expired → gone, for files whose object need not be kept any longer; resolves with how many. */
  purge(now: string, limit: number): Promise<number>;
  /** Files that are gone but whose rows remain, those that wait longest first. */
  findGone(limit: number): Promise<readonly GoneFile[]>;
}

const { files } = quoted;
/**
 * In one transaction: where all files are of one quota, PostgreSQL reads every version of its row that the transaction has
 * made for each of them.
 */
const MAX_ROWS = 1000;

export function createFileCleanup(database: Database, dialect: Dialect): FileCleanup {
  const { read, write } = createStatements(database, dialect);
  /** The UPDATE itself checks the condition again, for the rows that it names. */
  const change = async (columns: ColumnValues<typeof files>, condition: SQL, limit: number): Promise<number> => {
    const chosen = sql`SELECT ${files.id} FROM ${files} WHERE ${condition} LIMIT ${Math.min(limit, MAX_ROWS)}`;
    const changing = sql`${update(files, columns)} WHERE ${files.id} IN (${chosen}) AND ${condition}`;
    let changed = 0;
    for (let rows = MAX_ROWS; rows === MAX_ROWS && changed < limit; changed += rows) {
      rows = (await write(sql`${changing} RETURNING ${files.id}`)).length;
    }
    return changed;
  };

  return {
    expire: (now, limit) => change({ status: "expired", purge_at: now, updated_at: now }, isOverdue(now), limit),
    abandonOlder(before, now, limit) {
      const isOver = sql`(${files.resumable_until} IS NULL OR ${files.resumable_until} < ${now})`;
      const isOld = sql`${files.status} = 'pending' AND ${files.updated_at} < ${before} AND ${isOver}`;
      return change(removal(now), isOld, limit);
    },
    async findArriving(keys, now) {
      const isArriving = sql`${files.status} = 'pending' AND ${files.resumable_until} >= ${now}`;
      const found = isAmong(dialect, keys, isArriving);
      return keysOf(await read(sql`SELECT ${files.storage_key} FROM ${files} WHERE ${found}`));
    },
    async purge(now, limit) {
      const due = (status: "deleted" | "expired") =>
        sql`${files.status} = ${status} AND ${files.purge_at} IS NOT NULL AND ${files.purge_at} <= ${now}`;
      const gone = { status: "gone", updated_at: now };
      const deleted = await change(gone, due("deleted"), limit);
      return deleted + (await change(gone, due("expired"), limit));
    },
    async findGone(limit) {
      const columns = sql`${files.storage_key}, ${files.upload_id}`;
      const rows = await read(
        sql`SELECT ${columns} FROM ${files} WHERE ${files.status} = 'gone' ORDER BY ${files.updated_at} LIMIT ${limit}`,
      );
      return rows.map((row) => ({
        key: row["storage_key"] as ObjectKey,
        uploadId: row["upload_id"] as string | null,
      }));
    },
  };
}
