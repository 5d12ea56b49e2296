/**
 * Writes the SQL of one `mongo_query`, whose names have been checked: documents are rows of the runtime's table for
 * them, their fields members of its JSON column.
 */
import type { ColumnType, ParameterType } from "../../contract/plan/query.ts";
import type { DocumentDialect, Member } from "./dialect.ts";
import { hasTimestamps, isWriter } from "./fields.ts";
import type { MongoQuery, MongoScalar } from "../language/mongo-schema.ts";
import { defaultLimit, maxLimit } from "../language/mongo-schema.ts";

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

interface Writer {
  readonly dialect: DocumentDialect;
  readonly values: DocumentValue[];
  /** The placeholder of a value. */
  bind(value: DocumentValue): string;
  /** The request's moment for a column, always the same placeholder. */
  now(): string;
  /** The request's moment as a JSON value. */
  nowText(): string;
}

function createWriter(dialect: DocumentDialect): Writer {
  const values: DocumentValue[] = [];
  const moments = new Map<"timestamp" | "text", string>();
  const bind = (value: DocumentValue): string => dialect.placeholder(values.push(value));
  const moment = (type: "timestamp" | "text"): string => {
    const placeholder = moments.get(type) ?? bind({ kind: "now", type });
    moments.set(type, placeholder);
    return placeholder;
  };
  const now = (): string => dialect.moment(moment("timestamp"));
  const { momentText } = dialect;
  return { dialect, values, bind, now, nowText: () => (momentText === null ? now() : momentText(moment("text"))) };
}

/** The answered columns: JSON values as the document holds them. */
function columnList(fields: readonly string[], { dialect }: Writer): string {
  return fields
    .map((field) => (field === "id" ? `${dialect.table}.id` : `${dialect.field(field)} AS "${field}"`))
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
function writtenMembers(query: MongoQuery, writer: Writer): Member[] {
  const written = [...namedPairs(query), ...memberPairs(query.set, "/set")];
  const members = written.map(([field, value]): Member => [
    field,
    writer.dialect.json(writer.bind({ ...value, type: "document" })),
  ]);
  if (!hasTimestamps(query)) return members;
  const moments = query.action === "INSERT" ? ["created_at", "updated_at"] : ["updated_at"];
  return [...members, ...moments.map((field): Member => [field, writer.nowText()])];
}

/** Equality by JSON value, so that 1 is not "1". The left side is what an index on a field has to be written as. */
function condition(query: MongoQuery, writer: Writer): string {
  const { dialect } = writer;
  const matched = [...memberPairs(query.filter, "/filter"), ...(isWriter(query) ? [] : namedPairs(query))];
  const terms = matched.map(([field, value]) =>
    field === "id"
      ? `${dialect.table}.id = ${writer.bind({ ...value, type: "text" })}`
      : `${dialect.field(field)} = ${dialect.matched(writer.bind({ ...value, type: "document" }))}`,
  );
  return [`${dialect.table}.collection = '${query.collection}'`, ...terms].join(" AND ");
}

/** Always complete, so that pages neither overlap nor leave gaps. `id` stands for the order of insertion. */
function order(query: MongoQuery, { dialect }: Writer): string {
  const terms: string[] = [];
  for (const [field, direction] of Object.entries(query.sort ?? {})) {
    const way = direction === -1 ? " DESC" : "";
    if (field === "id")
      return [...terms, `${dialect.table}.created_at${way}`, `${dialect.table}.position${way}`].join(", ");
    terms.push(...dialect.sortTerms(field, way));
  }
  return [...terms, `${dialect.table}.created_at`, `${dialect.table}.position`].join(", ");
}

/** A client's number stays between 0 and the most; a negative LIMIT would be none. */
function window(query: MongoQuery, writer: Writer): string {
  const { dialect } = writer;
  const { limit = defaultLimit, skip = 0 } = query;
  const bound = (value: string, place: string): string => writer.bind({ kind: "value", value, type: "integer", place });
  const most =
    typeof limit === "number" ? String(limit) : dialect.between(bound(limit, "/limit"), defaultLimit, 0, maxLimit);
  const start = typeof skip === "number" ? String(skip) : dialect.between(bound(skip, "/skip"), 0, 0, null);
  return `LIMIT ${most}${start === "0" ? "" : ` OFFSET ${start}`}`;
}

function write(query: MongoQuery, fields: readonly string[], writer: Writer): string {
  const { dialect } = writer;
  switch (query.action) {
    case "INSERT": {
      const document = dialect.newDocument(writtenMembers(query, writer));
      const now = writer.now();
      return `INSERT INTO ${dialect.table} (id, collection, body, created_at, updated_at) VALUES (${dialect.freshId}, '${query.collection}', ${document}, ${now}, ${now}) RETURNING ${columnList(fields, writer)}`;
    }
    case "UPDATE": {
      const document = dialect.changedBody(writtenMembers(query, writer));
      return `UPDATE ${dialect.table} SET body = ${document}, updated_at = ${writer.now()} WHERE ${condition(query, writer)} RETURNING ${columnList(fields, writer)}`;
    }
    case "DELETE":
      return `DELETE FROM ${dialect.table} WHERE ${condition(query, writer)} RETURNING ${columnList(fields, writer)}`;
    case "FIND":
      return `SELECT ${columnList(fields, writer)} FROM ${dialect.table} WHERE ${condition(query, writer)} ORDER BY ${order(query, writer)} ${window(query, writer)}`;
    default:
      return query.action satisfies never;
  }
}

/** @param fields what the statement answers, `id` among them */
export function writeDocumentSql(query: MongoQuery, fields: readonly string[], dialect: DocumentDialect): DocumentSql {
  const writer = createWriter(dialect);
  const sql = write(query, fields, writer);
  const columns = Object.fromEntries(fields.filter((field) => field !== "id").map((field) => [field, "json" as const]));
  return { sql, values: writer.values, columns };
}
