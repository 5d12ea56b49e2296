/**
 * Statements that list an owner's files, by page number or from a position on. All walk the index files_by_owner (owner,
 * status, file_api, created_at, id, …); other filters are checked on the way. By time they read no more than they show;
 * by name and by size each page reads all of the owner's files, which is said in docs/file-api.md: an index for each
 * order would be written with every upload.
 */
import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements } from "../database/statements.ts";
import type { Visibility } from "../../contract/plan/files.ts";
import { isManagedFor, isReadable, isRestorable } from "./readable.ts";
import type { FileRecord } from "./record.ts";
import { toRecord } from "./row.ts";

/** What narrows a list; null = everything. */
export interface FileFilter {
  /** A media type, or `image/` for all that begin with it. */
  readonly type: string | null;
  readonly visibility: Visibility | null;
  /** Beginning of the storage key. */
  readonly prefix: string | null;
  /** Part of the original name, in upper or lower case. */
  readonly name: string | null;
  /** RFC 3339; files that were stored at this moment or later. */
  readonly from: string | null;
  /** RFC 3339; files that were stored before this moment. */
  readonly to: string | null;
  /** `deleted`: those that can be restored. */
  readonly status: "stored" | "deleted";
  /** RFC 3339: files that have expired by then are left out. */
  readonly now: string;
}

export type FileOrder = "newest" | "oldest" | "name" | "size";

/** Where a page begins: after this many files, or after the file with this id and this value of what is ordered by. */
export type ListPosition = { readonly skip: number } | { readonly value: string; readonly id: string };

export interface FilesOfPage {
  readonly files: readonly FileRecord[];
  /** Above the owner's files; null: none of these is private and has thumbnails, so that it was not read. */
  readonly ownerEpoch: number | null;
}

export interface FileLists {
  /** At most `limit` of the owner's managed files that the filter lets through: one statement. */
  page(
    owner: string,
    filter: FileFilter,
    order: FileOrder,
    position: ListPosition,
    limit: number,
  ): Promise<FilesOfPage>;
  /** How many there are; reads an index entry for each. */
  count(owner: string, filter: FileFilter): Promise<number>;
}

const { files } = quoted;
/** How much earlier `created_at` can be: the sweep ends uploads after an hour, and clocks may differ by the rest. */
const LONGEST_UPLOAD_MS = 86_400_000;

/** @param epochAbove the epoch above every file of an owner, as an expression: see links/registry */
export function createFileLists(database: Database, dialect: Dialect, epochAbove: (owner: string) => SQL): FileLists {
  const { read } = createStatements(database, dialect);
  return {
    async page(owner, filter, order, position, limit) {
      const rows = await read(pageOf(dialect, owner, filter, order, position, limit, epochAbove(owner)));
      const epochs = rows.flatMap((row) => (row["owner_epoch"] === null ? [] : Number(row["owner_epoch"])));
      return { files: rows.map(toRecord), ownerEpoch: epochs[0] ?? null };
    },
    async count(owner, filter) {
      const [row] = await read(
        sql`SELECT count(*) AS total FROM ${files} WHERE ${conditionOf(dialect, owner, filter)}`,
      );
      return Number(row?.["total"] ?? 0);
    },
  };
}

export function pageOf(
  dialect: Dialect,
  owner: string,
  filter: FileFilter,
  order: FileOrder,
  position: ListPosition,
  limit: number,
  epochAbove: SQL,
): SQL {
  const matching = conditionOf(dialect, owner, filter);
  const { column, of, isDescending } = orders[order](dialect);
  const direction = sql.raw(isDescending ? "DESC" : "ASC");
  const ordered = sql`ORDER BY ${column} ${direction}, ${files.id} ${direction} LIMIT ${limit}`;
  const isSigned = sql`${files.visibility} = 'private' AND ${files.thumbnails} IS NOT NULL`;
  const ownerEpoch = sql`CASE WHEN ${isSigned} THEN ${epochAbove} END AS owner_epoch`;
  const selected = sql`SELECT ${files}.*, ${ownerEpoch} FROM ${files} WHERE ${matching}`;
  if ("skip" in position) return sql`${selected} ${ordered} OFFSET ${position.skip}`;
  const than = sql.raw(isDescending ? "<" : ">");
  const behind = sql`(${column}, ${files.id}) ${than} (${of(position.value)}, ${position.id})`;
  return sql`${selected} AND ${behind} ${ordered}`;
}

/** By which expression an order sorts, and the same of a file's value: see `orderedValue`. */
interface Ordering {
  readonly column: SQL;
  readonly of: (value: string) => SQL;
  readonly isDescending: boolean;
}

const byTime = (isDescending: boolean) => (): Ordering => {
  return { column: files.created_at, of: (value) => sql`${value}`, isDescending };
};

const orders: Readonly<Record<FileOrder, (dialect: Dialect) => Ordering>> = {
  newest: byTime(true),
  oldest: byTime(false),
  name: (dialect) => {
    const folded = (text: SQL) => sql`lower(${dialect.byBytes(text)})`;
    return { column: folded(files.original_file_name), of: (value) => folded(sql`${value}`), isDescending: false };
  },
  size: () => ({ column: files.file_size, of: (value) => sql`${Number(value)}`, isDescending: true }),
};

/** What a position behind the file has as its value. */
export function orderedValue(order: FileOrder, file: FileRecord): string {
  if (order === "name") return file.originalFileName;
  return order === "size" ? String(file.fileSize) : file.createdAt;
}

function conditionOf(dialect: Dialect, owner: string, filter: FileFilter): SQL {
  const { type, visibility, prefix, name, from, to, status, now } = filter;
  const conditions = [
    isManagedFor(owner),
    status === "deleted" ? isRestorable(now) : isReadable(now),
    ...(from === null ? [] : [isStoredSince(from)]),
    ...(to === null ? [] : [isStoredBefore(to)]),
    ...(visibility === null ? [] : [sql`${files.visibility} = ${visibility}`]),
    ...(type === null ? [] : [isOfType(type)]),
    ...(prefix === null ? [] : [beginsWith(files.storage_key, prefix)]),
    ...(name === null ? [] : [isNamed(dialect, name)]),
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

/**
 * SQLite's `lower` knows A to Z, and PostgreSQL's what the database's locale knows: here both have A to Z alone, and the
 * other letters of the text are folded one by one. Names are NFC: see media/display-name.
 */
function isNamed(dialect: Dialect, name: string): SQL {
  const column = files.original_file_name;
  let folded = sql`lower(${dialect.byBytes(column)})`;
  for (const [capital, small] of foldedLetters(name)) folded = sql`replace(${folded}, ${capital}, ${small})`;
  const text = Array.from(name.normalize(), lowerOf).join("");
  // What is gone without the text has held it. Neither engine has a function for it that the other has.
  return sql`length(replace(${folded}, ${text}, '')) < length(${column})`;
}

/** The letters of the text beyond A to Z that are of two cases, each once: capital and small. */
export function foldedLetters(name: string): ReadonlyMap<string, string> {
  const pairs = Array.from(name.normalize(), (letter) => [lowerOf(letter).toUpperCase(), lowerOf(letter)] as const);
  return new Map(
    pairs.filter(([capital, small]) => small > "\u007f" && capital !== small && lowerOf(capital) === small),
  );
}

/** One character stays one: the lengths before and after are compared. */
function lowerOf(letter: string): string {
  const lower = letter.toLowerCase();
  return Array.from(lower).length === 1 ? lower : letter;
}
