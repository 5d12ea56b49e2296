/**
 * Checks a payload against compiled rules: the only interpreter of `Rule`. It goes as deep as the rules, reads own
 * members only and mutates nothing.
 */
import type { FieldRule, Json, Rule } from "../../../contract/plan.ts";
import type { PayloadFault } from "../../../contract/problem.ts";
import { isEmail } from "./email.ts";
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
  count: number;
}

/** Rules that several steps have for one field agree; a fault against all of them is reported once. */
export function checkPayload(rules: readonly Rule[], { payload, isForm, isComplete }: Subject): Verdict {
  const check: Check = { isForm, isComplete, path: [], faults: [], count: 0 };
  let checked = payload;
  for (const rule of rules) {
    if (rule.kind !== "object") checked = checkValue(rule, checked, false, check);
    // No body at all: what is missing is reported by name.
    else if (checked === null) checkFields(rule.fields, {}, false, check);
    else if (isObject(checked)) checked = checkFields(rule.fields, checked, isForm, check);
    else refuse(check, mismatch(rule, checked, false));
  }
  return { payload: checked, faults: check.faults, count: check.count };
}

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
  for (const { name, optional, rule } of fields) {
    const isThere = Object.hasOwn(value, name);
    const member = (isThere ? value[name] : null) ?? null;
    check.path.push(name);
    if (optional && isForm && member === "") {
      // What a browser sends for an input that was left empty.
      set(name, null);
    } else if (isThere && !(optional && member === null)) {
      const checked = checkValue(rule, member, isForm, check);
      if (checked !== member) set(name, checked);
    } else if (!optional && !(isForm && !check.isComplete)) {
      refuse(check, `is missing; expected ${describe(rule)}`);
    }
    check.path.pop();
  }
  return changed ?? value;
}

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
  if (rule.kind === "number" && typeof value === "number" && Number.isFinite(value)) return value;
  if ((rule.kind === "text" || rule.kind === "email") && typeof value === "string") {
    checkText(rule, value, check);
    return value;
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

function checkText(rule: Rule & { kind: "text" | "email" }, text: string, check: Check): void {
  if (rule.kind === "email" && !isEmail(text))
    return refuse(check, "expected an e-mail address of at most 254 bytes, such as name@example.com");
  const { min = 0, max = Infinity } = rule;
  // A code point is one or two units: usually the number of units is enough to know.
  const { length } = text;
  if (length >= 2 * min && length <= max) return;
  checkLength(rule, length > 2 * max ? Math.ceil(length / 2) : countCodePoints(text), false, check);
}

function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** False for a list that is too long, whose elements are then not checked. */
function checkLength(
  rule: Rule & { min?: number; max?: number },
  length: number,
  canGrow: boolean,
  check: Check,
): boolean {
  const { min = 0, max = Infinity } = rule;
  if (length > max || (length < min && !canGrow)) refuse(check, `expected ${describe(rule)}, found ${String(length)}`);
  return length <= max;
}

function refuse(check: Check, detail: string): void {
  if (check.faults.length < MAX_LISTED) {
    const pointer = check.path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
    if (check.faults.some((fault) => fault.pointer === pointer && fault.detail === detail)) return;
    check.faults.push({ pointer, detail });
  }
  check.count++;
}

function mismatch(rule: Rule, found: Json, isText: boolean): string {
  const expected = `expected ${describe(rule)}`;
  if (!isText || typeof found !== "string") return `${expected}, found ${describeValue(found)}`;
  return rule.kind === "number"
    ? `${expected} such as 12 or -0.5, whole ones up to 9007199254740991`
    : `${expected} as JSON text`;
}

const nouns = {
  text: "a string",
  email: "an e-mail address",
  number: "a number",
  object: "an object",
  list: "an array",
};

function describe(rule: Rule): string {
  const noun = nouns[rule.kind];
  if (rule.kind === "number" || rule.kind === "object") return noun;
  const { min, max = Infinity } = rule;
  if (min === undefined && max === Infinity) return noun;
  const unit = `${rule.kind === "list" ? "item" : "character"}${(max === Infinity ? min : max) === 1 ? "" : "s"}`;
  if (min === undefined) return `${noun} of at most ${String(max)} ${unit}`;
  if (max === Infinity) return `${noun} of at least ${String(min)} ${unit}`;
  return `${noun} of ${min === max ? "exactly" : `${String(min)} to`} ${String(max)} ${unit}`;
}

function describeValue(value: Json): string {
  if (value === null) return "null";
  // JSON.parse yields it for 1e999.
  if (value === Infinity || value === -Infinity) return "one too large to hold";
  if (typeof value === "object") return Array.isArray(value) ? "an array" : "an object";
  return `a ${typeof value}`;
}
