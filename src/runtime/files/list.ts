/**
 * Statements that list an owner's files: newest first, by page number or from a position on. All walk the index
 * files_by_owner (owner, status, file_api, created_at, id, …) backwards; other filters are checked on the way.
 */
import { sql, type SQL } from "drizzle-orm";
import { quoted } from "../database/quoted-names.ts";
import type { Visibility } from "../../contract/plan.ts";
import { isManagedFor, isReadable } from "./readable.ts";

/** What narrows a list; null = everything. */
export interface FileFilter {
  /** A media type, or `image/` for all that begin with it. */
  readonly type: string | null;
  readonly visibility: Visibility | null;
  /** Beginning of the storage key. */
  readonly prefix: string | null;
  /** RFC 3339; files that were stored at this moment or later. */
  readonly from: string | null;
  /** RFC 3339; files that were stored before this moment. */
  readonly to: string | null;
  /** RFC 3339: files that have expired by then are left out. */
  readonly now: string;
}

/** Where a page begins: after this many files, or after the file with this creation time and id. */
export type ListPosition = { readonly skip: number } | { readonly createdAt: string; readonly id: string };

const { files } = quoted;
/** How much earlier `created_at` can be: the sweep ends uploads after an hour, and clocks may differ by the rest. */
const LONGEST_UPLOAD_MS = 86_400_000;

export function pageOf(owner: string, filter: FileFilter, position: ListPosition, limit: number): SQL {
  const matching = conditionOf(owner, filter);
  const order = sql`ORDER BY ${files.created_at} DESC, ${files.id} DESC LIMIT ${limit}`;
  if ("skip" in position) return sql`SELECT * FROM ${files} WHERE ${matching} ${order} OFFSET ${position.skip}`;
  const behind = sql`(${files.created_at}, ${files.id}) < (${position.createdAt}, ${position.id})`;
  return sql`SELECT * FROM ${files} WHERE ${matching} AND ${behind} ${order}`;
}

export function countOf(owner: string, filter: FileFilter): SQL {
  return sql`SELECT count(*) AS total FROM ${files} WHERE ${conditionOf(owner, filter)}`;
}

function conditionOf(owner: string, filter: FileFilter): SQL {
  const { type, visibility, prefix, from, to, now } = filter;
  const conditions = [
    isManagedFor(owner),
    isReadable(now),
    ...(from === null ? [] : [isStoredSince(from)]),
    ...(to === null ? [] : [isStoredBefore(to)]),
    ...(visibility === null ? [] : [sql`${files.visibility} = ${visibility}`]),
    ...(type === null ? [] : [isOfType(type)]),
    ...(prefix === null ? [] : [beginsWith(files.storage_key, prefix)]),
  ];
  return sql.join(conditions, sql` AND `);
}

/**
 * An owner's files become visible in the order of `stored_at`, which is never before `created_at`: whoever asks again from the
 * latest `created_at` that a list has shown misses no file that was not there yet. The index knows `created_at` alone.
 */
function isStoredSince(from: string): SQL {
  const earliest = new Date(Date.parse(from) - LONGEST_UPLOAD_MS).toISOString();
  const { created_at: created, stored_at: stored } = files;
  return sql`${created} >= ${earliest} AND (${created} >= ${from} OR ${stored} >= ${from})`;
}

/** `stored_at` is null where it has always been `created_at`. */
function isStoredBefore(to: string): SQL {
  const { created_at: created, stored_at: stored } = files;
  return sql`${created} < ${to} AND (${stored} IS NULL OR ${stored} < ${to})`;
}

function isOfType(type: string): SQL {
  return type.endsWith("/") ? beginsWith(files.file_type, type) : sql`${files.file_type} = ${type}`;
}

/** Not LIKE, which has wildcards, and not a range, whose order is the engine's collation. */
function beginsWith(column: SQL, text: string): SQL {
  return sql`substr(${column}, 1, ${Array.from(text).length}) = ${text}`;
}
