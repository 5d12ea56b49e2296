/** Words for rules and for what was found in place of what they ask for. */
import type { NumberRule, Rule, TextFormat } from "../../../contract/payload-rule.ts";
import type { Json } from "../../../contract/plan.ts";

/** @param isText the value comes from a form field */
export function mismatch(rule: Rule, found: Json, isText: boolean): string {
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

const formatNames: Readonly<Record<TextFormat, string>> = {
  uuid: "a UUID",
  ksuid: "a KSUID",
  date: "a date such as 2026-01-31",
  "date-time": "a moment such as 2026-01-31T12:30:00Z",
  url: "an address that begins with https:// or http://",
};

/** What passes the rule, such as "a string of 1 to 80 characters". */
export function describe(rule: Rule): string {
  switch (rule.kind) {
    case "object":
      return nouns.object;
    case "number":
      return rule.values === undefined ? describeNumber(rule) : oneOf(rule.values);
    case "list":
      return describeLength(nouns.list, rule, "item");
    default: {
      const { format, pattern, values } = rule;
      if (values !== undefined) return oneOf(values);
      const noun = format === undefined ? nouns[rule.kind] : formatNames[format];
      const sized = describeLength(noun, rule, "character");
      return pattern === undefined ? sized : `${sized} that matches ${pattern}`;
    }
  }
}

const oneOf = (values: readonly (string | number)[]): string =>
  `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`;

function describeNumber({ min, max, integer }: NumberRule): string {
  const noun = integer === true ? "a whole number" : nouns.number;
  if (min === undefined) return max === undefined ? noun : `${noun} of at most ${String(max)}`;
  return max === undefined ? `${noun} of at least ${String(min)}` : `${noun} from ${String(min)} to ${String(max)}`;
}

function describeLength(noun: string, { min, max = Infinity }: { min?: number; max?: number }, of: string): string {
  if (min === undefined && max === Infinity) return noun;
  const unit = `${of}${(max === Infinity ? min : max) === 1 ? "" : "s"}`;
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
