/** Conditions on the rows of files that several statements share. Knows nothing of statements. */
import { and, eq, gt, isNull, or, sql, type SQL } from "drizzle-orm";
import type { RuntimeTables } from "../database/dialect.ts";

type Files = RuntimeTables["files"];

/**
 * The files that the file API manages for an owner: what came through it, and what an ABI with `file_api` stored. Part of
 * every statement that it looks for files with, so that the others are like files that never were.
 */
export function isManagedFor(files: Files, owner: string): SQL {
  // A bare column would be a condition, too, but for SQLite none that an index knows.
  return sql`${eq(files.owner, owner)} AND ${files.file_api} = TRUE`;
}

/** @param now RFC 3339 */
export function isAlive(files: Files, now: string): SQL | undefined {
  return or(isNull(files.expires_at), gt(files.expires_at, now));
}

/** A file of the owner that the file API may show. */
export function isReadable(files: Files, owner: string, id: string, now: string): SQL | undefined {
  return and(eq(files.id, id), isManagedFor(files, owner), eq(files.status, "stored"), isAlive(files, now));
}
