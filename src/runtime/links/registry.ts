/**
 * The registry of signed links: one audit row per issued link, the downloads of counted ones, and the epochs that
 * revoke links by growing.
 *
 * A link carries the sum of three numbers at issue: the epochs of its file, of the file's owner and of everything. Each
 * of them only grows, so the sum stays the same exactly as long as none of the three was revoked.
 */
import { sql, type SQL } from "drizzle-orm";
import type { Database, Row, Statement } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, hidden, insertInto, isOneOf, update } from "../database/statements.ts";
import type { TableRow } from "../../contract/tables.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import { isReadable } from "../files/readable.ts";
import type { FileRecord } from "../files/record.ts";
import { toRecord } from "../files/row.ts";
import type { NewLink, UntargetedLink } from "./link.ts";
import { keptOf } from "./terms.ts";

/** A file and what its links must carry now. */
export interface LinkableFile {
  readonly file: FileRecord;
  readonly epoch: number;
}

/** Bytes that are asked for through a counted link. */
export interface LinkUse {
  readonly id: string;
  readonly fileId: string;
  readonly lengthBytes: number;
  readonly fileBytes: number;
}

export interface LinkRegistry {
  /** The row of a key in any status, and the epoch: one statement. */
  find(key: ObjectKey): Promise<LinkableFile | null>;
  /** The epoch above every file of this owner; added to the file's own `linkEpoch`, it is what its links must carry. */
  epochOf(owner: string | null): Promise<number>;
  /** Writes the audit row: to be sent before the link leaves. */
  recording(link: NewLink): Statement;
  /**
   * Writes one audit row for links to whichever of these files can be read, and resolves with those: one round trip. The
   * row lists the keys as they were asked for. @param others files that no link is recorded for
   */
  recordAll(
    link: UntargetedLink,
    keys: readonly ObjectKey[],
    others: readonly ObjectKey[],
  ): Promise<readonly LinkableFile[]>;
  /**
   * True when the link may send these bytes, which are then spent. A download is as many bytes as the file has: a
   * request is charged to what the running download has left, else it begins the next one and what was left is lost. So
   * a link for n downloads never sends more than n times the file, however many ask at once and however they cut it.
   */
  spend(use: LinkUse): Promise<boolean>;
  /** Removes at most `limit` rows of links that ended before the moment; resolves with how many. */
  forgetEnded(before: string, limit: number): Promise<number>;
}

const { files, links, link_epochs: epochs } = quoted;

/** The rows of link_epochs. The prefix keeps an owner with the name `all` apart. */
const EVERYTHING = "all";
const OWNER_PREFIX = "owner:";
/** Of an owner, or of everything. */
export const epochScope = (owner: string | null): string => (owner === null ? EVERYTHING : OWNER_PREFIX + owner);

/** The epochs above a file's. Without an owner the scope is null, and matches nothing. */
function epochsAbove(scope: SQL): SQL {
  const scopes = sql`${epochs.scope} IN (${sql.raw(`'${EVERYTHING}'`)}, ${scope})`;
  return sql`COALESCE((SELECT SUM(${epochs.epoch}) FROM ${epochs} WHERE ${scopes}), 0)`;
}

/** The epoch above every file of this owner, as an expression. */
export const epochAbove = (owner: string | null): SQL =>
  sql`CAST(${epochsAbove(sql`${epochScope(owner)}`)} AS INTEGER)`;

const ownerScope = sql`${sql.raw(`'${OWNER_PREFIX}'`)} || ${files.owner}`;

/** What the links of a file must carry, as an expression. */
export const epochOfFile = sql`CAST(${files.link_epoch} + ${epochsAbove(ownerScope)} AS INTEGER)`;

/** For `toLinkable`; a condition follows. */
export const selectLinkable = sql`SELECT ${files}.*, ${epochOfFile} AS epoch FROM ${files} WHERE`;

export function createLinkRegistry(database: Database, dialect: Dialect): LinkRegistry {
  const { read, reading, write, writing } = createStatements(database, dialect);
  return {
    async find(key) {
      return toLinkable(await read(sql`${selectLinkable} ${files.storage_key} = ${key}`));
    },
    async recordAll(link, keys, others) {
      const row = { ...toLinkRow(link), file_id: "", owner: null, epoch: 0, storage_keys: JSON.stringify(keys) };
      const named = isOneOf(dialect, files.storage_key, [...keys, ...others]);
      const [rows = []] = await database.batch([
        reading(sql`${selectLinkable} ${named} AND ${hidden(isReadable(link.issuedAt))}`),
        ...(keys.length === 0 ? [] : [writing(insertInto(links, row))]),
      ]);
      return rows.flatMap((found) => toLinkable([found]) ?? []);
    },
    async epochOf(owner) {
      const [row] = await read(sql`SELECT ${epochAbove(owner)} AS epoch`);
      return Number(row?.["epoch"]);
    },
    recording(link) {
      const { fileId, owner, epoch: epochAtIssue } = link;
      return writing(insertInto(links, { ...toLinkRow(link), file_id: fileId, owner, epoch: epochAtIssue }));
    },
    async spend({ id, fileId, lengthBytes, fileBytes }) {
      // An empty file costs one byte of one: without a cost its downloads would not be counted.
      const cost = Math.max(lengthBytes, 1);
      const isPaid = sql`${links.bytes_left} >= ${cost}`;
      const change = update(links, {
        downloads: sql`${links.downloads} + CASE WHEN ${isPaid} THEN 0 ELSE 1 END`,
        bytes_left: sql`CASE WHEN ${isPaid} THEN ${links.bytes_left} - ${cost} ELSE ${Math.max(fileBytes, 1) - cost} END`,
      });
      const allowed = sql`(${isPaid} OR ${links.downloads} < ${links.max_downloads})`;
      const own = sql`${links.id} = ${id} AND ${links.file_id} = ${fileId}`;
      return (await write(sql`${change} WHERE ${own} AND ${allowed} RETURNING ${links.id}`)).length > 0;
    },
    async forgetEnded(before, limit) {
      const ended = sql`SELECT ${links.id} FROM ${links} WHERE ${links.expires_at} < ${before} LIMIT ${limit}`;
      return (await write(sql`DELETE FROM ${links} WHERE ${links.id} IN (${ended}) RETURNING ${links.id}`)).length;
    },
  };
}

export function toLinkable([row]: readonly Row[]): LinkableFile | null {
  return row === undefined ? null : { file: toRecord(row), epoch: Number(row["epoch"]) };
}

/** Of the audit. */
export function toLinkRow(link: UntargetedLink): Partial<TableRow<"links">> {
  return {
    id: link.id,
    kind: link.kind,
    ...keptOf(link, "column"),
    request_id: link.requestId,
    client_ip: link.clientIp,
    issued_at: link.issuedAt,
    expires_at: link.expiresAt,
  };
}
