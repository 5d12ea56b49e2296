/** Reads the options of one rule of `payload_validation`, whatever its type makes of them. */
import type { Report } from "../../text/diagnostic.ts";
import { pointerStep } from "../../text/diagnostic.ts";
import { optionNames, type OptionName } from "../../language/payload-schema.ts";
import { didYouMean } from "../../text/suggest.ts";

type Members = Readonly<Record<string, unknown>>;

export interface Option {
  readonly value: unknown;
  readonly place: string;
}
export type Options = ReadonlyMap<OptionName, Option>;

export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function words(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : JSON.stringify(value);
}

/** The options among the members, by name; any other member but `own` is a fault. */
export function readOptions(members: Members, own: string, place: string, report: Report): Options {
  const options = new Map<OptionName, Option>();
  for (const [name, value] of Object.entries(members)) {
    const option = optionNames.find((known) => known === name);
    if (option !== undefined) options.set(option, { value, place: place + pointerStep(name) });
    else if (name !== own) {
      const known = [own, ...optionNames];
      const message = `unknown property "${name}"; expected ${known.join(", ")}${didYouMean(name, known)}`;
      report.fault(place + pointerStep(name), message, "name");
    }
  }
  return options;
}

/** Limits may stand beside `field` or inside its type; in both places only if they say the same. */
export function joinOptions(inside: Options, beside: Options, report: Report): Options {
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

export interface Limits {
  readonly min?: number;
  readonly max?: number;
}

/** @param cap the most there can be anyway */
export function readLimits(
  options: Options,
  least: OptionName,
  most: OptionName,
  report: Report,
  cap?: number,
): Limits {
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

/** `{[name]: true}` where the option is true. */
export function readFlag<Name extends OptionName>(
  options: Options,
  name: Name,
  report: Report,
): { readonly [Flag in Name]?: true } {
  const option = options.get(name);
  if (option === undefined || option.value === false) return {};
  if (option.value !== true) report.fault(option.place, `expected true or false, found ${words(option.value)}`);
  return { [name]: true } as { readonly [Flag in Name]?: true };
}
