/** The rules by which the files of plans are taken. */
import type { Plan } from "../plan.ts";
import type { FileRules } from "./files.ts";

/** All rules that some file of the step is taken by; of a draft as well. */
export const rulesOf = <Rules extends Partial<FileRules>>(
  step: Rules & { readonly fields?: { readonly list: readonly Rules[] } },
): readonly Rules[] => step.fields?.list ?? [step];

/** The same of all steps of a plan. */
export const fileRulesOf = ({ steps }: Plan): readonly FileRules[] =>
  steps.flatMap((step) => (step.mode === "upload" ? rulesOf<FileRules>(step) : []));
