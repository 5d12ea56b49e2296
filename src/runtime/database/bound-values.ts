/**
 * What each parameter type accepts, alike on every engine: the same values are refused, whatever an engine then binds.
 * Everything here throws Problem `row_rejected`.
 */
import type { Json } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import type { BoundParameter } from "./database.ts";

export function rejected(expected: string): Problem {
  return new Problem("row_rejected", { detail: `A value is not ${expected}.` });
}

export function readBoolean(value: Json): boolean {
  if (value === true || value === 1 || value === "true" || value === "t" || value === "1") return true;
  if (value === false || value === 0 || value === "false" || value === "f" || value === "0") return false;
  throw rejected("a boolean");
}

/** RFC 3339 in UTC with milliseconds, so that text order is time order. */
export function readTimestamp(value: Json): string {
  const moment = typeof value === "string" ? new Date(value) : null;
  if (moment === null || Number.isNaN(moment.getTime())) throw rejected("a timestamp");
  return moment.toISOString();
}

/** A safe number, or the digits as they came, within 64 bits: beyond 2^53 only text is exact. */
export function readInteger(value: Json): number | string {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  if (typeof value !== "string" || !/^[+-]?\d{1,19}$/.test(value)) throw rejected("an integer");
  if (BigInt.asIntN(64, BigInt(value)) !== BigInt(value)) throw rejected("an integer of 64 bits");
  return value;
}

/** The digits. The engine decides whether there can be so many rows. */
export function readCount({ value, place = "a parameter" }: BoundParameter): string {
  const text = typeof value === "object" ? "" : String(value);
  if (/^\d{1,19}$/.test(text)) return text;
  throw new Problem("row_rejected", { detail: `The value of ${place} is not a whole number of 0 or more.` });
}

export function readNumber(value: Json): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw rejected("a number");
  return number;
}

/** Decodes base64. */
export function readBytes(value: Json): Uint8Array<ArrayBuffer> {
  if (typeof value !== "string") throw rejected("base64");
  try {
    return Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
  } catch {
    throw rejected("base64");
  }
}
