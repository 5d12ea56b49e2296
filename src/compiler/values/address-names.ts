/** What an endpoint's address provides, and the references that `$PARAM` and `$QUERY` mean. */
import { addressResults } from "../../contract/plan.ts";
import type { Reference } from "../../contract/plan/reference.ts";
import { didYouMean } from "../text/suggest.ts";

export interface AddressNames {
  readonly resource: string;
  /** Path parameters. */
  readonly path: readonly string[];
  /** Query parameters. */
  readonly query: readonly string[];
  /** A GET has none. */
  readonly hasPayload: boolean;
}

interface Tell {
  fault(message: string): void;
}

/** Null after a fault, as `queryReference`. */
export function pathReference(name: string, { path: known, resource }: AddressNames, tell: Tell): Reference | null {
  if (known.includes(name)) return { from: "result", step: addressResults.path, path: [name] };
  const expected = choice(name, known) ?? `write it into the resource: "${resource}/:${name}"`;
  tell.fault(`$PARAM.${name}: the resource "${resource}" has no ":${name}"; ${expected}`);
  return null;
}

export function queryReference(name: string, { query: known }: AddressNames, tell: Tell): Reference | null {
  if (known.includes(name)) return { from: "result", step: addressResults.query, path: [name] };
  const expected = choice(name, known) ?? `write "query_parameters": {"${name}": {"type": "STRING", "optional": true}}`;
  tell.fault(`$QUERY.${name} is not declared in query_parameters; ${expected}`);
  return null;
}

/** Null where there is none. */
export const choice = (name: string, known: readonly string[]): string | null =>
  known.length === 0 ? null : `expected one of ${known.join(", ")}${didYouMean(name, known)}`;
