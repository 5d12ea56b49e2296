/** Compiles what a rule says of a single text or number, and judges the regular expressions in it. */
import { isSafePattern } from "redos-detector";
import { textFormats, type NumberRule, type Rule, type TextRule } from "../../../contract/payload-rule.ts";
import type { Json } from "../../../contract/plan.ts";
import type { OptionName } from "../../language/payload-schema.ts";
import type { Report } from "../../text/diagnostic.ts";
import { pointerStep } from "../../text/diagnostic.ts";
import { didYouMean } from "../../text/suggest.ts";
import { readFlag, words, type Option, type Options } from "./options.ts";

type TextOptions = Pick<TextRule, "trim" | "format" | "pattern" | "values">;

export function readTextOptions(options: Options, report: Report): TextOptions {
  const format = options.get("format");
  const pattern = options.get("pattern");
  const known = textFormats.find((name) => name === format?.value);
  if (format !== undefined && known === undefined) {
    const near = typeof format.value === "string" ? didYouMean(format.value, textFormats) : "";
    report.fault(format.place, `expected ${textFormats.join(", ")}, found ${words(format.value)}${near}`);
  }
  const fault = pattern === undefined ? null : findPatternFault(pattern.value);
  if (pattern !== undefined && fault !== null) report.fault(pattern.place, fault);
  return {
    ...readFlag(options, "trim", report),
    ...(known === undefined ? {} : { format: known }),
    ...(typeof pattern?.value === "string" ? { pattern: pattern.value } : {}),
    ...readValues(options, (value) => typeof value === "string", "texts", report),
  };
}

/** A text can make an expression that backtracks take minutes: only those that cannot are compiled. */
function findPatternFault(pattern: unknown): string | null {
  if (typeof pattern !== "string") return `expected a regular expression as text, found ${words(pattern)}`;
  const between = /^\/\^?(.*?)\$?\/[a-z]*$/s.exec(pattern)?.[1];
  if (between !== undefined && /^\/\^|\$\/[a-z]*$/.test(pattern)) {
    const remedy = `write ${JSON.stringify(between)}, which the whole text matches`;
    return `${JSON.stringify(pattern)} stands between slashes; ${remedy}`;
  }
  try {
    // By itself: what is not closed in it would be closed by the group that the runtime puts around it.
    const { source } = new RegExp(pattern, "u");
    const whole = `^(?:${source})$`;
    const { safe } = isSafePattern(whole, {
      unicode: true,
      maxScore: MAX_BACKTRACKS,
      maxSteps: MAX_STEPS,
      timeout: Infinity,
    });
    return safe
      ? null
      : `${JSON.stringify(pattern)} may take very long on some texts, as far as can be told: no two repeats may match the same characters`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Ways in which one text can be tried. */
const MAX_BACKTRACKS = 50;
/** As many as take a second or two to look at. */
const MAX_STEPS = 3_000;

export function readNumberRule(options: Options, report: Report): NumberRule {
  const [min, max] = [readBound(options, "min", report), readBound(options, "max", report)];
  if (min !== undefined && max !== undefined && min > max) {
    report.fault(
      options.get("min")?.place ?? "",
      `nothing can pass: ${String(min)} is over the "max" of ${String(max)}`,
    );
  }
  return {
    kind: "number",
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...readFlag(options, "integer", report),
    ...readValues(options, (value) => typeof value === "number", "numbers", report),
  };
}

function readBound(options: Options, name: OptionName, report: Report): number | undefined {
  const option = options.get(name);
  if (option === undefined) return undefined;
  if (typeof option.value === "number" && Number.isFinite(option.value)) return option.value;
  report.fault(option.place, `expected a number, found ${words(option.value)}`);
  return undefined;
}

function readValues<Value extends string | number>(
  options: Options,
  isValue: (value: unknown) => value is Value,
  kind: string,
  report: Report,
): { readonly values?: readonly Value[] } {
  const option = options.get("enum");
  if (option === undefined) return {};
  if (!Array.isArray(option.value) || option.value.length === 0) {
    const remedy = isValue(option.value) ? `; write ${JSON.stringify([option.value])}` : "";
    report.fault(option.place, `expected a list of ${kind}, found ${words(option.value)}${remedy}`);
    return {};
  }
  const list = option.value as readonly unknown[];
  for (const [index, value] of list.entries()) {
    const place = option.place + pointerStep(index);
    if (!isValue(value)) report.fault(place, `expected one of the ${kind}, found ${words(value)}`);
    else if (list.indexOf(value) !== index) report.fault(place, `${words(value)} is listed twice`);
  }
  return { values: list.filter(isValue) };
}

/** A default is bound as it is written, so it has to be of the rule's kind, and one of its values. */
export function checkDefault(rule: Rule, { value, place }: Option, report: Report): void {
  const kinds: Readonly<Record<Rule["kind"], readonly [isOf: boolean, kind: string]>> = {
    text: [typeof value === "string", "a text"],
    email: [typeof value === "string", "a text"],
    number: [typeof value === "number" && Number.isFinite(value), "a number"],
    object: [typeof value === "object" && value !== null && !Array.isArray(value), "an object"],
    list: [Array.isArray(value), "a list"],
  };
  const [isOf, kind] = kinds[rule.kind];
  if (!isOf) report.fault(place, `expected ${kind}, found ${words(value)}`);
  else if ("values" in rule && !(rule.values as readonly unknown[]).includes(value)) {
    report.fault(
      place,
      `expected one of ${rule.values?.map((known) => words(known)).join(", ") ?? ""}, found ${words(value)}`,
    );
  }
}

export const asDefault = (option: Option): Json => option.value as Json;
