/** What operators ask of thumbnails: no Worker needs it. */
import { sql } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, isOneOf, update } from "../database/statements.ts";
import { WANTED } from "./kept-thumbnails.ts";
import { isWanted } from "./wanted.ts";

export interface ThumbnailRequests {
  /** Wants those of stored pictures of these endpoints that have none; resolves with of how many. */
  request(endpoints: readonly string[]): Promise<number>;
  /** How many files wait. */
  count(): Promise<number>;
}

const { files } = quoted;
/** Of one statement. */
const MAX_ROWS = 1000;

export function createThumbnailRequests(database: Database, dialect: Dialect): ThumbnailRequests {
  const { read, write } = createStatements(database, dialect);
  return {
    async request(endpoints) {
      const isPicture = sql`substr(${files.file_type}, 1, 6) = 'image/'`;
      const isOf = isOneOf(dialect, files.endpoint, endpoints);
      const isMissing = sql`${files.status} = 'stored' AND ${files.thumbnails} IS NULL AND ${isPicture} AND ${isOf}`;
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
  };
}
