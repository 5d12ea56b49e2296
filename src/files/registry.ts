/**
 * The registry of stored files: one row per object, written before its first byte and removed after its last. Every
 * transition is one conditional statement, so that two callers can never both win. Knows nothing of plans or HTTP.
 */
import { eq, lt, lte, ne, sql, type SQL } from "drizzle-orm";
import type { Database, Row, Statement } from "../database/database.ts";
import { insertInto, isOneOf, toStatement, update, type Dialect, type FileRow } from "../database/dialect.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import type { FileRecord } from "./file-record.ts";

/** What is known of a file before its bytes arrive. */
export type NewFile = Omit<
  FileRecord,
  "status" | "fileSize" | "checksumSha256" | "dominantColor" | "width" | "height" | "updatedAt"
>;

/** What its bytes told. */
export interface FileFindings {
  readonly fileSize: number;
  readonly checksumSha256: string;
  readonly dominantColor: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

export interface FileRegistry {
  /** The row of a key in any status. */
  find(key: ObjectKey): Promise<FileRecord | null>;
  /** Which of the keys name a file of this owner; one whose removal did not finish counts too. */
  findOwned(owner: string, keys: readonly ObjectKey[]): Promise<ReadonlySet<string>>;
  /** Registers a pending file. */
  reserve(file: NewFile): Promise<void>;
  /** pending → stored, for the batch that also writes the caller's rows. Fails the batch if the row is not pending. */
  storing(id: string, findings: FileFindings, now: string): Statement;
  /** stored → deleted, for a batch. From then on nobody can read the files. */
  deleting(owner: string, keys: readonly ObjectKey[], now: string): Statement;
  /** pending → deleted. A file that was stored meanwhile is kept. */
  abandon(id: string, now: string): Promise<void>;
  /** stored → deleted for at most `limit` files whose time is over; resolves with how many. */
  expire(now: string, limit: number): Promise<number>;
  /** pending → deleted for at most `limit` files that nothing has touched since `before`; resolves with how many. */
  abandonOlder(before: string, now: string, limit: number): Promise<number>;
  /** At most `limit` keys of deleted files whose objects may be removed by now. */
  findPurgeable(now: string, limit: number): Promise<readonly ObjectKey[]>;
  /** Removes deleted files' rows, once their objects are gone. */
  forget(keys: readonly ObjectKey[]): Promise<void>;
}

export function createFileRegistry(database: Database, dialect: Dialect): FileRegistry {
  const { files } = dialect.tables;
  const read = async (query: SQL): Promise<readonly Row[]> =>
    (await database.batch([toStatement(dialect, query)]))[0] ?? [];
  const write = async (query: SQL): Promise<readonly Row[]> =>
    (await database.batch([toStatement(dialect, query, { writes: true })]))[0] ?? [];
  const hasKeyOf = (keys: readonly ObjectKey[]) => isOneOf(dialect, files.storage_key, keys);

  /** → deleted, for at most `limit` files of which the condition still holds. */
  const condemn = async (condition: SQL, now: string, limit: number): Promise<number> => {
    const change = update(files, condemnation(now));
    const condemned = sql`SELECT ${files.id} FROM ${files} WHERE ${condition} LIMIT ${limit}`;
    return (await write(sql`${change} WHERE ${files.id} IN (${condemned}) RETURNING ${files.id}`)).length;
  };

  return {
    async find(key) {
      const [row] = await read(sql`SELECT * FROM ${files} WHERE ${eq(files.storage_key, key)}`);
      return row === undefined ? null : toRecord(row);
    },
    async findOwned(owner, keys) {
      const owned = sql`${eq(files.owner, owner)} AND ${ne(files.status, "pending")} AND ${hasKeyOf(keys)}`;
      const rows = await read(sql`SELECT ${files.storage_key} FROM ${files} WHERE ${owned}`);
      return new Set(rows.map((row) => row["storage_key"] as string));
    },
    async reserve(file) {
      await write(insertInto(files, toPendingRow(file)));
    },
    storing(id, findings, now) {
      const change = update(files, { ...toFindingColumns(findings), status: "stored", updated_at: now });
      const pending = sql`${eq(files.id, id)} AND ${eq(files.status, "pending")}`;
      return toStatement(dialect, sql`${change} WHERE ${pending} RETURNING ${files.id}`, {
        writes: true,
        mustReturn: true,
      });
    },
    deleting(owner, keys, now) {
      const change = update(files, condemnation(now));
      const stored = sql`${eq(files.owner, owner)} AND ${eq(files.status, "stored")} AND ${hasKeyOf(keys)}`;
      return toStatement(dialect, sql`${change} WHERE ${stored}`, { writes: true });
    },
    async abandon(id, now) {
      await condemn(sql`${eq(files.id, id)} AND ${eq(files.status, "pending")}`, now, 1);
    },
    expire: (now, limit) => condemn(sql`${eq(files.status, "stored")} AND ${lte(files.expires_at, now)}`, now, limit),
    abandonOlder: (before, now, limit) =>
      condemn(sql`${eq(files.status, "pending")} AND ${lt(files.updated_at, before)}`, now, limit),
    async findPurgeable(now, limit) {
      const deleted = sql`${eq(files.status, "deleted")} AND ${lte(files.purge_at, now)}`;
      const rows = await read(
        sql`SELECT ${files.storage_key} FROM ${files} WHERE ${deleted} ORDER BY ${files.purge_at} LIMIT ${limit}`,
      );
      return rows.map((row) => row["storage_key"] as ObjectKey);
    },
    async forget(keys) {
      await write(sql`DELETE FROM ${files} WHERE ${eq(files.status, "deleted")} AND ${hasKeyOf(keys)}`);
    },
  };
}

/** The columns of a file that nobody can read any more and whose object may go at once. */
const condemnation = (now: string) => ({ status: "deleted", deleted_at: now, purge_at: now, updated_at: now });

function toPendingRow(file: NewFile): Partial<FileRow> {
  return {
    id: file.id,
    owner: file.owner,
    storage_key: file.storageKey,
    status: "pending",
    visibility: file.visibility,
    endpoint: file.endpoint,
    original_file_name: file.originalFileName,
    file_type: file.fileType,
    extension: file.extension,
    expires_at: file.expiresAt,
    created_at: file.createdAt,
    updated_at: file.createdAt,
  };
}

function toFindingColumns(findings: FileFindings) {
  return {
    file_size: findings.fileSize,
    checksum_sha256: findings.checksumSha256,
    dominant_color: findings.dominantColor,
    width: findings.width,
    height: findings.height,
  };
}

/** The table's own constraints make these casts true. */
function toRecord(row: Row): FileRecord {
  const typed = row as FileRow;
  return {
    id: typed.id,
    owner: typed.owner,
    storageKey: typed.storage_key as ObjectKey,
    status: typed.status,
    visibility: typed.visibility,
    endpoint: typed.endpoint,
    originalFileName: typed.original_file_name,
    fileType: typed.file_type,
    extension: typed.extension,
    fileSize: typed.file_size,
    checksumSha256: typed.checksum_sha256,
    dominantColor: typed.dominant_color,
    width: typed.width,
    height: typed.height,
    expiresAt: typed.expires_at,
    createdAt: typed.created_at,
    updatedAt: typed.updated_at,
  };
}
