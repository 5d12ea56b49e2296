/**
 * The parts of the runtime that only some plans need, and the test that tells whether a plan does. The compiler bundles
 * by it, and the runtime checks by it.
 */
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
