/** Which columns of its rows an actionable answers: what a statement without RETURNING is made to return. */
import { tokenProperty } from "../accounts/issuing.ts";
import { linkColumn } from "../../../contract/plan.ts";
import { answeringOf, isAnswered } from "../answer.ts";
import type { Task } from "../order.ts";

/** The fields that its `returnables` name, as far as the row itself has to have them. Empty where none are named. */
export function answeredColumns({ abi, actionable }: Pick<Task, "abi" | "actionable">): readonly string[] {
  if (actionable.mode !== "QUERY") return [];
  const named = actionable.returnables ?? (isAnswered(abi, actionable) ? abi.returnables : undefined) ?? [];
  if (named.length === 0) return [];
  const { links = {} } = actionable;
  const token = actionable === answeringOf(abi) ? tokenProperty(abi) : null;
  const claims = token === null ? [] : (abi.tokenize?.custom_claim_fields ?? []);
  const columns = named.filter((field) => field !== token && !Object.hasOwn(links, field));
  return [...new Set([...columns, ...Object.values(links).map(linkColumn), ...claims])];
}
