/** Runs single commands on a database of MongoDB, in the session that the caller has opened. */
import type { ClientSession, Collection, Db, Document } from "mongodb";
import { Problem } from "../../contract/problem.ts";
import type { Row, Rows } from "../../runtime/database/database.ts";
import type { NextId } from "./document-ids.ts";
import type {
  DeleteCommand,
  DocumentCommand,
  FindCommand,
  InsertCommand,
  UpdateCommand,
} from "../../runtime/database/document-store.ts";
import { toRow } from "./from-mongodb.ts";
import { collation, toFields, toFilter, toProjection, toSort } from "./to-mongodb.ts";

export interface CommandContext {
  readonly database: Db;
  /** Null: outside of a transaction. */
  readonly session: ClientSession | null;
  readonly nextId: NextId;
  /** Called with the ids of documents before they are sent. */
  readonly inserting: (collection: string, ids: readonly Document["_id"][]) => void;
}

/** In order. @throws Problem `row_missing`, errors of the driver */
export async function runCommands(commands: readonly DocumentCommand[], context: CommandContext): Promise<Rows> {
  const results: (readonly Row[])[] = [];
  for (const group of grouped(commands)) {
    const [first] = group;
    if (first?.action === "insert") results.push(...(await insert(group.filter(isInsert), context)));
    else if (first !== undefined) results.push(await runOne(first, context));
  }
  return results;
}

const isInsert = (command: DocumentCommand): command is InsertCommand => command.action === "insert";

/** INSERTs into one collection that follow each other go to the server as one command. */
function grouped(commands: readonly DocumentCommand[]): DocumentCommand[][] {
  const groups: DocumentCommand[][] = [];
  for (const command of commands) {
    const last = groups.at(-1);
    const [first] = last ?? [];
    const joins = isInsert(command) && first?.action === "insert" && first.collection === command.collection;
    if (joins) last?.push(command);
    else groups.push([command]);
  }
  return groups;
}

async function runOne(
  command: FindCommand | UpdateCommand | DeleteCommand,
  context: CommandContext,
): Promise<readonly Row[]> {
  const rows = await found(command, context);
  if (rows.length === 0 && command.mustReturn) {
    throw new Problem("row_missing", { detail: "A row that this call depends on was not found." });
  }
  return rows;
}

function found(command: FindCommand | UpdateCommand | DeleteCommand, context: CommandContext): Promise<readonly Row[]> {
  switch (command.action) {
    case "find":
      return find(command, context);
    case "update":
      return update(command, context);
    case "delete":
      return remove(command, context);
    default:
      return command satisfies never;
  }
}

const collectionOf = ({ collection }: DocumentCommand, { database }: CommandContext): Collection =>
  database.collection(collection);

const inSession = ({ session }: CommandContext) => (session === null ? {} : { session });

async function insert(commands: readonly InsertCommand[], context: CommandContext): Promise<readonly Row[][]> {
  const [first] = commands;
  if (first === undefined) return [];
  const documents = commands.map(({ set }): Document => ({ _id: context.nextId(), ...toFields(set) }));
  context.inserting(
    first.collection,
    documents.map(({ _id }): unknown => _id),
  );
  await collectionOf(first, context).insertMany(documents, inSession(context));
  return commands.map(({ set, fields }, index) => [
    toRow({ ...Object.fromEntries(set), _id: documents[index]?.["_id"] as unknown }, fields),
  ]);
}

async function find(command: FindCommand, context: CommandContext): Promise<readonly Row[]> {
  const filter = toFilter(command.filter);
  // To the server a limit of zero means no limit.
  if (filter === null || command.limit === 0) return [];
  const { fields, limit, skip, sort } = command;
  const page = { limit, skip, batchSize: limit, sort: toSort(sort), projection: toProjection(fields) };
  const cursor = collectionOf(command, context).find(filter, { ...page, collation, ...inSession(context) });
  return (await cursor.toArray()).map((document) => toRow(document, fields));
}

/** The documents that a write is about to change, as they are before it, in the order of insertion. */
function findAll(command: UpdateCommand | DeleteCommand, filter: Document, context: CommandContext) {
  const options = { projection: toProjection(command.fields), sort: toSort([]), collation, ...inSession(context) };
  return collectionOf(command, context).find(filter, options).toArray();
}

const hasId = ({ filter }: UpdateCommand | DeleteCommand): boolean => filter.some(([field]) => field === "id");

/** Those of the documents that still match the filter: on a standalone server others may write in between. */
const among = (documents: readonly Document[], filter: Document): Document => ({
  _id: { $in: documents.map(({ _id }): unknown => _id) },
  ...filter,
});

async function update(command: UpdateCommand, context: CommandContext): Promise<readonly Row[]> {
  const filter = toFilter(command.filter);
  if (filter === null) return [];
  const { fields } = command;
  const collection = collectionOf(command, context);
  const change = { $set: toFields(command.set) };
  if (hasId(command)) {
    const options = { returnDocument: "after", projection: toProjection(fields), collation } as const;
    const document = await collection.findOneAndUpdate(filter, change, { ...options, ...inSession(context) });
    return document === null ? [] : [toRow(document, fields)];
  }
  const documents = await findAll(command, filter, context);
  if (documents.length === 0) return [];
  await collection.updateMany(among(documents, filter), change, { collation, ...inSession(context) });
  const written = Object.fromEntries(command.set);
  return documents.map((document) => toRow({ ...document, ...written }, fields));
}

async function remove(command: DeleteCommand, context: CommandContext): Promise<readonly Row[]> {
  const filter = toFilter(command.filter);
  if (filter === null) return [];
  const { fields } = command;
  const collection = collectionOf(command, context);
  if (hasId(command)) {
    const options = { projection: toProjection(fields), collation, ...inSession(context) };
    const document = await collection.findOneAndDelete(filter, options);
    return document === null ? [] : [toRow(document, fields)];
  }
  const documents = await findAll(command, filter, context);
  if (documents.length === 0) return [];
  await collection.deleteMany(among(documents, filter), { collation, ...inSession(context) });
  return documents.map((document) => toRow(document, fields));
}
