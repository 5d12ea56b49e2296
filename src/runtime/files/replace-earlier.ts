/** `replaces`: ends what an endpoint stored for an owner before, in the batch that stores the files of a call. */
import { sql } from "drizzle-orm";
import type { Database, Statement } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, isOneOf, update } from "../database/statements.ts";
import { removal } from "./registry.ts";

export interface Replacing {
  readonly owner: string;
  /** What it stored for the owner goes, but for the files with these ids. */
  readonly endpoint: string;
  readonly ids: readonly string[];
  /** RFC 3339. */
  readonly now: string;
}

const { files } = quoted;

/** The statement, whose rows tell the storage keys of the files that are `gone`. */
export function replaceEarlier(database: Database, dialect: Dialect, work: Replacing): Statement {
  const { owner, endpoint, ids, now } = work;
  const isEarlier = sql`${files.owner} = ${owner} AND ${files.endpoint} = ${endpoint} AND ${files.status} = 'stored'`;
  const isOther = sql`NOT (${isOneOf(dialect, files.id, ids)})`;
  const change = sql`${update(files, removal(now))} WHERE ${isEarlier} AND ${isOther} RETURNING ${files.storage_key}`;
  // Of two calls at once the later has to see what the earlier one stored.
  return {
    ...createStatements(database, dialect).writing(change),
    lock: `replaces ${JSON.stringify([owner, endpoint])}`,
  };
}
