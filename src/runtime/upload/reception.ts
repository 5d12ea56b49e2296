/** Which files a call takes, and by which rules. */
import type { UploadStep } from "../../contract/plan/files.ts";
import { Problem } from "../../contract/problem.ts";
import type { FileReception, PlanFeatures } from "../call/features.ts";
import { tooManyFiles } from "./too-many-files.ts";

export const fileReceptionOf = (step: UploadStep, { fileFields }: Pick<PlanFeatures, "fileFields">): FileReception =>
  step.fields === undefined ? receiveAny(step) : fileFields(step.fields, step.maxFiles);

/** Files of any field, by the rules of the step. */
function receiveAny(step: UploadStep): FileReception {
  let count = 0;
  return {
    admit() {
      if (++count > step.maxFiles) throw tooManyFiles(step.maxFiles);
      return step;
    },
    finish() {
      const { minFiles = 1 } = step;
      if (count >= minFiles) return;
      const wanted = minFiles === 1 ? "one file as a part with a file name" : `${minFiles} files`;
      throw new Problem("file_missing", { detail: `Send at least ${wanted}.` });
    },
    results: (number, rows) => [[number, { rows, list: true }]],
  };
}
