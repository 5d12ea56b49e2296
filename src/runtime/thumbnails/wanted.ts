/** The files whose thumbnails are still to be made. Their rows are the queue: nothing of it can be lost. */
import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, hidden, isOneOf, update } from "../database/statements.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import { WANTED } from "./kept-thumbnails.ts";

export interface WantedFile {
  readonly id: string;
  readonly storageKey: ObjectKey;
  readonly fileType: string;
  /** Id of the ABI that stored it. */
  readonly endpoint: string;
  /** Null: the row does not tell. */
  readonly field: string | null;
}

export interface WantedThumbnails {
  /** Wants those of stored pictures of these endpoints that have none; resolves with of how many. */
  request(endpoints: readonly string[]): Promise<number>;
  /** How many files wait. */
  count(): Promise<number>;
  /** At most `limit` that can be read, and that no other sweep has claimed for now. @param now RFC 3339 */
  find(limit: number, now: string): Promise<readonly WantedFile[]>;
  /** From then on they are this sweep's alone to make, as long as one can take; false where another was first. */
  claim(id: string, now: string): Promise<boolean>;
  /**
   * Writes what was made under the claim; false where the file has gone meanwhile.
   * @param claimedAt as it was claimed @param thumbnails as `writeThumbnails`
   */
  settle(id: string, claimedAt: string, thumbnails: string | null): Promise<boolean>;
}

const { files } = quoted;
/** Of one statement. */
const MAX_ROWS = 1000;
/** The longest that an invocation of a cron trigger may last: https://developers.cloudflare.com/workers/platform/limits/ */
const CLAIM_MS = 900_000;
/** As the index has it, which an engine does not recognise with parameters. */
const isWanted: SQL = sql`substr(${files.thumbnails}, 1, 6) = ${sql.raw(`'${WANTED}'`)}`;
const claimOf = (moment: string): string => `${WANTED} ${moment}`;
const isStored: SQL = sql`${files.status} = 'stored'`;

export function createWantedThumbnails(database: Database, dialect: Dialect): WantedThumbnails {
  const { read, write } = createStatements(database, dialect);
  const isFree = (now: string): SQL => {
    const before = claimOf(new Date(Date.parse(now) - CLAIM_MS).toISOString());
    // Else SQLite would walk all that are stored.
    return sql`${isWanted} AND ${hidden(isStored)} AND ${dialect.byBytes(files.thumbnails)} < ${before}`;
  };
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
    async find(limit, now) {
      const columns = sql`${files.id}, ${files.storage_key}, ${files.file_type}, ${files.endpoint}, ${files.field}`;
      const rows = await read(
        sql`SELECT ${columns} FROM ${files} WHERE ${isFree(now)} ORDER BY ${files.id} LIMIT ${limit}`,
      );
      return rows.map((row) => ({
        id: row["id"] as string,
        storageKey: row["storage_key"] as ObjectKey,
        fileType: row["file_type"] as string,
        endpoint: row["endpoint"] as string,
        field: row["field"] as string | null,
      }));
    },
    async claim(id, now) {
      const change = update(files, { thumbnails: claimOf(now) });
      return (
        (await write(sql`${change} WHERE ${files.id} = ${id} AND ${isFree(now)} RETURNING ${files.id}`)).length > 0
      );
    },
    async settle(id, claimedAt, thumbnails) {
      const isClaimed = sql`${files.thumbnails} = ${claimOf(claimedAt)} AND ${isStored}`;
      const change = update(files, { thumbnails });
      const changed = await write(sql`${change} WHERE ${files.id} = ${id} AND ${isClaimed} RETURNING ${files.id}`);
      return changed.length > 0;
    },
  };
}
