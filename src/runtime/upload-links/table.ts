/**
 * The table of upload links. A use is taken in the batch that registers the call's first file, and what gives it back is a
 * trigger of the table of files: see 0015_upload_links.sql. So exactly as many uploads succeed as a link allows.
 */
import { sql } from "drizzle-orm";
import type { TableRow } from "../../contract/tables.ts";
import type { RuntimeTables } from "../database/engine.ts";
import type { Statement } from "../database/database.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, insertInto, update } from "../database/statements.ts";
import { epochAbove } from "../links/registry.ts";

export type LinkRow = TableRow<"upload_links">;
export type LinkState = "live" | "expired" | "revoked" | "used_up";

/** A link as its row has it. */
export interface FoundLink {
  readonly row: LinkRow;
  readonly state: LinkState;
  /** Whether or not its time was over. */
  readonly isRevoked: boolean;
}

/** Whose links, of which endpoint. */
export type LinkHolder = Pick<LinkRow, "endpoint" | "owner">;

export interface UploadLinkTable {
  /** Writes the row of a new link: before the link leaves. */
  record(link: Omit<LinkRow, "epoch" | "uploads" | "revoked_at">): Promise<void>;
  /** Takes one use of a link; fails the batch where the link has none left, or has ended. */
  using(id: string): readonly Statement[];
  /** One of the holder's. */
  find(id: string): Promise<FoundLink | null>;
  /** The newest, at most `limit`. */
  list(limit: number): Promise<readonly FoundLink[]>;
  /** False: the holder has none of this id. */
  revoke(id: string): Promise<boolean>;
  revokeAll(): Promise<void>;
}

const { upload_links: links, row_guard: guard } = quoted;

/** @param now RFC 3339: when the call began */
export function createUploadLinkTable(
  { database, dialect }: RuntimeTables,
  { endpoint, owner }: LinkHolder,
  now: string,
): UploadLinkTable {
  const { read, write, writing } = createStatements(database, dialect);
  const own = sql`${links.owner} = ${owner} AND ${links.endpoint} = ${endpoint}`;
  const selected = sql`SELECT ${links}.*, ${epochAbove(owner)} AS epoch_now FROM ${links} WHERE ${own}`;
  const ended = update(links, { revoked_at: now });
  const isOpen = sql`${links.revoked_at} IS NULL`;
  const toFound = ({ epoch_now: epochNow, ...rest }: Readonly<Record<string, unknown>>): FoundLink => {
    const row = rest as unknown as LinkRow;
    const isRevoked = row.revoked_at !== null || row.epoch !== Number(epochNow);
    return { row, isRevoked, state: stateOf(row, isRevoked, now) };
  };
  return {
    async record(link) {
      await write(insertInto(links, { ...link, epoch: epochAbove(owner) }));
    },
    using(id) {
      const isThis = sql`${links.id} = ${id} AND ${own}`;
      const hasRoom = sql`${links.uploads} <= ${links.max_uploads} AND ${links.expires_at} > ${now}`;
      const isLive = sql`${isOpen} AND ${links.epoch} = ${epochAbove(owner)}`;
      return [
        writing(sql`${update(links, { uploads: sql`${links.uploads} + 1` })} WHERE ${isThis}`),
        writing(
          sql`INSERT INTO ${guard} (found, excess) SELECT 1, 1 WHERE NOT EXISTS (SELECT 1 FROM ${links} WHERE ${isThis} AND ${hasRoom} AND ${isLive})`,
        ),
      ];
    },
    async find(id) {
      const [row] = await read(sql`${selected} AND ${links.id} = ${id}`);
      return row === undefined ? null : toFound(row);
    },
    async list(limit) {
      const order = sql`ORDER BY ${links.issued_at} DESC, ${links.id} LIMIT ${limit}`;
      return (await read(sql`${selected} ${order}`)).map(toFound);
    },
    async revoke(id) {
      const moment = update(links, { revoked_at: sql`coalesce(${links.revoked_at}, ${now})` });
      return (await write(sql`${moment} WHERE ${own} AND ${links.id} = ${id} RETURNING ${links.id}`)).length > 0;
    },
    async revokeAll() {
      // Those whose time is over as well: what comes in pieces may go on behind that.
      await write(sql`${ended} WHERE ${own} AND ${isOpen}`);
    },
  };
}

function stateOf(row: LinkRow, isRevoked: boolean, now: string): LinkState {
  if (row.expires_at <= now) return "expired";
  if (isRevoked) return "revoked";
  return row.uploads >= row.max_uploads ? "used_up" : "live";
}

/** Keeps one run short; what is left waits for the next. */
const MAX_FORGOTTEN = 10_000;
/** As long as an upload in pieces may go on, whose link has to be found. */
const AFTERMATH_SECONDS = 86_400;

/** Of links that ended more than `retentionSeconds` ago; resolves with how many. */
export async function forgetUploadLinks(
  { database, dialect }: RuntimeTables,
  retentionSeconds: number,
  now: Date,
): Promise<number> {
  const { write } = createStatements(database, dialect);
  const before = new Date(now.getTime() - 1000 * (retentionSeconds + AFTERMATH_SECONDS)).toISOString();
  const chosen = sql`SELECT ${links.id} FROM ${links} WHERE ${links.expires_at} < ${before} LIMIT ${MAX_FORGOTTEN}`;
  return (await write(sql`DELETE FROM ${links} WHERE ${links.id} IN (${chosen}) RETURNING ${links.id}`)).length;
}
