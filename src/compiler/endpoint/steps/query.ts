/** Compiles a QUERY with `sql_query`: its analysed statement, its parameters as references, and what it runs for. */
import type { Parameter } from "../../../contract/plan/query.ts";
import type { Reference } from "../../../contract/plan/reference.ts";
import type { QueryDraft } from "../../draft.ts";
import type { Report } from "../../text/diagnostic.ts";
import { pointerStep } from "../../text/diagnostic.ts";
import { isRowCount } from "../../sql/rules/row-counts.ts";
import type { Names } from "../../values/names.ts";
import { resolveText } from "../../values/names.ts";
import type { QueryActionable } from "../../language/schema.ts";
import type { SqlQuery } from "../../sql/query.ts";

/** Reports placeholders without a parameter, parameters without a placeholder. */
function checkPlaceholders(
  query: SqlQuery & { readonly source: string },
  count: number,
  place: string,
  report: Report,
): void {
  const used = new Set(query.placeholders);
  for (const number of used) {
    if (number > count || number < 1) {
      const list = count === 1 ? "the list has 1 parameter" : `the list has ${String(count)} parameters`;
      const found = [...query.source.matchAll(/\$(\d+)/g)].find(([, digits]) => Number(digits) === number);
      report.fault(`${place}/query`, `$${String(number)} has no parameter: ${list}`, found?.index ?? 0);
    }
  }
  for (let number = 1; number <= count; number += 1) {
    if (used.has(number)) continue;
    const quoted = query.source.indexOf(`'$${String(number)}'`);
    if (quoted < 0) {
      report.fault(`${place}/parameters${pointerStep(number - 1)}`, `the statement never uses $${String(number)}`);
    } else {
      const what = `'$${String(number)}' in quotes is a text; write $${String(number)} without them`;
      report.fault(`${place}/query`, what, quoted);
    }
  }
}

/** What a statement runs once per element of; null = once. */
export function eachReference(names: Names): Reference | null {
  if (names.each === null) return null;
  return names.each === "payload" ? { from: "payload", path: [] } : { from: "result", step: names.each.step, path: [] };
}

export function compileQuery(
  actionable: QueryActionable,
  place: string,
  query: SqlQuery,
  names: Names,
  report: Report,
): QueryDraft {
  const values = actionable.sql_query?.parameters ?? [];
  const sqlPlace = `${place}/sql_query`;
  for (const { message, index } of query.faults) report.fault(`${sqlPlace}/query`, message, index);
  for (const { place: below, message } of query.ruleFaults) report.fault(`${sqlPlace}${below}`, message);
  for (const warning of query.warnings) report.warn(`${sqlPlace}/query`, warning);
  if (query.isParsed)
    checkPlaceholders({ ...query, source: actionable.sql_query?.query ?? "" }, values.length, sqlPlace, report);
  const parameters: Parameter[] = [];
  for (const [index, value] of values.entries()) {
    const parameterPlace = `${sqlPlace}/parameters${pointerStep(index)}`;
    const tell = {
      fault: (message: string): void => report.fault(parameterPlace, message),
      warn: (message: string): void => report.warn(parameterPlace, message),
    };
    const reference: Reference | null =
      typeof value === "string" ? resolveText(value, true, names, tell) : { from: "literal", value };
    // Placeholders are 1, 2, … without gaps, or there is a fault already.
    const type = query.types[index] ?? "any";
    if (type === "count" && reference?.from === "literal" && reference.value !== null) {
      const written = JSON.stringify(reference.value);
      if (!isRowCount(written.replaceAll('"', "")))
        tell.fault(`LIMIT or OFFSET ${written}: expected a whole number of 0 or more`);
    }
    if (reference !== null) parameters.push({ value: reference, type });
  }
  // The author's placeholders end where the rules' one begins.
  if (query.bindsMoment) parameters.push({ value: { from: "now" }, type: "timestamp" });
  return {
    mode: "query",
    id: actionable.id,
    sql: query.sql,
    writes: query.writes,
    parameters,
    columns: query.columns,
    each: eachReference(names),
    checks: query.checks,
    lock: query.lock ?? undefined,
  };
}
