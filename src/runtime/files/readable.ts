/**
 * Which files may be read, and by whom: the one rule, told of a record and, beside it, as the condition of a statement. A
 * test compares the two. Knows nothing of links' own limits or of HTTP.
 */
import { sql, type SQL } from "drizzle-orm";
import { quoted } from "../database/quoted-names.ts";
import type { FileRecord } from "./record.ts";

/** The file's owner, whoever has a link that opens it, or anyone at all. */
export type Reader = "owner" | "link" | "anyone";

/** `hidden` is answered like a file that never was; of an `expired` one its reader may know that it was there. */
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
  // Its time is over, whether or not the sweep has been there.
  return status === "expired" || isOver(file, now) ? "expired" : "readable";
}

export function isOver({ expiresAt }: Pick<FileRecord, "expiresAt">, now: Date): boolean {
  return expiresAt !== null && now >= new Date(expiresAt);
}

/** The files that `readabilityOf` calls readable for owners and links. @param now RFC 3339, as everywhere below */
export function isReadable(now: string): SQL {
  return sql`${files.status} = 'stored' AND ${isAlive(now)}`;
}

/** Not `isOver`. */
export function isAlive(now: string): SQL {
  return sql`(${files.expires_at} IS NULL OR ${files.expires_at} > ${now})`;
}

/** Stored files that are no longer alive, in the form that the index of ends knows. */
export function isOverdue(now: string): SQL {
  return sql`${files.status} = 'stored' AND ${files.expires_at} <= ${now}`;
}

/**
 * The files that the file API manages for an owner: what came through it, and what an ABI with `file_api` stored. Part of
 * every statement that it looks for files with, so that the others are like files that never were.
 */
export function isManagedFor(owner: string): SQL {
  // A bare column would be a condition, too, but for SQLite none that an index knows.
  return sql`${files.owner} = ${owner} AND ${files.file_api} = TRUE`;
}

/** The one of them with this id. */
export function isManagedFile(owner: string, id: string): SQL {
  return sql`${files.id} = ${id} AND ${isManagedFor(owner)}`;
}
