/**
 * Converts values between JSON and D1. SQLite has no booleans, JSON or timestamps, and JavaScript reads its big numbers
 * inexactly: the plan says which column or parameter is meant as one of these.
 */
import { isExactNumber } from "../../exact-number.ts";
import type { Json } from "../../../contract/plan.ts";
import type { ColumnType } from "../../../contract/plan/query.ts";
import {
  readBoolean,
  readBytes,
  readCount,
  readInteger,
  readNumber,
  readTimestamp,
  rejected,
} from "../bound-values.ts";
import type { BoundParameter, Row } from "../database.ts";

/** What D1's `bind` takes: https://developers.cloudflare.com/d1/worker-api/#type-conversion */
export type D1Value = null | number | string | ArrayBuffer;

/** @throws Problem `row_rejected` when the value is not of the parameter's type; PostgreSQL refuses the cast alike. */
export function toD1(parameter: BoundParameter): D1Value {
  const { value, type } = parameter;
  if (type === "document") return JSON.stringify(value);
  if (value === null) return null;
  switch (type) {
    case "any":
      return typeof value === "string" || typeof value === "number" ? value : toScalar(value);
    case "json":
      return toJsonText(value);
    case "boolean":
      return Number(readBoolean(value));
    case "timestamp":
      return readTimestamp(value);
    case "integer":
      return toInteger(value);
    case "count":
      return Number(readCount(parameter));
    case "number":
      return toNumber(value);
    case "text":
      return typeof value === "string" ? value : JSON.stringify(value);
    case "bytes":
      return readBytes(value).buffer;
    default:
      return type satisfies never;
  }
}

const toScalar = (value: Exclude<Json, null | string | number>): D1Value =>
  typeof value === "boolean" ? Number(value) : JSON.stringify(value);

/** Text is JSON already, as multipart fields are; anything else is serialised. */
function toJsonText(value: Json): string {
  if (typeof value !== "string") return JSON.stringify(value);
  try {
    JSON.parse(value);
    return value;
  } catch {
    throw rejected("JSON");
  }
}

/** Beyond 2^53 the text is bound: SQLite's integer affinity turns it into the exact number. */
function toInteger(value: Json): number | string {
  const integer = readInteger(value);
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
}

/** A fraction is rounded as every REAL is; a whole number that would change is refused. */
function toNumber(value: Json): number {
  const isInexact = typeof value === "string" && /^[+-]?\d{16,}$/.test(value) && !isExactNumber(value);
  if (isInexact) throw rejected("a number that stays the same");
  return readNumber(value);
}

/** A D1 row as JSON values. */
export function fromD1(row: Readonly<Record<string, unknown>>, columns: { readonly [name: string]: ColumnType }): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      fromValue(value, Object.hasOwn(columns, name) ? columns[name] : undefined),
    ]),
  );
}

function fromValue(value: unknown, type: ColumnType | undefined): Json {
  if (Array.isArray(value)) return toBase64(value);
  if (typeof value !== "string" && typeof value !== "number") return null;
  switch (type) {
    case "json":
      return parseOr(value);
    case "boolean":
      return value === 1 || value === "1" || value === "true";
    case "timestamp":
      return typeof value === "string" ? fromTimestamp(value) : value;
    case "integer":
      return typeof value === "number" && !Number.isSafeInteger(value) ? String(value) : value;
    case "number":
    case "bytes":
    case undefined:
      return value;
    default:
      return type satisfies never;
  }
}

/** D1 returns blobs as arrays of byte values. */
function toBase64(bytes: readonly unknown[]): string {
  return btoa(bytes.map((byte) => String.fromCharCode(Number(byte))).join(""));
}

function parseOr(value: string | number): Json {
  if (typeof value === "number") return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

/** SQLite's CURRENT_TIMESTAMP is UTC but does not say so. */
function fromTimestamp(value: string): string {
  const bare = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d+)?$/.test(value);
  const moment = new Date(bare ? `${value.replace(" ", "T")}Z` : value);
  return Number.isNaN(moment.getTime()) ? value : moment.toISOString();
}
