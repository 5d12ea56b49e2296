/**
 * Values on their way to PostgreSQL. All are bound as text, whose type the server infers from where the placeholder
 * stands; so what a parameter is meant as is checked here, with the refusals that D1 has. Knows nothing of statements.
 */
import type { Json } from "../../plan.ts";
import { Problem } from "../../problem.ts";
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
      return toBoolean(value);
    case "timestamp":
      return toTimestamp(value);
    case "integer":
      return toInteger(value);
    case "number":
      return toNumber(value);
    case "text":
      return typeof value === "string" ? toText(value) : toJsonText(value);
    case "bytes":
      return toBytes(value);
    default:
      return type satisfies never;
  }
}

function rejected(expected: string): Problem {
  return new Problem("row_rejected", { detail: `A value is not ${expected}.` });
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

/** Text that is JSON already goes as it came: numbers beyond JavaScript's stay exact. */
function checkJson(text: string): string {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw rejected("JSON");
  }
  toJsonText(value);
  return text;
}

function toBoolean(value: Json): string {
  if (value === true || value === 1 || value === "true" || value === "t" || value === "1") return "true";
  if (value === false || value === 0 || value === "false" || value === "f" || value === "0") return "false";
  throw rejected("a boolean");
}

function toTimestamp(value: Json): string {
  const moment = typeof value === "string" ? new Date(value) : null;
  if (moment === null || Number.isNaN(moment.getTime())) throw rejected("a timestamp");
  return moment.toISOString();
}

/** Beyond 2^53 only text is exact; whether 64 bits hold it, the server tells. */
function toInteger(value: Json): string {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== "string" || !/^[+-]?\d{1,19}$/.test(value)) throw rejected("an integer");
  return value;
}

/** Decimal text goes as it came, so that a `numeric` column gets every digit. */
function toNumber(value: Json): string {
  if (typeof value === "string" && /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,5})?\s*$/i.test(value))
    return value.trim();
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw rejected("a number");
  return String(number);
}

function toBytes(value: Json): string {
  if (typeof value !== "string") throw rejected("base64");
  try {
    const digits = Array.from(atob(value), (character) => character.charCodeAt(0).toString(16).padStart(2, "0"));
    return `\\x${digits.join("")}`;
  } catch {
    throw rejected("base64");
  }
}
