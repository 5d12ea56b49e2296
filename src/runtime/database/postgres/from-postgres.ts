/**
 * Converts what PostgreSQL answers to JSON. Both drivers are asked for the server's own text, so this is the only place
 * that converts it; the transaction's settings fix the text's format (see exchange).
 */
import type { Json } from "../../../contract/plan.ts";
import type { ColumnType } from "../../../contract/plan/query.ts";
import { parseArray } from "./array-text.ts";

/** A built-in type's fixed number: https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const typeIds = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
  jsonb: 3802,
} as const;

/**
 * Array types and their elements'. 0 stands for every type that stays text. The arrays of an application's own types
 * (enums) have numbers of their own and stay text: cast them to `text[]`.
 */
const elementTypeIds: ReadonlyMap<number, number> = new Map(
  [
    ...Object.entries({ 1000: 16, 1001: 17, 1016: 20, 1005: 21, 1007: 23, 1028: 26, 199: 114, 1021: 700, 1022: 701 }),
    ...Object.entries({ 1115: 1114, 1185: 1184, 1231: 1700, 3807: 3802 }),
    // "char", name, text, char(n), varchar(n), date, time, timetz, interval, uuid, inet, cidr
    ...[1002, 1003, 1009, 1014, 1015, 1182, 1183, 1270, 1187, 2951, 1041, 651].map((id) => [id, 0] as const),
  ].map(([array, element]) => [Number(array), element] as const),
);

/** Types of text, of which only the plan can say that more is meant. */
const textTypeIds: ReadonlySet<number> = new Set([19, 25, 705, 1042, 1043]);

/**
 * The value of a column. The server's type decides; `type`, the plan's hint, only where the server says no more than
 * text or number.
 *
 * - `bigint` is a number while that is exact, else text. `numeric` is text, unless the hint
 *   says number: JavaScript has no such type.
 * - Times are RFC 3339 in UTC with milliseconds; one without a zone is taken for UTC. What RFC 3339 cannot say
 *   (`infinity`, years before Christ or after 9999) stays PostgreSQL's text, as `NaN` and `Infinity` of floats do.
 * - `bytea` is base64. Dates, intervals, uuids, addresses, enums and all else are PostgreSQL's text.
 */
export function fromPostgres(text: string, typeId: number, type: ColumnType | undefined): Json {
  if (textTypeIds.has(typeId)) return fromText(text, type);
  const elementTypeId = elementTypeIds.get(typeId);
  if (elementTypeId !== undefined) return parseArray(text, (element) => fromPostgres(element, elementTypeId, type));
  switch (typeId) {
    case typeIds.bool:
      return text === "t";
    case typeIds.int2:
    case typeIds.int4:
      return type === "boolean" ? text === "1" : Number(text);
    case typeIds.oid:
      return Number(text);
    case typeIds.int8:
      return toExactNumber(text);
    case typeIds.numeric:
      return fromNumeric(text, type);
    case typeIds.float4:
    case typeIds.float8:
      return Number.isFinite(Number(text)) ? Number(text) : text;
    case typeIds.json:
    case typeIds.jsonb:
      return JSON.parse(text) as Json;
    case typeIds.timestamp:
    case typeIds.timestamptz:
      return toRfc3339(text);
    case typeIds.bytea:
      return toBase64(text);
    default:
      return text;
  }
}

function fromText(text: string, type: ColumnType | undefined): Json {
  if (type === "json") return parseOr(text);
  if (type === "boolean") return text === "true" || text === "t" || text === "1";
  return type === "timestamp" ? toRfc3339(text) : text;
}

function parseOr(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** A hint says that the plan means a number that JavaScript has: a sum of integers, a member of a document. */
function fromNumeric(text: string, type: ColumnType | undefined): Json {
  if (type === "integer" && /^-?\d+$/.test(text)) return toExactNumber(text);
  return type === "number" && Number.isFinite(Number(text)) ? Number(text) : text;
}

const toExactNumber = (text: string): Json => (Number.isSafeInteger(Number(text)) ? Number(text) : text);

/** Microseconds are truncated, not rounded: a time must not move into the next second. */
function toRfc3339(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00|Z)?$/.exec(text);
  if (match === null) return text;
  const [, date = "", time = "", fraction = ""] = match;
  return `${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}Z`;
}

/** `\x` and two digits a byte, as `bytea_output` is set. */
function toBase64(text: string): string {
  let bytes = "";
  for (let at = 2; at < text.length; at += 2) bytes += String.fromCharCode(Number.parseInt(text.slice(at, at + 2), 16));
  return btoa(bytes);
}
