/** Runs one statement, once or once per element, in the request's transaction. */
import type { Row, Statement } from "../../database/database.ts";
import { maxElements } from "../../../contract/limits.ts";
import type { Json } from "../../../contract/plan.ts";
import type { QueryStep } from "../../../contract/plan/query.ts";
import type { Reference } from "../../../contract/plan/reference.ts";
import { Problem } from "../../../contract/problem.ts";
import type { RunContext } from "../../call/run-context.ts";
import { resolve, resolveUntyped } from "../../call/scope.ts";
import type { Entry } from "../../call/transaction.ts";

export async function runQuery(step: QueryStep, index: number, context: RunContext): Promise<void> {
  const entry: Entry = {
    statements: elementsOf(step, context).flatMap((element) => bind(step, context, element)),
    purpose: "query",
    step: index,
    settle: (rows: readonly (readonly Row[])[]) => {
      context.scope.results.set(index, { rows: rows.flat(), list: step.each !== null });
    },
  };
  const { deletingNamed } = context.call.deployment.features;
  const whole = step.deletes === undefined ? entry : deletingNamed(step.deletes, entry, context);
  if (step.send === "now") await context.transaction.sendNow(whole);
  else context.transaction.add(whole);
}

/** One null element for what runs once. @throws Problem `payload_invalid` */
export function elementsOf(step: Pick<QueryStep, "each">, { scope }: Pick<RunContext, "scope">): readonly Json[] {
  if (step.each === null) return [null];
  // A whole result is its rows, however many: only there can an array be empty and right.
  if (step.each.from === "result" && step.each.path.length === 0) return scope.results.get(step.each.step)?.rows ?? [];
  const elements = resolve(step.each, scope);
  if (!Array.isArray(elements)) {
    throw new Problem("payload_invalid", { detail: "The payload must be a JSON array." });
  }
  if (elements.length === 0) throw new Problem("payload_invalid", { detail: "The array is empty." });
  if (elements.length > maxElements) {
    throw new Problem("payload_invalid", {
      detail: `The array has more than ${maxElements} elements.`,
      members: { limit: maxElements },
    });
  }
  return elements as readonly Json[];
}

function placeOf(reference: Reference): string {
  const path = "path" in reference ? reference.path : "name" in reference ? [reference.name] : [];
  return [reference.from.replace("-or-text", ""), ...path].join("/");
}

/** The statement and the checks that follow it, with the same values, generated ones too. */
function bind(step: QueryStep, { scope }: RunContext, element: Json): Statement[] {
  const { sql, columns, writes, checks, lock } = step;
  const parameters = step.parameters.map(({ value, type }) => {
    const read = type === "any" || type === "document" ? resolveUntyped : resolve;
    return { value: read(value, scope, element), type, place: placeOf(value) };
  });
  const checking = checks.map((check): Statement => {
    const checked = check.parameters.flatMap((index) => parameters[index] ?? []);
    return { sql: check.sql, parameters: checked, columns: {}, writes: false };
  });
  return [{ sql, parameters, columns, writes, lock }, ...checking];
}
