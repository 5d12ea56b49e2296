/** The links of files that the file API manages, for the files' owners. */
import { sql } from "drizzle-orm";
import type { TableRow } from "../../contract/tables.ts";
import type { Database, Statement } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, insertForEach, insertInto, update, type ColumnValues } from "../database/statements.ts";
import { isManagedFile, isReadable } from "../files/readable.ts";
import type { LinkRecord, UntargetedLink } from "./link.ts";
import { epochOfFile, epochScope, selectLinkable, toLinkable, toLinkRow, type LinkableFile } from "./registry.ts";
import { gatherTerms } from "./terms.ts";

export interface ManagedLinks {
  /** The row of the owner's managed file with this id, in any status, and the epoch: one statement. */
  findManaged(owner: string, id: string): Promise<LinkableFile | null>;
  /**
   * Writes the audit row of a link to the owner's managed file, with further statements, and resolves with the file: one
   * round trip. @throws Problem `row_missing` where the file cannot be read
   */
  record(link: UntargetedLink, owner: string, id: string, also: readonly Statement[]): Promise<LinkableFile>;
  /** An issued link of the owner's file. */
  findIssued(owner: string, fileId: string, id: string): Promise<LinkRecord | null>;
  /** The newest issued links of the file, at most `limit`. */
  list(owner: string, fileId: string, limit: number): Promise<readonly LinkRecord[]>;
  /** Revokes every link of the owner's managed file that was issued so far; false when there is no such file to be read. */
  revokeFile(owner: string, id: string, now: string): Promise<boolean>;
  /** Revokes every link of the owner's files that was issued so far; null: of all files. */
  revokeOwner(owner: string | null): Promise<void>;
}

const { files, links, link_epochs: epochs } = quoted;
type LinkRow = TableRow<"links">;

export function createManagedLinks(database: Database, dialect: Dialect): ManagedLinks {
  const { read, reading, write, mustWrite } = createStatements(database, dialect);
  return {
    async findManaged(owner, id) {
      return toLinkable(await read(sql`${selectLinkable} ${isManagedFile(owner, id)}`));
    },
    async record(link, owner, id, also) {
      const { expiresAt, kind } = link;
      const isFileFirst = sql`${files.expires_at} < ${expiresAt}`;
      const whicheverIsFirst = sql`CASE WHEN ${isFileFirst} THEN ${files.expires_at} ELSE ${expiresAt} END`;
      const row: ColumnValues<typeof links> = {
        ...toLinkRow(link),
        file_id: id,
        owner,
        ...(kind === "worker" ? { epoch: epochOfFile } : { epoch: 0, expires_at: whicheverIsFirst }),
      };
      const isOpen = sql`${isManagedFile(owner, id)} AND ${isReadable(link.issuedAt)}`;
      const [rows = []] = await database.batch([
        reading(sql`${selectLinkable} ${isManagedFile(owner, id)}`),
        ...mustWrite(sql`${insertForEach(links, row)} FROM ${files} WHERE ${isOpen} RETURNING ${links.id}`),
        ...also,
      ]);
      const found = toLinkable(rows);
      if (found === null) throw new Error("A link was recorded for no file");
      return found;
    },
    async findIssued(owner, fileId, id) {
      const own = sql`${links.id} = ${id} AND ${links.file_id} = ${fileId} AND ${links.owner} = ${owner}`;
      const [row] = await read(sql`SELECT * FROM ${links} WHERE ${own}`);
      return row === undefined ? null : toLink(row as LinkRow);
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
      const row = insertInto(epochs, { scope: epochScope(owner), epoch: 1 });
      await write(sql`${row} ON CONFLICT (scope) DO UPDATE SET epoch = ${epochs.epoch} + 1`);
    },
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
