/**
 * Compiles a QUERY with `mongo_query`: its statement or its step for a MongoDB server, with its values as references.
 */
import type { Parameter } from "../../../contract/plan/query.ts";
import type { Reference } from "../../../contract/plan/reference.ts";
import type { DocumentDraft, QueryDraft } from "../../draft.ts";
import type { Report } from "../../text/diagnostic.ts";
import { compileShape } from "../../documents/plan.ts";
import type { DocumentQuery } from "../../documents/query.ts";
import type { DocumentValue } from "../../documents/sql.ts";
import type { Names, Tell } from "../../values/names.ts";
import { resolveText } from "../../values/names.ts";
import type { QueryActionable } from "../../language/schema.ts";
import { nearest } from "../../text/suggest.ts";

function knownNames(names: Names): string[] {
  return [...names.extracted.keys(), ...names.results.flatMap(({ fields }) => fields), ...(names.claims ?? [])];
}

/**
 * A field's name as its value: looked up as every bare name, but what nothing provides is the payload's field or null.
 * The name itself as text would be nobody's wish here.
 */
function nameReference(name: string, names: Names, tell: Tell): Reference | null {
  const warnings: string[] = [];
  const reference = resolveText(name, true, names, {
    fault: (message) => tell.fault(message),
    warn: (message) => void warnings.push(message),
  });
  if (reference?.from === "payload-or-text" || reference?.from === "element-or-text") {
    const near = nearest(name, knownNames(names));
    if (near !== null) {
      tell.warn(
        `"${name}" is taken from the payload; did you mean "${near}"? If not, write it with the value $PAYLOAD.${name}`,
      );
    }
    return { from: reference.from === "element-or-text" ? "element" : "payload", path: [name] };
  }
  if (reference?.from === "literal") {
    tell.fault(`nothing provides "${name}", and a GET has no payload: write "filter": {"${name}": "$QUERY.${name}"}`);
    return null;
  }
  for (const warning of warnings) tell.warn(warning);
  if (name === "id" && reference?.from === "claim") {
    tell.warn('"id" is the claim here, not the document\'s: write "filter": {"id": "$PAYLOAD.id"}');
  }
  return reference;
}

function valueReference(value: DocumentValue & { kind: "value" }, names: Names, tell: Tell): Reference | null {
  if (typeof value.value !== "string") return { from: "literal", value: value.value };
  const text = value.value;
  if (knownNames(names).includes(text)) {
    tell.warn(`"${text}" is literal text here: for a value of that name, list the field in "parameters"`);
  }
  return resolveText(text, false, names, tell);
}

function referenceOf(value: DocumentValue, place: string, names: Names, report: Report): Reference | null {
  if (value.kind === "now") return { from: "now" };
  const tell: Tell = {
    fault: (message) => report.fault(place + value.place, message),
    warn: (message) => report.warn(place + value.place, message),
  };
  return value.kind === "name" ? nameReference(value.name, names, tell) : valueReference(value, names, tell);
}

export function compileMongo(
  actionable: QueryActionable,
  place: string,
  query: DocumentQuery,
  names: Names,
  each: Reference | null,
  mustReturn: boolean,
  report: Report,
): QueryDraft | DocumentDraft {
  for (const { severity, place: below, message } of query.diagnostics) {
    if (severity === "fault") report.fault(place + below, message);
    else report.warn(place + below, message);
  }
  const resolve = (value: DocumentValue) => referenceOf(value, `${place}/mongo_query`, names, report);
  if (query.shape !== undefined) {
    return compileShape(query.shape, { id: actionable.id, fields: query.fields, each, mustReturn }, resolve);
  }
  const parameters = query.values.flatMap((value): Parameter[] => {
    const reference = resolve(value);
    return reference === null ? [] : [{ value: reference, type: value.type }];
  });
  return {
    mode: "query",
    id: actionable.id,
    sql: query.sql,
    writes: query.writes,
    parameters,
    columns: query.columns,
    each,
    checks: query.checks,
  };
}
