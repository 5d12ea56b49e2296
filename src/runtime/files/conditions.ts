/** Conditions on the rows of files that several statements share. Knows nothing of statements. */
import { sql, type SQL } from "drizzle-orm";
import { quoted } from "../database/quoted-names.ts";

const { files } = quoted;

/**
 * The files that the file API manages for an owner: what came through it, and what an ABI with `file_api` stored. Part of
 * every statement that it looks for files with, so that the others are like files that never were.
 */
export function isManagedFor(owner: string): SQL {
  // A bare column would be a condition, too, but for SQLite none that an index knows.
  return sql`${files.owner} = ${owner} AND ${files.file_api} = TRUE`;
}

/** @param now RFC 3339 */
export function isAlive(now: string): SQL {
  return sql`(${files.expires_at} IS NULL OR ${files.expires_at} > ${now})`;
}

/** A file of the owner that the file API may show. */
export function isReadable(owner: string, id: string, now: string): SQL {
  return sql`${files.id} = ${id} AND ${isManagedFor(owner)} AND ${files.status} = 'stored' AND ${isAlive(now)}`;
}
