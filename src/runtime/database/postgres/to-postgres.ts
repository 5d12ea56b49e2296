/**
 * Converts values for PostgreSQL. All are bound as text, whose type the server infers from the placeholder's position;
 * so each value is checked here against its parameter's type, with the refusals that D1 has.
 */
import type { Json } from "../../../contract/plan.ts";
import { Problem } from "../../../contract/problem.ts";
import { hex } from "../../bytes.ts";
import {
  readBoolean,
  readBytes,
  readCount,
  readInteger,
  readNumber,
  readTimestamp,
  rejected,
} from "../bound-values.ts";
import type { BoundParameter } from "../database.ts";

/**
 * The text to bind, null for NULL. @throws Problem `row_rejected` when the value is not of the parameter's type, or is
 * text that PostgreSQL cannot store: with a NUL, or not Unicode (a surrogate without its partner)
 */
export function toPostgres(parameter: BoundParameter): string | null {
  const { value, type } = parameter;
  if (type === "document") return toJsonText(value);
  if (value === null) return null;
  switch (type) {
    case "any":
      if (typeof value === "string") return toText(value);
      return typeof value === "object" ? toJsonText(value) : String(value);
    case "json":
      return typeof value === "string" ? checkJson(value) : toJsonText(value);
    case "boolean":
      return String(readBoolean(value));
    case "timestamp":
      return readTimestamp(value);
    case "integer":
      // The server decides whether a smaller column holds it.
      return String(readInteger(value));
    case "count":
      return readCount(parameter);
    case "number":
      return toNumber(value);
    case "text":
      return typeof value === "string" ? toText(value) : toJsonText(value);
    case "bytes":
      return toHex(readBytes(value));
    default:
      return type satisfies never;
  }
}

function toText(value: string): string {
  if (value.includes("\0") || !value.isWellFormed()) throw rejected("text that the database can store");
  return value;
}

/** `\u0000` or half a surrogate pair; JSON.stringify leaves whole pairs as they are. */
const UNSTORABLE_ESCAPE = /(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f])/;

function toJsonText(value: Json): string {
  const text = JSON.stringify(value);
  if (UNSTORABLE_ESCAPE.test(text)) throw rejected("text that the database can store");
  return text;
}

/** Text that is JSON already is sent unchanged: numbers beyond JavaScript's stay exact. */
function checkJson(text: string): string {
  try {
    toJsonText(JSON.parse(text) as Json);
  } catch (error) {
    throw error instanceof Problem ? error : rejected("JSON");
  }
  return text;
}

/** Decimal text is sent unchanged, so that a `numeric` column gets every digit. */
function toNumber(value: Json): string {
  if (typeof value === "string" && /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,5})?\s*$/i.test(value))
    return value.trim();
  return String(readNumber(value));
}

function toHex(bytes: Uint8Array): string {
  return `\\x${hex(bytes)}`;
}
