/** The files whose thumbnails are still to be made. Their rows are the queue: nothing of it can be lost. */
import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, hidden, update } from "../database/statements.ts";
import type { FileRecord } from "../files/record.ts";
import { toRecord } from "../files/row.ts";
import { WANTED } from "./kept-thumbnails.ts";

export interface WantedFile extends FileRecord {
  /** Of the form that it came in; null: the row does not tell. */
  readonly field: string | null;
}

export interface WantedThumbnails {
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
/** The longest that an invocation of a cron trigger may last: https://developers.cloudflare.com/workers/platform/limits/ */
const CLAIM_MS = 900_000;
/** As the index has it, which an engine does not recognise with parameters. */
export const isWanted: SQL = sql`substr(${files.thumbnails}, 1, 6) = ${sql.raw(`'${WANTED}'`)}`;
const claimOf = (moment: string): string => `${WANTED} ${moment}`;
const isStored: SQL = sql`${files.status} = 'stored'`;

export function createWantedThumbnails(database: Database, dialect: Dialect): WantedThumbnails {
  const { read, write } = createStatements(database, dialect);
  const isFree = (now: string): SQL => {
    const before = claimOf(new Date(Date.parse(now) - CLAIM_MS).toISOString());
    // Else SQLite would walk all that are stored.
    return sql`${isWanted} AND ${hidden(isStored)} AND ${dialect.byBytes(files.thumbnails)} < ${before}`;
  };
  const change = async (id: string, thumbnails: string | null, condition: SQL): Promise<boolean> => {
    const own = sql`${files.id} = ${id} AND ${condition}`;
    return (await write(sql`${update(files, { thumbnails })} WHERE ${own} RETURNING ${files.id}`)).length > 0;
  };
  return {
    async find(limit, now) {
      const rows = await read(sql`SELECT * FROM ${files} WHERE ${isFree(now)} ORDER BY ${files.id} LIMIT ${limit}`);
      return rows.map((row) => ({ ...toRecord(row), field: row["field"] as string | null }));
    },
    claim: (id, now) => change(id, claimOf(now), isFree(now)),
    settle: (id, claimedAt, thumbnails) =>
      change(id, thumbnails, sql`${files.thumbnails} = ${claimOf(claimedAt)} AND ${isStored}`),
  };
}
