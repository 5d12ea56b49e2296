/** `replaces`: ends the earlier files of which those of a call take the place, in the batch that stores these. */
import { sql } from "drizzle-orm";
import type { Database, Statement } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, hidden, isOneOf, update } from "../database/statements.ts";
import { removal } from "./registry.ts";

export interface Replacing {
  /** The same for all files of which the last takes the place of the others. */
  readonly key: string;
  /** The files that take it. */
  readonly ids: readonly string[];
  /** RFC 3339. */
  readonly now: string;
}

const { files } = quoted;

/** The statements for one batch. The rows of the first tell the storage keys of the files that are `gone`. */
export function endEarlier(database: Database, dialect: Dialect, { key, ids, now }: Replacing): readonly Statement[] {
  const { writing } = createStatements(database, dialect);
  const isEarlier = sql`${files.replaces_key} = ${key} AND ${hidden(sql`${files.status} = 'stored'`)}`;
  const ending = writing(sql`${update(files, removal(now))} WHERE ${isEarlier} RETURNING ${files.storage_key}`);
  return [
    // Of two calls at once the later has to see what the earlier one stored.
    { ...ending, lock: `replaces ${key}` },
    writing(sql`${update(files, { replaces_key: key })} WHERE ${isOneOf(dialect, files.id, ids)}`),
  ];
}
