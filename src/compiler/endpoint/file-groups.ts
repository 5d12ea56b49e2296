/** Which result numbers the file fields of an upload have, and what later steps read of them. */
import type { StepDraft, UploadDraft } from "../draft.ts";
import type { UploadActionable } from "../language/schema.ts";

export interface GroupNumbers {
  readonly all: number;
  readonly byField: ReadonlyMap<string, number>;
}

/** Behind the steps' own; null where no fields are named. @param steps as many as the plan has */
export function numberGroups({ uploads }: UploadActionable, steps: number): GroupNumbers | null {
  if (uploads.fields === undefined) return null;
  const names = Object.keys(uploads.fields);
  return { all: steps, byField: new Map(names.map((name, index) => [name, steps + 1 + index])) };
}

/** The results that hold all files of the upload at `index`. */
export const wholeResults = ({ fields }: Pick<UploadDraft, "fields">, index: number): readonly number[] =>
  fields === undefined ? [index] : [index, fields.result];

/** All that hold some of its files; a step of another kind has its own result alone. */
export function resultsOf(step: StepDraft | undefined, index: number): readonly number[] {
  if (step?.mode !== "upload") return [index];
  return [...wholeResults(step, index), ...(step.fields?.list ?? []).map(({ result }) => result)];
}
