/**
 * Statements that list an owner's files: newest first, by page number or from a position on. All walk the index
 * files_by_owner (owner, status, file_api, created_at, id, …) backwards; other filters are checked on the way. Knows nothing of
 * cursors' form.
 */
import { and, eq, gte, lt, sql, type SQL } from "drizzle-orm";
import type { RuntimeTables } from "../database/dialect.ts";
import type { Visibility } from "../plan.ts";
import { isAlive, isManagedFor } from "./conditions.ts";

/** What narrows a list; null = everything. */
export interface FileFilter {
  /** A media type, or `image/` for all that begin so. */
  readonly type: string | null;
  readonly visibility: Visibility | null;
  /** Beginning of the storage key. */
  readonly prefix: string | null;
  /** RFC 3339; files of this moment or later. */
  readonly from: string | null;
  /** RFC 3339; files before this moment. */
  readonly to: string | null;
  /** RFC 3339: files that end by then are left out. */
  readonly now: string;
}

/** Where a page begins: behind so many files, or behind the file with this creation time and id. */
export type ListPosition = { readonly skip: number } | { readonly createdAt: string; readonly id: string };

type Files = RuntimeTables["files"];

export function pageOf(files: Files, owner: string, filter: FileFilter, position: ListPosition, limit: number): SQL {
  const matching = conditionOf(files, owner, filter);
  const order = sql`ORDER BY ${files.created_at} DESC, ${files.id} DESC LIMIT ${limit}`;
  if ("skip" in position) return sql`SELECT * FROM ${files} WHERE ${matching} ${order} OFFSET ${position.skip}`;
  const behind = sql`(${files.created_at}, ${files.id}) < (${position.createdAt}, ${position.id})`;
  return sql`SELECT * FROM ${files} WHERE ${matching} AND ${behind} ${order}`;
}

export function countOf(files: Files, owner: string, filter: FileFilter): SQL {
  return sql`SELECT count(*) AS total FROM ${files} WHERE ${conditionOf(files, owner, filter)}`;
}

function conditionOf(files: Files, owner: string, filter: FileFilter): SQL | undefined {
  const { type, visibility, prefix, from, to, now } = filter;
  return and(
    isManagedFor(files, owner),
    eq(files.status, "stored"),
    isAlive(files, now),
    ...(from === null ? [] : [gte(files.created_at, from)]),
    ...(to === null ? [] : [lt(files.created_at, to)]),
    ...(visibility === null ? [] : [eq(files.visibility, visibility)]),
    ...(type === null ? [] : [type.endsWith("/") ? beginsWith(files.file_type, type) : eq(files.file_type, type)]),
    ...(prefix === null ? [] : [beginsWith(files.storage_key, prefix)]),
  );
}

/** Not LIKE, which has wildcards of its own, and not a range, whose order is the engine's collation. */
function beginsWith(column: Files["file_type"], text: string): SQL {
  return sql`substr(${column}, 1, ${Array.from(text).length}) = ${text}`;
}
