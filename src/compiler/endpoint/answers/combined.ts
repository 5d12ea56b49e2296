/** Reads `combine_returned_results_from`: which results an endpoint answers in one object. */
import type { Abi } from "../../language/schema.ts";
import { pointerStep, type Report } from "../../text/diagnostic.ts";
import type { Task } from "../order.ts";

const property = "/combine_returned_results_from";

/** Indexes of the tasks, as far as they can be combined; null for an endpoint that answers one result. */
export function findCombined(abi: Abi, tasks: readonly Task[], report: Report): readonly number[] | null {
  const { combine_returned_results_from: ids, actionables } = abi;
  if (ids === undefined) return null;
  for (const [index, { main_returnable: isMain }] of actionables.entries()) {
    if (isMain !== true) continue;
    const place = `/actionables${pointerStep(index)}/main_returnable`;
    report.fault(place, "has no meaning beside combine_returned_results_from, which says what is answered");
  }
  return ids.flatMap((id, index) => {
    const fault = faultOf(id, ids.indexOf(id) !== index, abi);
    if (fault !== null) report.fault(property + pointerStep(index), fault);
    const step = tasks.findIndex(({ actionable, isForeign }) => !isForeign && actionable.id === id);
    return fault === null && step >= 0 ? [step] : [];
  });
}

function faultOf(id: number, isRepeated: boolean, { actionables }: Abi): string | null {
  const actionable = actionables.find((one) => one.id === id);
  if (actionable === undefined) {
    const known = actionables.map((one) => one.id).join(", ");
    return `there is no actionable ${String(id)} in this file; expected some of ${known}`;
  }
  if (isRepeated) return `${String(id)} is listed twice`;
  return actionable.no_op === true ? "a no_op only feeds other actionables: it cannot answer" : null;
}
