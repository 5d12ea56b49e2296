/** What of the runtime only some deployments need: written by src/cli/build.ts, never edited by hand. */
import type { Features } from "../runtime/build.ts";
import { answerFileApi } from "../runtime/file-api/answer-file-api.ts";

export const features: Partial<Features> = {
  fileApi: answerFileApi,
};
