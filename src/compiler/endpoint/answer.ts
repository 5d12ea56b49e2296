/** Decides what an endpoint answers: which result, which of its fields, in which shape. */
import { linkColumn, type AnsweredResult, type AnswerPlan, type DataShape } from "../../contract/plan.ts";
import type { Report } from "../text/diagnostic.ts";
import { pathFault } from "../text/accessor.ts";
import { pointerStep } from "../text/diagnostic.ts";
import { findCombined } from "./answers/combined.ts";
import type { Task } from "./order.ts";
import type { Abi, Actionable } from "../language/schema.ts";
import { isDeletion } from "../language/upload-schema.ts";
import { hasThumbnails } from "../thumbnails.ts";
import { didYouMean } from "../text/suggest.ts";
import { deletedFields, extensionFields, namedField, uploadFields } from "../../contract/upload-fields.ts";

/** All fields that an actionable can answer; null where a fault hides them. */
function answerableFields(actionable: Actionable, queryFields: readonly string[] | null): readonly string[] | null {
  if (actionable.mode === "QUERY") return queryFields && [...queryFields, ...Object.keys(actionable.links ?? {})];
  const { uploads } = actionable;
  if (isDeletion(uploads)) return deletedFields;
  return [...uploadFields, ...extensionFields, ...(uploads.fields === undefined ? [] : [namedField])];
}

/** What the fields of thumbnails are where there are none. */
const neverMade = { thumbnail_url: "null", thumbnails: "empty" };

/** Reports returnables that the actionable never returns, or in which there is never anything. */
export function checkReturnables(
  returnables: readonly string[],
  actionable: Actionable,
  queryFields: readonly string[] | null,
  place: string,
  report: Report,
): void {
  const known = answerableFields(actionable, queryFields);
  for (const [index, field] of returnables.entries()) {
    const fieldPlace = place + pointerStep(index);
    if (field === "*") {
      report.fault(fieldPlace, '"*" is no field; write the names, or leave "returnables" out for all fields');
    } else if (field.startsWith("$")) {
      report.fault(fieldPlace, "returnables are names of fields; accessors and secrets are never answered");
    } else if (known !== null && !known.includes(field)) {
      const expected = known.length === 0 ? "it returns no rows (RETURNING)" : `expected ${known.join(", ")}`;
      report.fault(
        fieldPlace,
        `actionable ${String(actionable.id)} never returns "${field}"; ${expected}${didYouMean(field, known)}`,
      );
    } else if (returnables.indexOf(field) !== index) {
      report.fault(fieldPlace, `"${field}" is listed twice`);
    } else if (field in neverMade && actionable.mode === "UPLOAD" && !hasThumbnails(actionable)) {
      const what = neverMade[field as keyof typeof neverMade];
      report.warn(fieldPlace, `actionable ${String(actionable.id)} has no "thumbnails": "${field}" is always ${what}`);
    }
  }
}

/** Reports links that no row can have. */
export function checkLinks(
  { actionable, place }: Pick<Task, "actionable" | "place">,
  queryFields: readonly string[] | null,
  report: Report,
): void {
  for (const [field, link] of Object.entries(linksOf(actionable) ?? {})) {
    const column = linkColumn(link);
    const fieldPlace = `${place}/links${pointerStep(field)}`;
    const fault = pathFault([field]);
    if (fault !== null) report.fault(fieldPlace, fault);
    if (queryFields === null) continue;
    if (queryFields.includes(field) && !queryFields.includes(column)) {
      const right = typeof link === "string" ? field : { ...link, column: field };
      const remedy = `write ${JSON.stringify({ [column]: right })}`;
      report.fault(fieldPlace, `the rows have no column "${column}"; ${remedy}`);
      continue;
    }
    if (queryFields.includes(field))
      report.fault(fieldPlace, `"${field}" is a column of the rows: expected another name`);
    if (queryFields.includes(column)) continue;
    const expected = queryFields.length === 0 ? "it returns no rows (RETURNING)" : `expected ${queryFields.join(", ")}`;
    report.fault(fieldPlace, `the rows have no column "${column}"; ${expected}${didYouMean(column, queryFields)}`);
  }
}

const linksOf = (actionable: Actionable) => (actionable.mode === "QUERY" ? actionable.links : undefined);

/** The shape in which an actionable answers. */
export function answerShape(actionable: Actionable, isEach: boolean): DataShape {
  if (actionable.data_shape !== undefined) return actionable.data_shape;
  return actionable.mode === "UPLOAD" || isEach ? "list" : "auto";
}

/** The actionable that answers: the one with `main_returnable`, else the last listed that is no `no_op`. */
export const answeringOf = ({ actionables }: Abi): Actionable | undefined =>
  actionables.find((actionable) => actionable.main_returnable === true) ??
  actionables.findLast((actionable) => actionable.no_op !== true);

/** What an endpoint answers is this actionable's result, or holds it. */
export const isAnswered = (abi: Abi, actionable: Actionable): boolean =>
  abi.combine_returned_results_from?.includes(actionable.id) ?? actionable === answeringOf(abi);

/** Index of the task that answers. */
function findAnswering(abi: Abi, tasks: readonly Task[], report: Report): number {
  const mains = abi.actionables.filter((actionable) => actionable.main_returnable === true);
  for (const actionable of mains) {
    const place = `/actionables${pointerStep(abi.actionables.indexOf(actionable))}/main_returnable`;
    if (actionable.no_op === true) report.fault(place, "a no_op only feeds other actionables: it cannot answer");
    else if (actionable !== mains[0])
      report.fault(place, "another actionable has main_returnable already; expected one");
  }
  const answering = answeringOf(abi);
  return tasks.findIndex((task) => task.actionable === answering);
}

/** What the answer needs to know of a QUERY. */
export interface AnswerSource {
  /** Null where a fault hides them. */
  readonly fields: readonly string[] | null;
  /** It runs once per element. */
  readonly isEach: boolean;
}

/** Its token would be a field beside those of the rows, if it could be issued: that it cannot is told. */
export const issuesToken = (abi: Abi): boolean => abi.tokenize !== undefined && abi.protected === undefined;

/** The answer of an endpoint; null where no task can answer. */
export function planAnswer(
  abi: Abi,
  tasks: readonly Task[],
  sourceOf: (task: Task) => AnswerSource,
  report: Report,
): AnswerPlan | null {
  const answering = findAnswering(abi, tasks, report);
  const listed = findCombined(abi, tasks, report);
  for (const { isForeign, actionable, place } of tasks) {
    if (isForeign || linksOf(actionable) === undefined || isAnswered(abi, actionable)) continue;
    report.fault(`${place}/links`, "has no meaning: the result of this actionable is not answered");
  }
  const answered = (step: number) => planResult(abi, tasks[step], step, sourceOf, report);
  if (listed === null) return answered(answering);
  const combined = listed.flatMap((step) => {
    const [result, id] = [answered(step), tasks[step]?.actionable.id];
    return result === null || id === undefined ? [] : { ...result, id };
  });
  const first = combined.find(({ step }) => step === answering) ?? combined[0];
  if (first === undefined) return null;
  const { id: _, ...result } = first;
  return { ...result, combined };
}

function planResult(
  abi: Abi,
  task: Task | undefined,
  step: number,
  sourceOf: (task: Task) => AnswerSource,
  report: Report,
): AnsweredResult | null {
  if (task === undefined) return null;
  const { actionable } = task;
  const { fields, isEach } = sourceOf(task);
  if (actionable.returnables === undefined && abi.returnables !== undefined) {
    checkReturnables(abi.returnables, actionable, issuesToken(abi) ? null : fields, "/returnables", report);
  }
  const links = linksOf(actionable);
  return {
    step,
    fields: actionable.returnables ?? abi.returnables ?? null,
    shape: answerShape(actionable, isEach),
    ...(links === undefined ? {} : { links }),
  };
}
