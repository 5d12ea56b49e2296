/**
 * Checks a payload against compiled rules: the only interpreter of `Rule`. It goes as deep as the rules, reads own
 * members only and mutates nothing.
 */
import type { FieldRule, NumberRule, Rule, TextRule } from "../../../contract/payload-rule.ts";
import type { Json } from "../../../contract/plan.ts";
import type { PayloadFault } from "../../../contract/problem.ts";
import { describe, mismatch } from "./describe-rule.ts";
import { isEmail } from "./email.ts";
import { hasFormat, matchesPattern } from "./formats.ts";
import { fromText } from "./from-text.ts";

/** Faults that are listed one by one. */
const MAX_LISTED = 50;
/** Lists are not checked beyond this many faults: nobody reads on, and counting costs time. */
const MAX_COUNTED = 1000;

export interface Subject {
  readonly payload: Json;
  /** The payload is the fields of a form: all texts, or lists of texts. */
  readonly isForm: boolean;
  /** False: fields may follow, so that none counts as missing yet and no list as too short. */
  readonly isComplete: boolean;
}

export interface Verdict {
  /** As later steps see it: with numbers, objects and lists where a form had text. */
  readonly payload: Json;
  /** In the rules' order, at most 50. */
  readonly faults: readonly PayloadFault[];
  /** All of them; from 1000 on, lists are not read further. */
  readonly count: number;
}

/** The state of a check. */
interface Check extends Omit<Subject, "payload"> {
  readonly path: (string | number)[];
  readonly faults: PayloadFault[];
  /** The author's words for what is wrong here. */
  message: string | null;
  count: number;
}

/** Rules that several steps have for one field agree; a fault against all of them is reported once. */
export function checkPayload(rules: readonly Rule[], { payload, isForm, isComplete }: Subject): Verdict {
  const check: Check = { isForm, isComplete, path: [], faults: [], message: null, count: 0 };
  let checked = payload;
  for (const rule of rules) {
    if (rule.kind !== "object") checked = checkValue(rule, checked, false, check);
    // No body at all: what is missing is reported by name, or has a default.
    else if (checked === null) checked = ownOrNull(checkFields(rule.fields, {}, false, check));
    else if (isObject(checked)) checked = checkFields(rule.fields, checked, isForm, check);
    else refuse(check, mismatch(rule, checked, false));
  }
  return { payload: checked, faults: check.faults, count: check.count };
}

const ownOrNull = (filled: JsonObject): Json => (Object.keys(filled).length === 0 ? null : filled);

type JsonObject = { readonly [name: string]: Json };

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param isForm the members are a form's fields */
function checkFields(fields: readonly FieldRule[], value: JsonObject, isForm: boolean, check: Check): JsonObject {
  let changed: Record<string, Json> | null = null;
  const set = (name: string, member: Json) => {
    // No prototype: a field of a form may be named anything.
    changed ??= Object.assign(Object.create(null) as Record<string, Json>, value);
    changed[name] = member;
  };
  const { message: outer } = check;
  for (const field of fields) {
    const { name, optional, rule, default: otherwise = null } = field;
    const isThere = Object.hasOwn(value, name);
    const member = (isThere ? value[name] : null) ?? null;
    check.path.push(name);
    check.message = field.message ?? outer;
    if (optional && (member === null || (isForm && isEmpty(rule, member)))) {
      // Empty is what a browser sends for an input that nobody filled in.
      if (isThere ? member !== otherwise : otherwise !== null) set(name, otherwise);
    } else if (isThere) {
      const checked = checkValue(rule, member, isForm, check);
      if (checked !== member) set(name, checked);
    } else if (!optional && !(isForm && !check.isComplete)) {
      refuse(check, `is missing; expected ${describe(rule)}`);
    }
    check.path.pop();
  }
  check.message = outer;
  return changed ?? value;
}

const isEmpty = (rule: Rule, member: Json): boolean =>
  member === "" || ("trim" in rule && typeof member === "string" && member.trim() === "");

/** The value, or what a form's text means. @param isText the value comes from a form field */
function checkValue(rule: Rule, sent: Json, isText: boolean, check: Check): Json {
  const { value, hasTexts } = isText ? fromText(rule, sent) : { value: sent, hasTexts: false };
  if (rule.kind === "object" && isObject(value)) return checkFields(rule.fields, value, false, check);
  if (rule.kind === "list" && Array.isArray(value)) {
    const list = value as readonly Json[];
    const canGrow = isText && !check.isComplete;
    if (!checkLength(rule, list.length, canGrow, check) || rule.items === undefined) return list;
    return checkItems(rule.items, list, hasTexts, check);
  }
  if (rule.kind === "number" && typeof value === "number" && Number.isFinite(value)) {
    if (!isWithin(rule, value)) refuse(check, `expected ${describe(rule)}, found another`);
    return value;
  }
  if ((rule.kind === "text" || rule.kind === "email") && typeof value === "string") {
    const text = rule.trim === true ? value.trim() : value;
    checkText(rule, text, check);
    return text;
  }
  refuse(check, mismatch(rule, value, isText));
  return value;
}

function checkItems(rule: Rule, list: readonly Json[], areTexts: boolean, check: Check): Json {
  let changed: Json[] | null = null;
  for (const [index, item] of list.entries()) {
    if (check.count >= MAX_COUNTED) break;
    check.path.push(index);
    const checked = checkValue(rule, item, areTexts, check);
    if (checked !== item) (changed ??= [...list])[index] = checked;
    check.path.pop();
  }
  return changed ?? list;
}

function isWithin({ min = -Infinity, max = Infinity, integer, values }: NumberRule, value: number): boolean {
  const isWhole = integer !== true || Number.isInteger(value);
  return isWhole && value >= min && value <= max && (values === undefined || values.includes(value));
}

function checkText(rule: TextRule, text: string, check: Check): void {
  if (rule.kind === "email" && !isEmail(text))
    return refuse(check, "expected an e-mail address of at most 254 bytes, such as name@example.com");
  const { min = 0, max = Infinity, format, pattern, values } = rule;
  // A code point is one or two units: usually the number of units is enough to know.
  const { length } = text;
  const isClear = length >= 2 * min && length <= max;
  if (!isClear && !checkLength(rule, length > 2 * max ? Math.ceil(length / 2) : countCodePoints(text), false, check)) {
    return;
  }
  const isRight =
    (format === undefined || hasFormat(text, format)) &&
    (pattern === undefined || matchesPattern(text, pattern)) &&
    (values === undefined || values.includes(text));
  if (!isRight) refuse(check, `expected ${describe(rule)}, found another`);
}

function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** False for a text of another length, and for a list that is too long, whose elements are then not checked. */
function checkLength(
  rule: Rule & { min?: number; max?: number },
  length: number,
  canGrow: boolean,
  check: Check,
): boolean {
  const { min = 0, max = Infinity } = rule;
  const isShort = length < min && !canGrow;
  if (length > max || isShort) refuse(check, `expected ${describe(rule)}, found ${String(length)}`);
  return length <= max && !(isShort && rule.kind !== "list");
}

function refuse(check: Check, fault: string): void {
  const detail = check.message ?? fault;
  if (check.faults.length < MAX_LISTED) {
    const pointer = check.path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
    if (check.faults.some((known) => known.pointer === pointer && known.detail === detail)) return;
    check.faults.push({ pointer, detail });
  }
  check.count++;
}
