/** What the answer and later steps read of uploaded files: what costs work is only made for a reader. */
import { answeredResults, type AnswerPlan } from "../../contract/plan.ts";
import type { EarlyField, UploadStep } from "../../contract/plan/files.ts";
import type { Path, Reference } from "../../contract/plan/reference.ts";
import type { StepDraft, UploadDraft } from "../draft.ts";
import { imageFields } from "../../contract/upload-fields.ts";
import { resultsOf, wholeResults } from "./file-groups.ts";
import { stepReferences } from "./send.ts";
import type { Work } from "./task-names.ts";

type ReadOfFiles = Pick<UploadStep, "imageFields" | "issuesLinks" | "linksThumbnails">;

/** What a step runs once per element of. */
const eachOf = (step: StepDraft): Reference | null =>
  step.mode === "query" || step.mode === "documents" ? step.each : null;

/** The paths inside the file that a step runs for, if it runs once per file of one of these results. */
function elementPaths(step: StepDraft, results: readonly number[]): Path[] {
  const each = eachOf(step);
  if (each?.from !== "result" || !results.includes(each.step)) return [];
  return stepReferences(step).flatMap((reference) => (reference.from === "element" ? [reference.path] : []));
}

/** The fields of files that one later step reads of these results; null for a whole result. */
export function fieldsReadBy(step: StepDraft, results: readonly number[]): (string | null)[] {
  const each = eachOf(step);
  const paths = stepReferences(step).flatMap((reference) => {
    if (reference.from !== "result" || !results.includes(reference.step) || reference === each) return [];
    return [typeof reference.path[0] === "number" ? reference.path.slice(1) : reference.path];
  });
  return [...elementPaths(step, results), ...paths].map(([field]) => (field === undefined ? null : String(field)));
}

/** The text fields that steps read for each file of one result. */
function textsReadOf(result: number, steps: readonly StepDraft[]): string[] {
  const paths = steps.flatMap((step) => elementPaths(step, [result]));
  return [...new Set(paths.flatMap(([of, name]) => (of === "texts" && name !== undefined ? [String(name)] : [])))];
}

/** The fields of the payload that steps before the upload at `index` read. */
function findEarlyFields(steps: readonly StepDraft[], index: number): EarlyField[] {
  const rules = steps.flatMap(({ payloadRule }) => (payloadRule?.kind === "object" ? payloadRule.fields : []));
  const names = steps
    .slice(0, index)
    .flatMap(stepReferences)
    .flatMap((reference) => (reference.from === "payload" ? reference.path.slice(0, 1).map(String) : []));
  return [...new Set(names)].map((name) => ({
    name,
    optional: rules.some((rule) => rule.name === name && rule.optional),
  }));
}

/** The upload at `index`, with what the answer or a later step reads of its files. */
export function finishUpload(
  draft: UploadDraft,
  index: number,
  work: Work | undefined,
  steps: readonly StepDraft[],
  answer: AnswerPlan,
): UploadStep {
  const answered = answeredResults(answer).find(({ step }) => step === index);
  const returned = answered === undefined ? (work?.task.actionable.returnables ?? []) : (answered.fields ?? [null]);
  const readOf = (results: readonly number[], makesThumbnails: boolean): ReadOfFiles => {
    const read = new Set([...returned, ...steps.flatMap((step) => fieldsReadBy(step, results))]);
    const isRead = (field: string) => read.has(null) || read.has(field);
    const linksThumbnails = isRead("thumbnail_url") || isRead("thumbnails");
    return {
      imageFields: imageFields.filter(isRead),
      issuesLinks: isRead("download_url"),
      ...(linksThumbnails && makesThumbnails ? { linksThumbnails } : {}),
    };
  };
  const { fields, ...own } = draft;
  const earlyFields = findEarlyFields(steps, index);
  const step = {
    ...own,
    ...readOf(resultsOf(draft, index), own.thumbnails !== undefined),
    ...(earlyFields.length === 0 ? {} : { earlyFields }),
  };
  if (fields === undefined) return step;
  const list = fields.list.map((field) => ({
    ...field,
    ...readOf([...wholeResults(draft, index), field.result], field.thumbnails !== undefined),
    texts: textsReadOf(field.result, steps),
  }));
  return { ...step, fields: { result: fields.result, texts: textsReadOf(fields.result, steps), list } };
}
