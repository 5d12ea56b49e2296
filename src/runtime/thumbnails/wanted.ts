/** The files whose thumbnails are still to be made. Their rows are the queue: nothing of it can be lost. */
import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, isOneOf, update } from "../database/statements.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import { WANTED } from "./kept-thumbnails.ts";

export interface WantedFile {
  readonly id: string;
  readonly storageKey: ObjectKey;
  readonly fileType: string;
  /** Id of the ABI that stored it. */
  readonly endpoint: string;
}

export interface WantedThumbnails {
  /** Wants those of stored pictures of these endpoints that have none; resolves with of how many. */
  request(endpoints: readonly string[]): Promise<number>;
  /** How many files wait. */
  count(): Promise<number>;
  /** At most `limit` that can be read. */
  find(limit: number): Promise<readonly WantedFile[]>;
  /** Writes what was made; false where the file has gone, or has them by now. @param thumbnails as `writeThumbnails` */
  settle(id: string, thumbnails: string | null): Promise<boolean>;
}

const { files } = quoted;
/** Of one statement. */
const MAX_ROWS = 1000;
/** As the index has it, which an engine does not recognise in a parameter. */
const isWanted: SQL = sql`${files.thumbnails} = ${sql.raw(`'${WANTED}'`)}`;
const isStored: SQL = sql`${files.status} = 'stored'`;

export function createWantedThumbnails(database: Database, dialect: Dialect): WantedThumbnails {
  const { read, write } = createStatements(database, dialect);
  return {
    async request(endpoints) {
      const isPicture = sql`substr(${files.file_type}, 1, 6) = 'image/'`;
      const isOf = isOneOf(dialect, files.endpoint, endpoints);
      const isMissing = sql`${isStored} AND ${files.thumbnails} IS NULL AND ${isPicture} AND ${isOf}`;
      const chosen = sql`SELECT ${files.id} FROM ${files} WHERE ${isMissing} LIMIT ${MAX_ROWS}`;
      const requested = sql`${update(files, { thumbnails: WANTED })} WHERE ${files.id} IN (${chosen}) AND ${isMissing}`;
      let total = 0;
      for (let rows = MAX_ROWS; rows === MAX_ROWS; total += rows) {
        rows = (await write(sql`${requested} RETURNING ${files.id}`)).length;
      }
      return total;
    },
    async count() {
      const [row] = await read(sql`SELECT count(*) AS total FROM ${files} WHERE ${isWanted}`);
      return Number(row?.["total"] ?? 0);
    },
    async find(limit) {
      const columns = sql`${files.id}, ${files.storage_key}, ${files.file_type}, ${files.endpoint}`;
      const rows = await read(
        sql`SELECT ${columns} FROM ${files} WHERE ${isWanted} AND ${isStored} ORDER BY ${files.id} LIMIT ${limit}`,
      );
      return rows.map((row) => ({
        id: row["id"] as string,
        storageKey: row["storage_key"] as ObjectKey,
        fileType: row["file_type"] as string,
        endpoint: row["endpoint"] as string,
      }));
    },
    async settle(id, thumbnails) {
      const change = update(files, { thumbnails });
      const changed = await write(
        sql`${change} WHERE ${files.id} = ${id} AND ${isWanted} AND ${isStored} RETURNING ${files.id}`,
      );
      return changed.length > 0;
    },
  };
}
