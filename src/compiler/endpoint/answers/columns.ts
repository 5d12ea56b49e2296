/** Which columns of its rows an actionable answers: what a statement without RETURNING is made to return. */
import { tokenProperty } from "../accounts/issuing.ts";
import { answeringOf } from "../answer.ts";
import type { Task } from "../order.ts";

/** The fields that its `returnables` name, as far as the row itself has to have them. Empty where none are named. */
export function answeredColumns({ abi, actionable }: Pick<Task, "abi" | "actionable">): readonly string[] {
  if (actionable.mode !== "QUERY") return [];
  const isAnswering = actionable === answeringOf(abi);
  const named = actionable.returnables ?? (isAnswering ? abi.returnables : undefined) ?? [];
  if (named.length === 0) return [];
  const { links = {} } = actionable;
  const token = isAnswering ? tokenProperty(abi) : null;
  const claims = token === null ? [] : (abi.tokenize?.custom_claim_fields ?? []);
  const columns = named.filter((field) => field !== token && !Object.hasOwn(links, field));
  return [...new Set([...columns, ...Object.values(links), ...claims])];
}
