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
import {
  createStatements,
  hidden,
  insertForEach,
  insertInto,
  isOneOf,
  update,
  type ColumnValues,
} from "../database/statements.ts";
import type { TableRow } from "../../contract/tables.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import { isManagedFile, isReadable } from "../files/readable.ts";
import type { FileRecord } from "../files/record.ts";
import { toRecord } from "../files/row.ts";
import type { LinkRecord, NewLink, UntargetedLink } from "./link.ts";
import { gatherTerms, keptOf } from "./terms.ts";

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
  /** The same of the owner's managed file with this id. */
  findManaged(owner: string, id: string): Promise<LinkableFile | null>;
  /** The epoch above every file of this owner; added to the file's own `linkEpoch`, it is what its links must carry. */
  epochOf(owner: string | null): Promise<number>;
  /** Writes the audit row: to be sent before the link leaves. */
  recording(link: NewLink): Statement;
  /**
   * Writes the audit row of a link to the owner's managed file, with further statements, and resolves with the file: one
   * round trip. @throws Problem `row_missing` where the file cannot be read
   */
  record(link: UntargetedLink, owner: string, id: string, also: readonly Statement[]): Promise<LinkableFile>;
  /**
   * Writes one audit row for links to whichever of these files can be read, and resolves with those: one round trip. The
   * row lists the keys as they were asked for. @param others files that no link is recorded for
   */
  recordAll(
    link: UntargetedLink,
    keys: readonly ObjectKey[],
    others: readonly ObjectKey[],
  ): Promise<readonly LinkableFile[]>;
  /** An issued link of the owner's file. */
  findIssued(owner: string, fileId: string, id: string): Promise<LinkRecord | null>;
  /**
   * True when the link may send these bytes, which are then spent. A download is as many bytes as the file has: a
   * request is charged to what the running download has left, else it begins the next one and what was left is lost. So
   * a link for n downloads never sends more than n times the file, however many ask at once and however they cut it.
   */
  spend(use: LinkUse): Promise<boolean>;
  /** The newest issued links of the file, at most `limit`. */
  list(owner: string, fileId: string, limit: number): Promise<readonly LinkRecord[]>;
  /** Revokes every link of the owner's managed file that was issued so far; false when there is no such file to be read. */
  revokeFile(owner: string, id: string, now: string): Promise<boolean>;
  /** Revokes every link of the owner's files that was issued so far; null: of all files. */
  revokeOwner(owner: string | null): Promise<void>;
  /** Removes at most `limit` rows of links that ended before the moment; resolves with how many. */
  forgetEnded(before: string, limit: number): Promise<number>;
}

const { files, links, link_epochs: epochs } = quoted;
type LinkRow = TableRow<"links">;

/** The rows of link_epochs. The prefix keeps an owner with the name `all` apart. */
const EVERYTHING = "all";
const OWNER_PREFIX = "owner:";
const scopeOf = (owner: string | null): string => (owner === null ? EVERYTHING : OWNER_PREFIX + owner);

/** The epochs above a file's. Without an owner the scope is null, and matches nothing. */
function epochsAbove(scope: SQL): SQL {
  const scopes = sql`${epochs.scope} IN (${sql.raw(`'${EVERYTHING}'`)}, ${scope})`;
  return sql`COALESCE((SELECT SUM(${epochs.epoch}) FROM ${epochs} WHERE ${scopes}), 0)`;
}

/** The epoch above every file of this owner, as an expression. */
export const epochAbove = (owner: string | null): SQL => sql`CAST(${epochsAbove(sql`${scopeOf(owner)}`)} AS INTEGER)`;

export function createLinkRegistry(database: Database, dialect: Dialect): LinkRegistry {
  const { read, reading, write, writing, mustWrite } = createStatements(database, dialect);

  const ownerScope = sql`${sql.raw(`'${OWNER_PREFIX}'`)} || ${files.owner}`;
  const epoch = sql`CAST(${files.link_epoch} + ${epochsAbove(ownerScope)} AS INTEGER)`;
  const selected = sql`SELECT ${files}.*, ${epoch} AS epoch FROM ${files} WHERE`;
  return {
    async find(key) {
      return toLinkable(await read(sql`${selected} ${files.storage_key} = ${key}`));
    },
    async findManaged(owner, id) {
      return toLinkable(await read(sql`${selected} ${isManagedFile(owner, id)}`));
    },
    async record(link, owner, id, also) {
      const { expiresAt, kind } = link;
      const isFileFirst = sql`${files.expires_at} < ${expiresAt}`;
      const whicheverIsFirst = sql`CASE WHEN ${isFileFirst} THEN ${files.expires_at} ELSE ${expiresAt} END`;
      const row: ColumnValues<typeof links> = {
        ...toRow(link),
        file_id: id,
        owner,
        ...(kind === "worker" ? { epoch } : { epoch: 0, expires_at: whicheverIsFirst }),
      };
      const isOpen = sql`${isManagedFile(owner, id)} AND ${isReadable(link.issuedAt)}`;
      const [rows = []] = await database.batch([
        reading(sql`${selected} ${isManagedFile(owner, id)}`),
        ...mustWrite(sql`${insertForEach(links, row)} FROM ${files} WHERE ${isOpen} RETURNING ${links.id}`),
        ...also,
      ]);
      const found = toLinkable(rows);
      if (found === null) throw new Error("A link was recorded for no file");
      return found;
    },
    async recordAll(link, keys, others) {
      const row = { ...toRow(link), file_id: "", owner: null, epoch: 0, storage_keys: JSON.stringify(keys) };
      const named = isOneOf(dialect, files.storage_key, [...keys, ...others]);
      const [rows = []] = await database.batch([
        reading(sql`${selected} ${named} AND ${hidden(isReadable(link.issuedAt))}`),
        ...(keys.length === 0 ? [] : [writing(insertInto(links, row))]),
      ]);
      return rows.flatMap((found) => toLinkable([found]) ?? []);
    },
    async findIssued(owner, fileId, id) {
      const own = sql`${links.id} = ${id} AND ${links.file_id} = ${fileId} AND ${links.owner} = ${owner}`;
      const [row] = await read(sql`SELECT * FROM ${links} WHERE ${own}`);
      return row === undefined ? null : toLink(row as LinkRow);
    },
    async epochOf(owner) {
      const [row] = await read(sql`SELECT ${epochAbove(owner)} AS epoch`);
      return Number(row?.["epoch"]);
    },
    recording(link) {
      const { fileId, owner, epoch: epochAtIssue } = link;
      return writing(insertInto(links, { ...toRow(link), file_id: fileId, owner, epoch: epochAtIssue }));
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
    async list(owner, fileId, limit) {
      const own = sql`${links.file_id} = ${fileId} AND ${links.owner} = ${owner}`;
      const order = sql`ORDER BY ${links.issued_at} DESC, ${links.id} LIMIT ${limit}`;
      return (await read(sql`SELECT * FROM ${links} WHERE ${own} ${order}`)).map((row) => toLink(row as LinkRow));
    },
    async revokeFile(owner, id, now) {
      const change = update(files, { link_epoch: sql`${files.link_epoch} + 1` });
      const own = sql`${isManagedFile(owner, id)} AND ${isReadable(now)}`;
      return (await write(sql`${change} WHERE ${own} RETURNING ${files.id}`)).length > 0;
    },
    async revokeOwner(owner) {
      const row = insertInto(epochs, { scope: scopeOf(owner), epoch: 1 });
      await write(sql`${row} ON CONFLICT (scope) DO UPDATE SET epoch = ${epochs.epoch} + 1`);
    },
    async forgetEnded(before, limit) {
      const ended = sql`SELECT ${links.id} FROM ${links} WHERE ${links.expires_at} < ${before} LIMIT ${limit}`;
      return (await write(sql`DELETE FROM ${links} WHERE ${links.id} IN (${ended}) RETURNING ${links.id}`)).length;
    },
  };
}

function toLinkable([row]: readonly Row[]): LinkableFile | null {
  return row === undefined ? null : { file: toRecord(row), epoch: Number(row["epoch"]) };
}

function toRow(link: UntargetedLink): Partial<LinkRow> {
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

function toLink(row: LinkRow): LinkRecord {
  return {
    id: row.id,
    fileId: row.file_id,
    owner: row.owner,
    kind: row.kind,
    epoch: row.epoch,
    ...gatherTerms(({ column }) => (column === undefined ? null : row[column])),
    downloads: row.downloads,
    requestId: row.request_id,
    clientIp: row.client_ip,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
  };
}
