/** Runs one step on documents of a MongoDB server, once or once per element. */
import type { Json } from "../../contract/plan.ts";
import type { DocumentMember, DocumentStep } from "../../contract/plan/documents.ts";
import { Problem } from "../../contract/problem.ts";
import type { DocumentContext } from "../call/features.ts";
import { resolve, resolveUntyped, type Scope } from "../call/scope.ts";
import type { DocumentEntry } from "../call/transaction.ts";
import type { DocumentCommand, Members } from "../database/document-store.ts";
import { elementsOf } from "../pipeline/steps/query.ts";

export async function runDocuments(step: DocumentStep, index: number, context: DocumentContext): Promise<void> {
  const { scope, transaction } = context;
  const entry: DocumentEntry = {
    commands: elementsOf(step, context).map((element) => bind(step, scope, element)),
    settle: (rows) => void scope.results.set(index, { rows: rows.flat(), list: step.each !== null }),
  };
  if (step.send === "now") await transaction.documents().sendNow(entry);
  else transaction.documents().add(entry);
}

function bind(step: DocumentStep, scope: Scope, element: Json): DocumentCommand {
  const { collection, fields, mustReturn } = step;
  const common = { collection, fields, mustReturn };
  const members = (list: readonly DocumentMember[]): Members =>
    list.map(({ field, value }) => [field, resolveUntyped(value, scope, element)]);
  switch (step.action) {
    case "insert":
      return { action: "insert", ...common, set: members(step.set) };
    case "find": {
      const limit = toCount(resolve(step.limit, scope, element), step.defaultLimit, step.maxLimit);
      const skip = toCount(resolve(step.skip, scope, element), 0, Number.MAX_SAFE_INTEGER);
      return { action: "find", ...common, filter: members(step.filter), sort: step.sort, limit, skip };
    }
    case "update":
      return { action: "update", ...common, filter: members(step.filter), set: members(step.set) };
    case "delete":
      return { action: "delete", ...common, filter: members(step.filter) };
    default:
      return step satisfies never;
  }
}

/** Between 0 and the most. @throws Problem `row_rejected` for what is no whole number, as on the document table */
function toCount(value: Json, otherwise: number, most: number): number {
  if (value === null) return otherwise;
  const isWhole = typeof value === "number" ? Number.isSafeInteger(value) : isDigits(value);
  if (!isWhole) throw new Problem("row_rejected", { detail: "A value is not an integer." });
  return Math.min(Math.max(Number(value), 0), most);
}

const isDigits = (value: Json): boolean => typeof value === "string" && /^[+-]?\d{1,19}$/.test(value);
