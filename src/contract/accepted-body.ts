import type { Step } from "./plan.ts";

/** How the body of a call may be sent: as a form, as JSON, or as either. */
export type AcceptedBody = "multipart" | "json" | "any";

/** A list of keys to delete is JSON; files come in a form. */
export function acceptedBody(steps: readonly Step[]): AcceptedBody {
  if (steps.some((step) => step.mode === "upload")) return "multipart";
  return steps.some((step) => step.mode === "delete-files" && step.keys === undefined) ? "json" : "any";
}
