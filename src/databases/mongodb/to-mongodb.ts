/**
 * Builds what is sent to MongoDB from fields and JSON values. No value is ever read as an operator: values stand only
 * where BSON has data, under `$eq`, `$literal`, `$set` and in new documents.
 */
import { ObjectId, type Document, type Filter } from "mongodb";
import type { Json } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import type { Members, SortTerm } from "../../runtime/database/document-store.ts";

/**
 * Below the server's limit of 100 levels, which includes those around a value:
 * https://www.mongodb.com/docs/manual/reference/limits/#bson-documents
 */
const MAX_LEVELS = 80;

/** Byte order, whatever the collection's own collation: "Ann" is not "ann". */
export const collation = { locale: "simple" } as const;

function rejected(detail: string): Problem {
  return new Problem("row_rejected", { detail });
}

/** BSON texts are UTF-8, which has no lone surrogates: they would come back as something else. */
function checkText(text: string): void {
  if (!text.isWellFormed()) throw rejected("A text is not well-formed Unicode.");
}

/** A zero byte ends the name of a member in BSON. */
function checkName(name: string): void {
  checkText(name);
  if (name.includes("\0")) throw rejected("The name of an object's member holds a null character.");
}

/**
 * A value for the driver. Objects become maps: in a plain object the driver interprets members such as `_bsontype`.
 * @throws Problem `row_rejected` for what BSON cannot hold
 */
export function toBson(value: Json, levels = 1): unknown {
  if (typeof value === "string") checkText(value);
  if (typeof value !== "object" || value === null) return value;
  if (levels > MAX_LEVELS) throw rejected(`A value is nested deeper than ${MAX_LEVELS} levels.`);
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => toBson(item, levels + 1));
  return new Map(
    Object.entries(value).map(([name, member]: [string, Json]) => {
      checkName(name);
      return [name, toBson(member, levels + 1)];
    }),
  );
}

/** Names of fields are the ABI author's, and have been checked. */
export function toFields(members: Members): Document {
  return Object.fromEntries(members.map(([field, value]) => [field, toBson(value)]));
}

function toObjectId(value: Json): ObjectId | null {
  return typeof value === "string" && /^[0-9a-f]{24}$/.test(value) ? ObjectId.createFromHexString(value) : null;
}

/**
 * Equality by value. A query's `$eq` also matches arrays that contain the value and, for null, missing fields; the
 * aggregation's `$eq` is exact. The first stands beside it because it can always use an index.
 * @returns null where an id is not valid: that matches nothing
 */
export function toFilter(members: Members): Filter<Document> | null {
  const filter: Document = {};
  const exact: Document[] = [];
  for (const [field, value] of members) {
    if (field === "id") {
      const id = toObjectId(value);
      if (id === null) return null;
      filter["_id"] = { $eq: id };
      continue;
    }
    const wanted = toBson(value);
    if (typeof value !== "object") filter[field] = { $eq: wanted };
    exact.push({ $eq: [`$${field}`, { $literal: wanted }] });
  }
  return exact.length === 0 ? filter : { ...filter, $expr: { $and: exact } };
}

/** Always a total order, so that pages neither overlap nor leave gaps. Ids follow the order of insertion. */
export function toSort(terms: readonly SortTerm[]): [field: string, direction: 1 | -1][] {
  const sort = terms.map(({ field, direction }): [string, 1 | -1] => [field === "id" ? "_id" : field, direction]);
  const byId = sort.findIndex(([field]) => field === "_id");
  return byId === -1 ? [...sort, ["_id", 1]] : sort.slice(0, byId + 1);
}

/** The `_id` is always included. */
export function toProjection(fields: readonly string[]): Document {
  return { _id: 1, ...Object.fromEntries(fields.filter((field) => field !== "id").map((field) => [field, 1])) };
}
