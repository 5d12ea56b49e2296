/** Reads the parameters of a call's path and query string, and checks them by the rules of its ABI. */
import type { FieldRule } from "../../contract/payload-rule.ts";
import { addressResults, type Plan } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { isParameter } from "../../contract/routes.ts";
import type { Validation } from "../call/features.ts";
import type { ResultRow, Scope } from "../call/scope.ts";
import { MAX_LENGTH, readParameters, refuse } from "../http/query-parameters.ts";

/** The results that `$PARAM` and `$QUERY` mean. @throws Problem `parameter_invalid` */
export function resultsOfAddress(
  { resource, address = {} }: Plan,
  request: Request,
  validate: Validation,
): Scope["results"] {
  const { path: pathRules = [], query: queryRules = [] } = address;
  const path = check(pathRules, readPath(resource, request), validate);
  const query = check(queryRules, readQuery(request, queryRules), validate);
  const errors = [...path.errors, ...query.errors];
  const [first] = errors;
  if (first !== undefined) throw refuse(first.parameter, first.detail, { errors });
  return new Map([
    [addressResults.path, { rows: [path.row], list: false }],
    [addressResults.query, { rows: [query.row], list: false }],
  ]);
}

/** As long as an address may be: https://developers.cloudflare.com/workers/platform/limits/#request-limits */
const MAX_QUERY_LENGTH = 16_384;
const NOT_UTF8 = "is not UTF-8 in percent-encoding";

/** Of an endpoint that names none, a query string says nothing. */
function readQuery(request: Request, rules: readonly FieldRule[]): ResultRow {
  if (rules.length === 0) return {};
  const { search } = new URL(request.url);
  if (search.length > MAX_QUERY_LENGTH) throw refuseQuery(`is longer than ${MAX_QUERY_LENGTH} characters`);
  // It would come out as other characters than were meant.
  if (decode(search) === null) throw refuseQuery(NOT_UTF8);
  return Object.fromEntries(
    readParameters(
      request,
      rules.map(({ name }) => name),
    ),
  );
}

const refuseQuery = (fault: string): Problem =>
  new Problem("parameter_invalid", { detail: `The query string ${fault}.` });

/** Decoded once, segment by segment: an encoded slash is a part of its value. The app may be mounted at a path of its own. */
function readPath(resource: string, { url }: Request): ResultRow {
  const names = resource.split("/");
  const segments = new URL(url).pathname.split("/").slice(-names.length);
  const found = names.flatMap((name, at) => (isParameter(name) ? [[name.slice(1), segments[at] ?? ""] as const] : []));
  return Object.fromEntries(found.map(([name, segment]) => [name, readSegment(name, segment)]));
}

function readSegment(name: string, segment: string): string {
  const text = decode(segment);
  if (text === null) throw refuse(name, NOT_UTF8);
  if (text.length > MAX_LENGTH) throw refuse(name, `is longer than ${MAX_LENGTH} characters`);
  return text;
}

/** Null for what is not in percent-encoding, or not UTF-8 in it. */
function decode(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}

/** As a form's fields, which are texts as well. */
function check(fields: readonly FieldRule[], sent: ResultRow, { check: checkBy }: Validation) {
  if (fields.length === 0) return { row: sent, errors: [] };
  const subject = { payload: sent, isForm: true, isComplete: true };
  const { payload, faults } = checkBy([{ kind: "object", fields }], subject);
  const errors = faults.map(({ pointer, detail }) => ({ parameter: pointer.slice(1), detail }));
  return { row: payload as ResultRow, errors };
}
