/** Which fields of uploaded files the answer or a later step reads: those that cost work are only made for a reader. */
import type { AnswerPlan, UploadStep } from "../../contract/plan.ts";
import type { StepDraft } from "../draft.ts";
import { stepReferences } from "./send.ts";
import type { Work } from "./task-names.ts";
import { imageFields } from "../../contract/upload-fields.ts";

/** The fields of the upload at `index` that one later step reads; null for its whole result. */
export function fieldsReadBy(step: StepDraft, index: number): (string | null)[] {
  const source = step.mode === "query" || step.mode === "documents" ? step.each : null;
  const each = source?.from === "result" && source.step === index;
  return stepReferences(step).flatMap((reference) => {
    if (reference.from === "element" && each) return [String(reference.path[0])];
    if (reference.from !== "result" || reference.step !== index) return [];
    if (reference === source) return [];
    const field = typeof reference.path[0] === "number" ? reference.path[1] : reference.path[0];
    return [field === undefined ? null : String(field)];
  });
}

/** What the answer or a later step reads of files, done only for a plan that reads it. */
export function readUploadFields(
  index: number,
  work: readonly Work[],
  steps: readonly StepDraft[],
  answer: AnswerPlan,
): Pick<UploadStep, "imageFields" | "issuesLinks"> {
  const actionable = work[index]?.task.actionable;
  const returned = answer.step === index ? (answer.fields ?? [null]) : (actionable?.returnables ?? []);
  const read = new Set([...returned, ...steps.flatMap((step) => fieldsReadBy(step, index))]);
  const isRead = (field: string) => read.has(null) || read.has(field);
  return { imageFields: imageFields.filter(isRead), issuesLinks: isRead("download_url") };
}
