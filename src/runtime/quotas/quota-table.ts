/**
 * The table of quotas, and how a file's place in one is reserved. Nothing here counts: the triggers of the table of files do,
 * whatever changes a file's row; see 0012_quotas.sql. So a count cannot drift from the rows, and no other statement
 * knows of quotas.
 */
import { sql, type SQL } from "drizzle-orm";
import type { Quota } from "../../contract/plan/files.ts";
import type { RuntimeTables } from "../database/engine.ts";
import type { Statement } from "../database/database.ts";
import { quoted } from "../database/quoted-names.ts";
import { assign, createStatements, insertForEach, insertInto, isOneOf, update } from "../database/statements.ts";
import { toPendingRow, type NewFile } from "../files/row.ts";

/** What is reserved and stored, or was uploaded in the window. */
export interface QuotaCount {
  readonly bytes: number;
  readonly files: number;
  /** RFC 3339; null: no window. */
  readonly endsAt: string | null;
}

export interface QuotaTable {
  /** Begins a batch that reserves: makes the row, or begins its window anew; on PostgreSQL no other call comes between. */
  opening(): Statement;
  /**
   * Registers a pending file with `bytes`, or as many as are left. Does nothing where `least` bytes are not left, or no
   * file. Its row tells what it has got.
   */
  reserving(file: NewFile, bytes: number, least: number): Statement;
  /** Reserves `bytes` more for a pending file, or as many as are left. Its row tells what it has got then. */
  growing(id: string, bytes: number): Statement;
  /** Ends a batch that reserves, which fails where one of the files has got no place. */
  closing(ids: readonly string[]): Statement;
  read(): Promise<QuotaCount>;
}

const { files, quotas, row_guard: guard } = quoted;

/** @param name of the count @param now RFC 3339: when the call began */
export function createQuotaTable(
  { database, dialect }: RuntimeTables,
  { maxBytes, maxFiles, windowSeconds }: Quota,
  name: string,
  now: Date,
): QuotaTable {
  const { read, writing } = createStatements(database, dialect);
  const moment = now.toISOString();
  const endsAt = windowSeconds === undefined ? null : new Date(now.getTime() + 1000 * windowSeconds).toISOString();
  const isThis = sql`${quotas.name} = ${name}`;
  const leastOf = (one: SQL, other: SQL) => sql`CASE WHEN ${one} < ${other} THEN ${one} ELSE ${other} END`;

  return {
    opening() {
      const anew = assign({ bytes: 0, files: 0, ends_at: sql`excluded.ends_at` });
      const opened = insertInto(quotas, { name, ends_at: endsAt });
      return writing(sql`${opened} ON CONFLICT (name) DO UPDATE SET ${anew} WHERE ${quotas.ends_at} <= ${moment}`);
    },
    reserving(file, bytes, least) {
      const isBounded = maxBytes !== undefined && bytes > 0;
      const row = {
        ...toPendingRow(file),
        file_size: isBounded ? leastOf(sql`${bytes}`, sql`${maxBytes} - ${quotas.bytes}`) : 0,
        quota: name,
        quota_ends_at: quotas.ends_at,
      };
      const conditions = [
        isThis,
        ...(maxFiles === undefined ? [] : [sql`${quotas.files} < ${maxFiles}`]),
        ...(isBounded ? [sql`${quotas.bytes} + ${least} <= ${maxBytes}`] : []),
      ];
      const inserted = sql`${insertForEach(files, row)} FROM ${quotas} WHERE ${sql.join(conditions, sql` AND `)}`;
      return writing(sql`${inserted} RETURNING ${files.file_size}`);
    },
    growing(id, bytes) {
      // A window that is over has no row any more: what the call has got stands for it.
      const isSame = sql`${quotas.ends_at} IS NOT DISTINCT FROM ${files.quota_ends_at}`;
      const count = sql`SELECT ${quotas.bytes} FROM ${quotas} WHERE ${isThis} AND ${isSame}`;
      const left = sql`(${maxBytes ?? 0} - coalesce((${count}), ${files.file_size}))`;
      const grown = update(files, { file_size: sql`${files.file_size} + ${leastOf(sql`${bytes}`, left)}` });
      const isOurs = sql`${files.id} = ${id} AND ${files.status} = 'pending'`;
      return writing(sql`${grown} WHERE ${isOurs} AND ${left} > 0 RETURNING ${files.file_size}`);
    },
    closing(ids) {
      const registered = sql`SELECT count(*) FROM ${files} WHERE ${isOneOf(dialect, files.id, ids)}`;
      const refused = sql`INSERT INTO ${guard} (found, excess) SELECT 1, 1`;
      return writing(sql`${refused} WHERE (${registered}) < ${sql.raw(String(ids.length))}`);
    },
    async read() {
      const [row] = await read(sql`SELECT * FROM ${quotas} WHERE ${isThis}`);
      const ends = (row?.["ends_at"] ?? null) as string | null;
      if (row === undefined || (ends !== null && ends <= moment)) return { bytes: 0, files: 0, endsAt: null };
      return { bytes: Number(row["bytes"]), files: Number(row["files"]), endsAt: ends };
    },
  };
}

/** Of windows that are over. */
const MAX_FORGOTTEN = 10_000;

export async function forgetWindows({ database, dialect }: RuntimeTables, now: Date): Promise<number> {
  const { write } = createStatements(database, dialect);
  const isOver = sql`${quotas.ends_at} <= ${now.toISOString()}`;
  const chosen = sql`SELECT ${quotas.name} FROM ${quotas} WHERE ${isOver} ORDER BY ${quotas.ends_at} LIMIT ${MAX_FORGOTTEN}`;
  const forgotten = sql`DELETE FROM ${quotas} WHERE ${quotas.name} IN (${chosen}) AND ${isOver}`;
  return (await write(sql`${forgotten} RETURNING ${quotas.name}`)).length;
}
