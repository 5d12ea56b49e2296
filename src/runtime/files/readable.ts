/**
 * The one rule of which files may be read, and by whom: stated for a record and, beside it, as the condition of a
 * statement. A test compares the two.
 */
import { sql, type SQL } from "drizzle-orm";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { hidden, isOneOf } from "../database/statements.ts";
import type { FileRecord } from "./record.ts";

/** The file's owner, whoever has a link that opens it, or anyone at all. */
export type Reader = "owner" | "link" | "anyone";

/** `hidden` is answered like a file that never existed; the reader of an `expired` one may know that it existed. */
export type Readability = "readable" | "expired" | "hidden";

const { files } = quoted;

export function readabilityOf(
  file: Pick<FileRecord, "status" | "visibility" | "expiresAt">,
  reader: Reader,
  now: Date,
): Readability {
  const { status, visibility } = file;
  if (reader === "anyone" && visibility !== "public") return "hidden";
  if (status !== "stored" && status !== "expired") return "hidden";
  // Expired, whether or not the sweep has been there.
  return status === "expired" || isOver(file, now) ? "expired" : "readable";
}

export function isOver({ expiresAt }: Pick<FileRecord, "expiresAt">, now: Date): boolean {
  return expiresAt !== null && now >= new Date(expiresAt);
}

/** The files that `readabilityOf` calls readable for owners and links. @param now RFC 3339, as everywhere below */
export function isReadable(now: string): SQL {
  return sql`${files.status} = 'stored' AND ${isAlive(now)}`;
}

/** Deleted files that can still be brought back. The index of purges has those of all owners. */
export function isRestorable(now: string): SQL {
  return sql`${files.status} = 'deleted' AND ${hidden(sql`${files.purge_at} > ${now} AND ${isAlive(now)}`)}`;
}

/** The negation of `isOver`. */
export function isAlive(now: string): SQL {
  return sql`(${files.expires_at} IS NULL OR ${files.expires_at} > ${now})`;
}

/** Stored files that have expired, in the form that the index of expiries knows. */
export function isOverdue(now: string): SQL {
  return sql`${files.status} = 'stored' AND ${files.expires_at} <= ${now}`;
}

/**
 * The files that the file API manages for an owner: what came through it, and what an ABI with `file_api` stored. Part
 * of every statement with which it looks up files, so that all others seem not to exist.
 */
export function isManagedFor(owner: string): SQL {
  // A bare column would be a condition too, but SQLite would use no index for it.
  return sql`${files.owner} = ${owner} AND ${files.file_api} = TRUE`;
}

/** The managed file with this id. */
export function isManagedFile(owner: string, id: string): SQL {
  return sql`${files.id} = ${id} AND ${isManagedFor(owner)}`;
}

/** Every one of the keys is of a stored file. */
export function areStored(dialect: Dialect, keys: readonly string[]): SQL {
  if (keys.length === 0) return sql`1 = 1`;
  const stored = sql`${isOneOf(dialect, files.storage_key, keys)} AND ${hidden(sql`${files.status} = 'stored'`)}`;
  return sql`(SELECT count(*) FROM ${files} WHERE ${stored}) = ${keys.length}`;
}
