/** Everything that a plan's reference can reach during one call, and the only place that resolves references. */
import type { DataShape, Json } from "../../contract/plan.ts";
import type { Path, Reference } from "../../contract/plan/reference.ts";
import type { Identity } from "../auth/caller.ts";
import { generate } from "./generators.ts";

export interface ResultRow {
  readonly [name: string]: Json;
}

/** What a step leaves for later steps and for the answer. */
export interface StepResult {
  readonly rows: readonly ResultRow[];
  /** True: an array by nature (an upload, `multi`); false: a statement, whose shape follows its number of rows. */
  readonly list: boolean;
}

export interface Scope {
  readonly identity: Identity;
  /** Null until a body has been read. */
  readonly payload: Json;
  /** By step, and those of groups of files; a step that has not run, or whose statement was not sent yet, is missing. */
  readonly results: Map<number, StepResult>;
  readonly headers: Headers;
  /** In canonical form; null when it is unknown. */
  readonly clientIp: string | null;
  readonly environment: (name: string) => string;
  readonly now: Date;
}

/** The value of a reference; null for what is not there. @param element of a `multi` statement's array */
export function resolve(reference: Reference, scope: Scope, element: Json = null): Json {
  switch (reference.from) {
    case "literal":
      return reference.value;
    case "claim":
      return at(scope.identity.claims, reference.path);
    case "payload":
      return at(scope.payload, reference.path);
    case "payload-or-text":
      return at(scope.payload, [reference.name], reference.name);
    case "element":
      return at(element, reference.path);
    case "element-or-text":
      return at(element, [reference.name], reference.name);
    case "env":
      return scope.environment(reference.name);
    case "header":
      return reference.name === "ip" ? scope.clientIp : scope.headers.get(reference.name);
    case "result":
      return fromResult(scope.results.get(reference.step), reference.path);
    case "generator":
      return generate(reference.kind, scope.now);
    case "now":
      return scope.now.toISOString();
    case "template":
      return reference.parts.map((part) => asText(resolve(part, scope, element))).join("");
    default:
      return reference satisfies never;
  }
}

/**
 * As `resolve`, where nothing says the value's type. There a claim's number becomes its digits: bound as a number, it
 * would be another value than the text on some engines.
 */
export function resolveUntyped(reference: Reference, scope: Scope, element: Json): Json {
  const value = resolve(reference, scope, element);
  return reference.from === "claim" && typeof value === "number" ? String(value) : value;
}

/** A result in the shape it is answered in. */
export function shapeResult(result: StepResult, shape: DataShape): Json {
  if (shape === "list" || (shape === "auto" && result.list)) return result.rows;
  const [first = null] = result.rows;
  return shape === "auto" && result.rows.length > 1 ? result.rows : first;
}

function fromResult(result: StepResult | undefined, path: Path): Json {
  if (result === undefined) return null;
  const [head] = path;
  if (head === undefined) return shapeResult(result, "auto");
  return typeof head === "number" ? at(result.rows, path) : at(result.rows[0] ?? null, path);
}

/** Follows own members only: what a prototype offers is not data. */
function at(value: Json, path: Path, otherwise: Json = null): Json {
  let current: Json | undefined = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) return otherwise;
    current = (current as { readonly [name: string]: Json })[key];
  }
  return current ?? null;
}

/** How a value reads inside longer text. */
function asText(value: Json): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
