/**
 * Writes the SQL of one `mongo_query` for SQLite: documents are rows of the table `documents`, their fields members of
 * its JSON column. It knows neither accessors nor scopes; names have been checked.
 */
import type { ColumnType, ParameterType } from "../plan.ts";
import { hasTimestamps, isWriter } from "./mongo-fields.ts";
import type { MongoQuery, MongoScalar } from "./mongo-schema.ts";
import { defaultLimit, maxLimit } from "./mongo-schema.ts";

/** D1 takes at most 32 arguments per function: https://developers.cloudflare.com/d1/platform/limits/ */
const maxFunctionArguments = 32;

/** What stands for one placeholder. */
export type DocumentValue =
  /** What the bare name means. */
  | { readonly kind: "name"; readonly name: string; readonly type: ParameterType; readonly place: string }
  | { readonly kind: "value"; readonly value: MongoScalar; readonly type: ParameterType; readonly place: string }
  | { readonly kind: "now"; readonly type: ParameterType };

export interface DocumentSql {
  readonly sql: string;
  /** In placeholder order. */
  readonly values: readonly DocumentValue[];
  readonly columns: Readonly<Record<string, ColumnType>>;
}

/** A field and the SQL of its JSON value. */
type Pair = readonly [field: string, sql: string];

interface Binder {
  readonly values: DocumentValue[];
  /** The placeholder of a value. */
  bind(value: DocumentValue): string;
  /** The request's moment, always the same placeholder. */
  now(): string;
}

function createBinder(): Binder {
  const values: DocumentValue[] = [];
  let moment: string | null = null;
  const bind = (value: DocumentValue): string => `?${String(values.push(value))}`;
  return { values, bind, now: () => (moment ??= bind({ kind: "now", type: "timestamp" })) };
}

function path(field: string): string {
  return `'$.${field}'`;
}

/** The answered columns: JSON values as the document holds them. */
function columnList(fields: readonly string[]): string {
  return fields
    .map((field) => (field === "id" ? "documents.id" : `documents.body -> ${path(field)} AS "${field}"`))
    .join(", ");
}

/** Fields by `parameters`: each has the value of its own name. */
function namedPairs(query: MongoQuery): [string, Omit<DocumentValue & { kind: "name" }, "type">][] {
  return (query.parameters ?? []).map((name, index) => [
    name,
    { kind: "name", name, place: `/parameters/${String(index)}` },
  ]);
}

function memberPairs(
  members: Readonly<Record<string, MongoScalar>> | undefined,
  place: string,
): [string, Omit<DocumentValue & { kind: "value" }, "type">][] {
  return Object.entries(members ?? {}).map(([field, value]) => [
    field,
    { kind: "value", value, place: `${place}/${field}` },
  ]);
}

/** What the statement writes into the document. */
function writtenPairs(query: MongoQuery, binder: Binder): Pair[] {
  const written = [...namedPairs(query), ...memberPairs(query.set, "/set")];
  const pairs = written.map(([field, value]): Pair => [field, `json(${binder.bind({ ...value, type: "document" })})`]);
  if (!hasTimestamps(query)) return pairs;
  const moments = query.action === "INSERT" ? ["created_at", "updated_at"] : ["updated_at"];
  return [...pairs, ...moments.map((field): Pair => [field, binder.now()])];
}

function chunks<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** The document with these members set, as few at a time as one function call takes. */
function setMembers(document: string, pairs: readonly Pair[]): string {
  return chunks(pairs, (maxFunctionArguments - 2) / 2).reduce(
    (inner, chunk) => `json_set(${inner}, ${chunk.map(([field, value]) => `${path(field)}, ${value}`).join(", ")})`,
    document,
  );
}

function newDocument(pairs: readonly Pair[]): string {
  const first = pairs.slice(0, maxFunctionArguments / 2);
  const members = first.map(([field, value]) => `'${field}', ${value}`).join(", ");
  return setMembers(`json_object(${members})`, pairs.slice(first.length));
}

/** Equality by JSON text, so that 1 is not "1". The left side is what an index on a field has to be written as. */
function condition(query: MongoQuery, binder: Binder): string {
  const matched = [...memberPairs(query.filter, "/filter"), ...(isWriter(query) ? [] : namedPairs(query))];
  const terms = matched.map(([field, value]) =>
    field === "id"
      ? `documents.id = ${binder.bind({ ...value, type: "text" })}`
      : `documents.body -> ${path(field)} = ${binder.bind({ ...value, type: "document" })}`,
  );
  return [`documents.collection = '${query.collection}'`, ...terms].join(" AND ");
}

/** Always complete, so that pages neither overlap nor leave gaps. `id` stands for the order of insertion. */
function order(query: MongoQuery): string {
  const terms: string[] = [];
  for (const [field, direction] of Object.entries(query.sort ?? {})) {
    const way = direction === -1 ? " DESC" : "";
    if (field === "id") return [...terms, `documents.created_at${way}`, `documents.rowid${way}`].join(", ");
    terms.push(`documents.body ->> ${path(field)}${way}`);
  }
  return [...terms, "documents.created_at", "documents.rowid"].join(", ");
}

/** A client's number stays between 0 and the most; a negative LIMIT would be none. */
function window(query: MongoQuery, binder: Binder): string {
  const { limit = defaultLimit, skip = 0 } = query;
  const bound = (value: string, place: string): string => binder.bind({ kind: "value", value, type: "integer", place });
  const most =
    typeof limit === "number"
      ? String(limit)
      : `min(max(coalesce(${bound(limit, "/limit")}, ${String(defaultLimit)}), 0), ${String(maxLimit)})`;
  const start = typeof skip === "number" ? String(skip) : `max(coalesce(${bound(skip, "/skip")}, 0), 0)`;
  return `LIMIT ${most}${start === "0" ? "" : ` OFFSET ${start}`}`;
}

/** Twenty-four hex characters that begin with the time, as MongoDB's ids do. */
const freshId = "printf('%08x', unixepoch()) || lower(hex(randomblob(8)))";

function write(query: MongoQuery, fields: readonly string[], binder: Binder): string {
  switch (query.action) {
    case "INSERT": {
      const document = newDocument(writtenPairs(query, binder));
      const now = binder.now();
      return `INSERT INTO documents (id, collection, body, created_at, updated_at) VALUES (${freshId}, '${query.collection}', ${document}, ${now}, ${now}) RETURNING ${columnList(fields)}`;
    }
    case "UPDATE": {
      const document = setMembers("body", writtenPairs(query, binder));
      return `UPDATE documents SET body = ${document}, updated_at = ${binder.now()} WHERE ${condition(query, binder)} RETURNING ${columnList(fields)}`;
    }
    case "DELETE":
      return `DELETE FROM documents WHERE ${condition(query, binder)} RETURNING ${columnList(fields)}`;
    case "FIND":
      return `SELECT ${columnList(fields)} FROM documents WHERE ${condition(query, binder)} ORDER BY ${order(query)} ${window(query, binder)}`;
    default:
      return query.action satisfies never;
  }
}

/** @param fields what the statement answers, `id` among them */
export function writeDocumentSql(query: MongoQuery, fields: readonly string[]): DocumentSql {
  const binder = createBinder();
  const sql = write(query, fields, binder);
  const columns = Object.fromEntries(fields.filter((field) => field !== "id").map((field) => [field, "json" as const]));
  return { sql, values: binder.values, columns };
}
