/** `delete_files` of a payload, or of a field of it: which of an owner's files it names, and the statement that ends them. */
import { sql } from "drizzle-orm";
import type { Json } from "../../contract/plan.ts";
import type { DeleteFilesStep } from "../../contract/plan/files.ts";
import { Problem } from "../../contract/problem.ts";
import type { Database, Statement } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, update } from "../database/statements.ts";
import { readObjectKey, type ObjectKey } from "../storage/object-key.ts";
import { isRemovable, noteDeletion, type DeletionContext } from "./deletion.ts";
import { isAmong, keysOf, removal } from "./registry.ts";

export interface OwnedFiles {
  /** Which of the keys name a file of this owner, pending and gone ones aside. */
  find(owner: string, keys: readonly ObjectKey[]): Promise<ReadonlySet<string>>;
  /** → gone, for a batch. From then on nobody can read them. @param now RFC 3339 */
  ending(owner: string, keys: readonly ObjectKey[], now: string): Statement;
}

const { files } = quoted;

export function createOwnedFiles(database: Database, dialect: Dialect): OwnedFiles {
  const { read, writing } = createStatements(database, dialect);
  const isOwned = (owner: string, keys: readonly ObjectKey[]) =>
    isAmong(dialect, keys, sql`${files.owner} = ${owner} AND ${isRemovable}`);
  return {
    find: async (owner, keys) =>
      keysOf(await read(sql`SELECT ${files.storage_key} FROM ${files} WHERE ${isOwned(owner, keys)}`)),
    ending: (owner, keys, now) => writing(sql`${update(files, removal(now))} WHERE ${isOwned(owner, keys)}`),
  };
}

/** @param payload or its field that `keys` names. @throws Problem `payload_invalid` */
export async function deleteOwned(
  { keys: field, maxKeys }: Pick<DeleteFilesStep, "keys" | "maxKeys">,
  step: number,
  payload: Json,
  owner: string,
  context: DeletionContext,
): Promise<void> {
  const { database, dialect } = context.call.deployment;
  const names = field === undefined ? readList(payload, maxKeys) : readField(payload, maxKeys);
  const keys = [...new Set(names)].map(readObjectKey).filter((key) => key !== null);
  const ownedFiles = createOwnedFiles(database, dialect);
  const owned = keys.length === 0 ? new Set<string>() : await ownedFiles.find(owner, keys);
  const removed = keys.filter((key) => owned.has(key));
  if (removed.length > 0) {
    const ending = ownedFiles.ending(owner, removed, context.scope.now.toISOString());
    context.transaction.add({ statements: [ending], purpose: "registry", settle: () => undefined });
  }
  const files = removed.map((key) => ({ key, owner }));
  noteDeletion(step, names, files, context);
}

function readList(payload: Json, maxKeys: number): readonly string[] {
  if (!Array.isArray(payload)) throw refuse("The body must be a JSON array of storage keys.");
  if (payload.length === 0) throw refuse("The array of storage keys is empty.");
  return readNames(payload as readonly Json[], maxKeys);
}

/** A field that is sent once in a form is a text, and one that is not sent names nothing. */
function readField(value: Json, maxKeys: number): readonly string[] {
  if (value === null) return [];
  return readNames(Array.isArray(value) ? (value as readonly Json[]) : [value], maxKeys);
}

function readNames(names: readonly Json[], maxKeys: number): readonly string[] {
  if (names.length > maxKeys) throw refuse(`At most ${maxKeys} storage keys can be deleted in one call.`, maxKeys);
  if (!names.every((name) => typeof name === "string")) throw refuse("Each storage key must be a string.");
  return names;
}

function refuse(detail: string, limit?: number): Problem {
  return new Problem("payload_invalid", limit === undefined ? { detail } : { detail, members: { limit } });
}
