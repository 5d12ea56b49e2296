/** What the names of PostgreSQL's types mean to the runtime. */

/** `keep`: text in one canonical form that SQLite stores as it is. */
export type CastKind = "text" | "integer" | "number" | "boolean" | "timestamp" | "json" | "bytes" | "keep" | "unknown";

const kinds: Readonly<Record<string, CastKind>> = {
  text: "text",
  varchar: "text",
  bpchar: "text",
  char: "text",
  citext: "text",
  int2: "integer",
  int4: "integer",
  int8: "integer",
  int: "integer",
  integer: "integer",
  smallint: "integer",
  bigint: "integer",
  float4: "number",
  float8: "number",
  real: "number",
  numeric: "number",
  decimal: "number",
  bool: "boolean",
  boolean: "boolean",
  timestamptz: "timestamp",
  timestamp: "timestamp",
  json: "json",
  jsonb: "json",
  bytea: "bytes",
  uuid: "keep",
  date: "keep",
  time: "keep",
  inet: "keep",
};

/** The kind of a type as the parser names it (`int4` for `integer`), without its schema and length. */
export function castKind(type: string): CastKind {
  return Object.hasOwn(kinds, type) ? (kinds[type] ?? "unknown") : "unknown";
}
