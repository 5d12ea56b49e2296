/** What of the runtime only some plans use, and how a plan shows that it does: the compiler bundles by it, the runtime checks by it. */
import type { Plan, UploadStep } from "./plan.ts";

export type FeatureName = "background" | "validate" | "stripping" | "structure" | "documents";

const uploads = (isUsed: (step: UploadStep) => boolean) => (plan: Plan) =>
  plan.steps.some((step) => step.mode === "upload" && isUsed(step));

export const featureUses: Readonly<Record<FeatureName, (plan: Plan) => boolean>> = {
  background: ({ background, schedule }) => background !== undefined || schedule !== undefined,
  validate: ({ steps }) => steps.some(({ payloadRule }) => payloadRule !== undefined),
  stripping: uploads(({ stripsMetadata }) => stripsMetadata),
  structure: uploads(({ strictImages }) => strictImages),
  documents: ({ steps }) => steps.some(({ mode }) => mode === "documents"),
};
