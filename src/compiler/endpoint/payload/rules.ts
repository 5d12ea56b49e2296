/** Turns the rules of `payload_validation` into the plan's, and reports those that contradict themselves. */
import type { FieldRule, Rule } from "../../../contract/payload-rule.ts";
import { ruleTypes, type OptionName, type RuleType } from "../../language/payload-schema.ts";
import { pathFault } from "../../text/accessor.ts";
import type { Report } from "../../text/diagnostic.ts";
import { pointerStep } from "../../text/diagnostic.ts";
import { didYouMean } from "../../text/suggest.ts";
import {
  isMembers,
  joinOptions,
  readFlag,
  readLimits,
  readOptions,
  words,
  type Limits,
  type Options,
} from "./options.ts";
import { asDefault, checkDefault, readNumberRule, readTextOptions } from "./scalars.ts";

const textLimits = ["min_length", "max_length"] as const;
const itemLimits = ["items_min_length", "items_max_length"] as const;
const listLimits = [...textLimits, "arr_length", ...itemLimits] as const;

/** What every type takes. */
const commonOptions: readonly OptionName[] = ["optional", "default", "message"];

/** What each type takes beside those. */
const optionsOf: Readonly<Record<RuleType, readonly OptionName[]>> = {
  STRING: [...textLimits, "trim", "format", "pattern", "enum"],
  EMAIL: [...textLimits, "trim"],
  NUMBER: ["min", "max", "integer", "enum"],
  OBJECT: ["fields"],
  ARRAY: [...listLimits, "fields"],
  STRINGARRAY: listLimits,
};

/** No address is longer: RFC 5321 §4.5.3.1.3. */
const maxEmailLength = 254;

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
      return {
        kind: "text",
        ...readLimits(options, "min_length", "max_length", report),
        ...readTextOptions(options, report),
      };
    case "EMAIL":
      return {
        kind: "email",
        ...readLimits(options, "min_length", "max_length", report, maxEmailLength),
        ...readFlag(options, "trim", report),
      };
    case "NUMBER":
      return readNumberRule(options, report);
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
    if (commonOptions.includes(name) || known.includes(name)) continue;
    const takes = known.length === 0 ? "it has no limits" : `it takes ${known.join(", ")}`;
    const longer = known.find((option) => option === `${name}_length`);
    const remedy = longer === undefined ? didYouMean(name, known) : `; write "${longer}"`;
    report.fault(place, `"${name}" has no meaning for ${type}: ${takes}${remedy}`);
  }
}

/** What a field has beside its rule. */
function readPresence(rule: Rule, options: Options, report: Report): Omit<FieldRule, "name" | "rule"> {
  const { optional = false } = readFlag(options, "optional", report);
  const given = options.get("default");
  const message = options.get("message");
  if (given !== undefined) checkDefault(rule, given, report);
  if (message !== undefined && (typeof message.value !== "string" || message.value === "")) {
    report.fault(message.place, `expected a text, found ${words(message.value)}`);
  }
  return {
    // What has a value of its own when it is missing may be.
    optional: optional || given !== undefined,
    ...(given === undefined ? {} : { default: asDefault(given) }),
    ...(typeof message?.value === "string" ? { message: message.value } : {}),
  };
}

/** One field, or parameter; null after a fault that leaves nothing to compile. */
export function readField(
  name: string,
  definition: unknown,
  beside: Options,
  place: string,
  report: Report,
  types: readonly RuleType[] = ruleTypes,
): FieldRule | null {
  const fault = nameFault(name);
  if (fault !== null) report.fault(place, fault);
  if (!isMembers(definition)) {
    report.fault(place, `expected the field's type, such as {"type": "STRING"}, found ${words(definition)}`);
    return null;
  }
  const options = joinOptions(readOptions(definition, "type", place, report), beside, report);
  const type = types.find((known) => known === definition["type"]);
  if (type === undefined) {
    const found = definition["type"];
    const hint = typeof found === "string" ? didYouMean(found, types) : "";
    const message = `expected ${types.join(", ")}, found ${words(found)}${hint}`;
    report.fault(
      found === undefined ? place : `${place}/type`,
      found === undefined ? `"type" is missing; ${message}` : message,
    );
    return null;
  }
  checkOptions(type, options, report);
  const rule = ruleOf(type, options, report);
  const presence = readPresence(rule, options, report);
  return fault === null ? { name, rule, ...presence } : null;
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

/** What stands where `field` should: names with their types. */
const bareFields = (entry: Readonly<Record<string, unknown>>) =>
  Object.entries(entry).filter(([, value]) => isMembers(value) && value["type"] !== undefined);

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
    const bare = field === undefined ? bareFields(entry) : [];
    if (bare.length > 0) {
      const remedy = `write ${JSON.stringify({ field: Object.fromEntries(bare) })}`;
      report.fault(entryPlace, `expected {"field": {"<name>": {"type": "STRING"}}}; ${remedy}`);
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
