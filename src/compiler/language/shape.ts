/** Checks one parsed file against the schema, and words for its author what is wrong. */
import type * as z from "zod";
import type { Report } from "../text/diagnostic.ts";
import { pointerStep } from "../text/diagnostic.ts";
import { flatDependencies, routeFor, writeInstead } from "./instead.ts";
import { homeOf, laterValues, objectNames } from "./object-names.ts";
import { abiSchema, type Abi } from "./schema.ts";
import { didYouMean, nearest } from "../text/suggest.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (Array.isArray(inner)) return inner[Number(step)] as unknown;
    return isObject(inner) ? inner[String(step)] : undefined;
  }, value);
}

function pointer(path: Path): string {
  return path.map((step) => pointerStep(typeof step === "number" ? step : String(step))).join("");
}

function modeOf(value: unknown, path: Path): unknown {
  return path[0] === "actionables" ? at(value, ["actionables", path[1] ?? 0, "mode"]) : undefined;
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

const expectedKinds: Readonly<Record<string, string>> = {
  array: "a list",
  int: "a whole number",
  number: "a whole number",
  object: "an object",
  record: "an object",
  string: "a text",
  boolean: "true or false",
};

/** What a length is counted in. */
const units: Readonly<Record<string, string>> = { string: " characters", array: " items" };

/** Words a choice of values. A secret is never among them. */
function wordChoice(name: string, found: unknown, values: readonly string[]): string {
  const expected = `expected ${values.map((value) => JSON.stringify(value)).join(" or ")}`;
  if (found === undefined) return `"${name}" is missing; ${expected}`;
  if (typeof found !== "string") return `${expected}, found ${kindOf(found)}`;
  if (laterValues[name]?.includes(found)) return `"${found}" is not supported yet; ${expected}`;
  return `${expected}, found ${JSON.stringify(found)}${didYouMean(found, values)}`;
}

function word(issue: Issue, found: unknown): string {
  const name = String(issue.path.at(-1) ?? "");
  switch (issue.code) {
    case "invalid_type": {
      const expected = expectedKinds[issue.expected] ?? `a ${issue.expected}`;
      if (found === undefined) return `"${name}" is missing; expected ${expected}`;
      return `expected ${expected}, found ${kindOf(found)}${writeInstead(issue.expected, issue.path, found)}`;
    }
    case "invalid_value":
      return wordChoice(name, found, issue.values.map(String));
    case "invalid_union":
      if (name === "mode") return wordChoice(name, found, ["UPLOAD", "QUERY"]);
      // A union that has words of its own.
      if (issue.message.startsWith("expected")) return issue.message;
      return `expected a text, a number, true, false or null, found ${kindOf(found)}`;
    case "too_small":
      if (issue.origin === "array" || issue.origin === "string") return "must not be empty";
      return `must be at least ${String(issue.minimum)}`;
    case "too_big":
      return `must be at most ${String(issue.maximum)}${units[issue.origin] ?? ""}`;
    case "invalid_key":
      return issue.issues[0]?.message ?? issue.message;
    default:
      return wordFormat(name, issue, found);
  }
}

/** A text that has not the form that is asked for. */
function wordFormat(name: string, issue: Issue, found: unknown): string {
  const route = name === "resource" ? routeFor(found) : null;
  if (route !== null) return `${issue.message}; write ${JSON.stringify(route)}`;
  if (found === "*" && issue.path.at(-2) === "extract_claims") {
    return '"*" is no claim; write each by its name, such as ["id", "email"]';
  }
  return issue.message;
}

function reportUnknown(value: unknown, issue: z.core.$ZodIssueUnrecognizedKeys, report: Report): void {
  const { path } = issue;
  const mode = modeOf(value, path);
  const { known, later } = objectNames(path, mode);
  const holder = at(value, path);
  const beside = isObject(holder) ? Object.keys(holder) : [];
  for (const name of issue.keys) {
    const place = pointer([...path, name]);
    const fault = (message: string) => report.fault(place, message, "name");
    const home = homeOf(name, path, mode, beside);
    if (later.includes(name)) fault(`"${name}" is not supported yet`);
    else if (home !== null) fault(`"${name}" ${home}`);
    else fault(`unknown property "${name}"; expected ${known.join(", ")}${didYouMean(name, [...known, ...later])}`);
  }
}

/** What is missing stands there under nearly its name: that is told, and is the one mistake. */
function misspells(unknown: Issue, missing: Issue, value: unknown): boolean {
  if (unknown.code !== "unrecognized_keys" || at(value, missing.path) !== undefined) return false;
  const [holder, name] = [missing.path.slice(0, -1), String(missing.path.at(-1))];
  if (pointer(holder) !== pointer(unknown.path)) return false;
  const { known } = objectNames(holder, modeOf(value, holder));
  return unknown.keys.some((key) => nearest(key, known) === name);
}

/** A copy without the members that the schema does not know, so that the rest can still be looked at. */
function withoutUnknown(value: unknown, issues: readonly Issue[]): unknown {
  const copy = structuredClone(value);
  for (const issue of issues) {
    const holder = issue.code === "unrecognized_keys" ? at(copy, issue.path) : undefined;
    if (issue.code !== "unrecognized_keys" || !isObject(holder)) continue;
    for (const name of issue.keys) delete holder[name];
  }
  return copy;
}

/** Of a value that may be an object or something else, and is an object: what is wrong in it. */
function unfold(issue: Issue, value: unknown): readonly Issue[] {
  if (issue.code !== "invalid_union" || !isObject(at(value, issue.path))) return [issue];
  const isWithin = ({ path, code }: Issue) => path.length > 0 || code === "unrecognized_keys";
  const inner = issue.errors.find((issues) => issues.every(isWithin)) ?? [issue];
  return inner.map((one) => (one === issue ? one : { ...one, path: [...issue.path, ...one.path] }));
}

/** Reports every fault of shape; the ABI is returned if what is known of it is well formed, else null. */
export function checkShape(value: unknown, report: Report): Abi | null {
  const parsed = abiSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.flatMap((issue) => unfold(issue, value));
  const isMisspelt = (missing: Issue) => issues.some((issue) => misspells(issue, missing, value));
  for (const issue of issues) {
    const dependencies =
      issue.path.at(-2) === "depends_on" ? flatDependencies(at(value, issue.path.slice(0, -1))) : null;
    if (issue.code === "unrecognized_keys") reportUnknown(value, issue, report);
    else if (isMisspelt(issue)) continue;
    else if (dependencies === null) report.fault(pointer(issue.path), word(issue, at(value, issue.path)));
    // Each of them is a fault, and the list the one mistake.
    else if (issue.path.at(-1) === 0) report.fault(pointer(issue.path), `expected an object; write ${dependencies}`);
  }
  return abiSchema.safeParse(withoutUnknown(value, issues)).data ?? null;
}
