/** Turns the rules of `payload_validation` into the plan's, and reports those that contradict themselves. */
import type { FieldRule, Rule } from "../../contract/plan.ts";
import { pathFault } from "../text/accessor.ts";
import type { Report } from "../text/diagnostic.ts";
import { pointerStep } from "../text/diagnostic.ts";
import { optionNames, ruleTypes } from "../language/payload-schema.ts";
import type { OptionName, RuleType } from "../language/payload-schema.ts";
import { didYouMean } from "../text/suggest.ts";

type Members = Readonly<Record<string, unknown>>;

interface Option {
  readonly value: unknown;
  readonly place: string;
}
type Options = ReadonlyMap<OptionName, Option>;

const textLimits = ["min_length", "max_length"] as const;
const itemLimits = ["items_min_length", "items_max_length"] as const;
const listLimits = [...textLimits, "arr_length", ...itemLimits] as const;

/** What each type takes beside `optional`. */
const optionsOf: Readonly<Record<RuleType, readonly OptionName[]>> = {
  STRING: textLimits,
  EMAIL: textLimits,
  NUMBER: [],
  OBJECT: ["fields"],
  ARRAY: [...listLimits, "fields"],
  STRINGARRAY: listLimits,
};

/** No address is longer: RFC 5321 §4.5.3.1.3. */
const maxEmailLength = 254;

export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function words(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : JSON.stringify(value);
}

/** The options among the members, by name; any other member but `own` is a fault. */
function readOptions(members: Members, own: string, place: string, report: Report): Options {
  const options = new Map<OptionName, Option>();
  for (const [name, value] of Object.entries(members)) {
    const option = optionNames.find((known) => known === name);
    if (option !== undefined) options.set(option, { value, place: place + pointerStep(name) });
    else if (name !== own) {
      const known = [own, ...optionNames];
      const message = `unknown property; expected ${known.join(", ")}${didYouMean(name, known)}`;
      report.fault(place + pointerStep(name), message);
    }
  }
  return options;
}

/** Limits may stand beside `field` or inside its type; in both places only if they say the same. */
function join(inside: Options, beside: Options, report: Report): Options {
  const joined = new Map([...beside, ...inside]);
  for (const [name, option] of inside) {
    const other = beside.get(name);
    if (other === undefined) continue;
    if (name === "fields" || other.value !== option.value) {
      report.fault(option.place, `"${name}" stands beside "field" as well, and says something else there`);
    }
  }
  return joined;
}

/** A count of characters or items; undefined where it is absent or has a fault. */
function readCount(options: Options, name: OptionName, report: Report): number | undefined {
  const option = options.get(name);
  if (option === undefined) return undefined;
  if (typeof option.value === "number" && Number.isSafeInteger(option.value) && option.value >= 0) return option.value;
  report.fault(option.place, `expected a whole number, 0 or more, found ${words(option.value)}`);
  return undefined;
}

interface Limits {
  readonly min?: number;
  readonly max?: number;
}

/** @param cap the most there can be anyway */
function readLimits(options: Options, least: OptionName, most: OptionName, report: Report, cap?: number): Limits {
  const min = readCount(options, least, report);
  const max = readCount(options, most, report);
  const place = options.get(least)?.place ?? "";
  if (min !== undefined && max !== undefined && min > max) {
    report.fault(place, `nothing can pass: ${String(min)} is over the "${most}" of ${String(max)}`);
  } else if (min !== undefined && cap !== undefined && min > cap) {
    report.fault(place, `nothing can pass: ${String(min)} is over ${String(cap)}, the most there can be`);
  }
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

/** `arr_length` and `max_length` both say how many items there may be. */
function readListLimits(options: Options, report: Report): Limits {
  const [length, most] = [options.get("arr_length"), options.get("max_length")];
  if (length !== undefined && most !== undefined && length.value !== most.value) {
    report.fault(length.place, `contradicts "max_length", which limits the number of items as well`);
  }
  return readLimits(options, "min_length", length === undefined ? "max_length" : "arr_length", report);
}

function readItems(type: RuleType, options: Options, report: Report): Rule | undefined {
  const limit = itemLimits.flatMap((name) => options.get(name) ?? [])[0];
  const fields = options.get("fields");
  if (fields !== undefined) {
    if (limit !== undefined) report.fault(limit.place, `limits texts, and "fields" says that the items are objects`);
    return { kind: "object", fields: readFields(fields.value, fields.place, report) };
  }
  // Only texts have the lengths that are asked for.
  if (type === "ARRAY" && limit === undefined) return undefined;
  return { kind: "text", ...readLimits(options, "items_min_length", "items_max_length", report) };
}

function ruleOf(type: RuleType, options: Options, report: Report): Rule {
  switch (type) {
    case "STRING":
      return { kind: "text", ...readLimits(options, "min_length", "max_length", report) };
    case "EMAIL":
      return { kind: "email", ...readLimits(options, "min_length", "max_length", report, maxEmailLength) };
    case "NUMBER":
      return { kind: "number" };
    case "OBJECT": {
      const fields = options.get("fields");
      return { kind: "object", fields: fields === undefined ? [] : readFields(fields.value, fields.place, report) };
    }
    case "ARRAY":
    case "STRINGARRAY": {
      const items = readItems(type, options, report);
      return { kind: "list", ...readListLimits(options, report), ...(items === undefined ? {} : { items }) };
    }
    default:
      return type satisfies never;
  }
}

/** Tells limits that the type does not have. */
function checkOptions(type: RuleType, options: Options, report: Report): void {
  const known = optionsOf[type];
  for (const [name, { place }] of options) {
    if (name === "optional" || known.includes(name)) continue;
    const takes = known.length === 0 ? "it has no limits" : `it takes ${known.join(", ")}`;
    report.fault(place, `"${name}" has no meaning for ${type}: ${takes}${didYouMean(name, known)}`);
  }
}

function readOptional(options: Options, report: Report): boolean {
  const option = options.get("optional");
  if (option === undefined || typeof option.value === "boolean") return option?.value === true;
  report.fault(option.place, `expected true or false, found ${words(option.value)}`);
  return false;
}

/** One field; null after a fault that leaves nothing to compile. */
function readField(
  name: string,
  definition: unknown,
  beside: Options,
  place: string,
  report: Report,
): FieldRule | null {
  const fault = nameFault(name);
  if (fault !== null) report.fault(place, fault);
  if (!isMembers(definition)) {
    report.fault(place, `expected the field's type, such as {"type": "STRING"}, found ${words(definition)}`);
    return null;
  }
  const options = join(readOptions(definition, "type", place, report), beside, report);
  const type = ruleTypes.find((known) => known === definition["type"]);
  if (type === undefined) {
    const found = definition["type"];
    const hint = typeof found === "string" ? didYouMean(found, ruleTypes) : "";
    const message = `expected ${ruleTypes.join(", ")}, found ${words(found)}${hint}`;
    report.fault(
      found === undefined ? place : `${place}/type`,
      found === undefined ? `"type" is missing; ${message}` : message,
    );
    return null;
  }
  checkOptions(type, options, report);
  const rule = ruleOf(type, options, report);
  const optional = readOptional(options, report);
  return fault === null ? { name, optional, rule } : null;
}

/** A field is a member of its object, not a path: what is inside it is said with `fields`. */
function nameFault(name: string): string | null {
  if (name === "") return "a field has no name here";
  if (name.startsWith("$")) return `${JSON.stringify(name)} is no plain name: write the field without an accessor`;
  if (name.includes(".")) {
    return `${JSON.stringify(name)} is a path: for fields inside a field write an OBJECT with "fields"`;
  }
  return pathFault([name]);
}

/** Either form of `fields`: a list of rules, or an object of types. */
function readFields(value: unknown, place: string, report: Report): FieldRule[] {
  if (Array.isArray(value)) return readPayloadRules(value, place, report);
  if (!isMembers(value)) {
    report.fault(place, `expected a list of rules, or an object of names and types, found ${words(value)}`);
    return [];
  }
  return Object.entries(value).flatMap(
    ([name, definition]) => readField(name, definition, new Map(), place + pointerStep(name), report) ?? [],
  );
}

/** Rules in the order written. Everything wrong is reported; what has a fault may be missing. */
export function readPayloadRules(entries: readonly unknown[], place: string, report: Report): FieldRule[] {
  const rules = new Map<string, FieldRule>();
  for (const [index, entry] of entries.entries()) {
    const entryPlace = place + pointerStep(index);
    const field = isMembers(entry) ? entry["field"] : undefined;
    if (!isMembers(entry)) {
      report.fault(entryPlace, `expected {"field": {"<name>": {"type": "STRING"}}}, found ${words(entry)}`);
      continue;
    }
    const beside = readOptions(entry, "field", entryPlace, report);
    if (!isMembers(field) || Object.keys(field).length === 0) {
      const found = isMembers(field) ? "an empty object" : words(field);
      report.fault(`${entryPlace}/field`, `expected {"<name>": {"type": "STRING"}}, found ${found}`);
      continue;
    }
    for (const [name, definition] of Object.entries(field)) {
      const namePlace = `${entryPlace}/field${pointerStep(name)}`;
      if (rules.has(name)) report.fault(namePlace, `another rule speaks of "${name}" already`);
      const rule = readField(name, definition, beside, namePlace, report);
      if (rule !== null) rules.set(name, rule);
    }
  }
  return [...rules.values()];
}
