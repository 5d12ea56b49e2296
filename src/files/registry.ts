/**
 * The registry of stored files: one row per object, written before its first byte and removed after its last. Every
 * transition is one conditional statement, so that two callers can never both win. Knows nothing of plans or HTTP.
 */
import { and, eq, inArray, isNotNull, lt, lte, ne, sql, type Query, type SQL } from "drizzle-orm";
import { drizzle } from "drizzle-orm/sqlite-proxy";
import type { Database, Row, Statement } from "../database/database.ts";
import { files } from "../database/schema.ts";
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
  /** At most `limit` keys of deleted files whose rows are still there. */
  findDeleted(limit: number): Promise<readonly ObjectKey[]>;
  /** Removes deleted files' rows, once their objects are gone. */
  forget(keys: readonly ObjectKey[]): Promise<void>;
}

/** Only builds statements; the port runs them, so that they can share a batch with others. */
const builder = drizzle(() => Promise.reject(new Error("The builder runs nothing")));

export function createFileRegistry(database: Database): FileRegistry {
  const one = async (query: { toSQL(): Query }, writes: boolean): Promise<readonly Row[]> =>
    (await database.batch([toStatement(query, writes)]))[0] ?? [];

  /** → deleted, for at most `limit` files of which the condition still holds. */
  const condemn = async (condition: SQL | undefined, now: string, limit: number): Promise<number> => {
    const condemned = builder.select({ id: files.id }).from(files).where(condition).limit(limit);
    const change = builder.update(files).set({ status: "deleted", updated_at: now });
    return (await one(change.where(inArray(files.id, condemned)).returning({ id: files.id }), true)).length;
  };

  return {
    async find(key) {
      const [row] = await one(builder.select().from(files).where(eq(files.storage_key, key)), false);
      return row === undefined ? null : toRecord(row);
    },
    async findOwned(owner, keys) {
      const owned = builder.select({ storage_key: files.storage_key }).from(files);
      const rows = await one(
        owned.where(and(eq(files.owner, owner), ne(files.status, "pending"), hasKeyOf(keys))),
        false,
      );
      return new Set(rows.map((row) => row["storage_key"] as string));
    },
    async reserve(file) {
      await one(builder.insert(files).values(toPendingRow(file)), true);
    },
    storing(id, findings, now) {
      const change = builder.update(files).set({ ...toFindingColumns(findings), status: "stored", updated_at: now });
      return toStatement(change.where(and(eq(files.id, id), eq(files.status, "pending"))), true, true);
    },
    deleting(owner, keys, now) {
      const change = builder.update(files).set({ status: "deleted", updated_at: now });
      return toStatement(change.where(and(eq(files.owner, owner), eq(files.status, "stored"), hasKeyOf(keys))), true);
    },
    async abandon(id, now) {
      await condemn(and(eq(files.id, id), eq(files.status, "pending")), now, 1);
    },
    expire: (now, limit) =>
      condemn(and(eq(files.status, "stored"), isNotNull(files.expires_at), lte(files.expires_at, now)), now, limit),
    abandonOlder: (before, now, limit) =>
      condemn(and(eq(files.status, "pending"), lt(files.updated_at, before)), now, limit),
    async findDeleted(limit) {
      const deleted = builder.select({ storage_key: files.storage_key }).from(files);
      const rows = await one(deleted.where(eq(files.status, "deleted")).orderBy(files.updated_at).limit(limit), false);
      return rows.map((row) => row["storage_key"] as ObjectKey);
    },
    async forget(keys) {
      await one(builder.delete(files).where(and(eq(files.status, "deleted"), hasKeyOf(keys))), true);
    },
  };
}

/** `IN` with one parameter, however many keys: D1 binds at most 100. */
function hasKeyOf(keys: readonly ObjectKey[]): SQL {
  return inArray(files.storage_key, sql`(SELECT value FROM json_each(${JSON.stringify(keys)}))`);
}

function toStatement(query: { toSQL(): Query }, writes: boolean, mustReturn = false): Statement {
  const { sql: text, params } = query.toSQL();
  const parameters = params.map((value) => ({ value: value as string | number | null, type: "any" as const }));
  return { sql: text, parameters, columns: {}, writes, mustReturn };
}

function toPendingRow(file: NewFile): typeof files.$inferInsert {
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
  const typed = row as typeof files.$inferSelect;
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
