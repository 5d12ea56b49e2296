/**
 * Converts a document of MongoDB to a row of JSON values. Documents that this runtime wrote come back unchanged; those
 * that others wrote may hold kinds of values that JSON lacks.
 */
import { Binary, DBRef, Decimal128, Long, ObjectId, type Document } from "mongodb";
import type { Json } from "../../contract/plan.ts";
import type { Row } from "../../runtime/database/database.ts";

/** @param fields in the row's order; null for a field that the document lacks */
export function toRow(document: Document, fields: readonly string[]): Row {
  return Object.fromEntries(
    fields.map((field) => {
      if (field === "id") return [field, toIdText(document["_id"])];
      return [field, Object.hasOwn(document, field) ? toJson(document[field]) : null];
    }),
  );
}

/** Answers have ids as text, whatever type others have given them. */
function toIdText(id: unknown): string {
  const value = toJson(id);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Dates as RFC 3339, bytes as base64, numbers that JSON cannot carry exactly as text; kinds without a value: null. */
export function toJson(value: unknown): Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "bigint":
      return String(value);
    case "object":
      return value === null ? null : fromObject(value);
    default:
      return null;
  }
}

function fromObject(value: object): Json {
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  // The driver makes it a number where that is exact.
  if (value instanceof Long || value instanceof Decimal128) return value.toString();
  if (value instanceof Binary) return value.toString("base64");
  // The driver reads any object with the members $ref and $id as one of these, a client's data among them.
  if (value instanceof DBRef) {
    const { collection, oid, db, fields } = value;
    return members({ $ref: collection, $id: oid, ...(db === undefined ? {} : { $db: db }), ...fields });
  }
  return isBsonType(value) ? null : members(value);
}

/** MinKey, Code and other classes of the driver: never a plain object, whose members are data. */
function isBsonType(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null;
}

function members(value: object): Json {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]));
}
