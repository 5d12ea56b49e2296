/**
 * Decides by its type whether a file may come in: detected from its bytes, checked against its declaration and the
 * plan.
 */
import { displayName } from "../media/display-name.ts";
import { canonicalType, detectMediaType, isAllowedType, type DetectedType } from "../media/media-type.ts";
import { mediaTypes, OPAQUE } from "../../contract/media-types.ts";
import type { UploadStep } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";

/**
 * The detected type.
 * @throws Problem `file_type_mismatch` when the declaration contradicts the bytes, `file_type_not_allowed`
 */
export function acceptType(step: UploadStep, head: Uint8Array, declared: string | null, fileName: string): string {
  const detected = detectMediaType(head, declared, fileName);
  const { type, claimed } = detected;
  const name = displayName(fileName);
  const members = { file: name, detected_type: claimed ? OPAQUE : type };
  if (detected.contradicted) {
    const detail = `"${name}" was declared as ${declared ?? "nothing"}, but its bytes are ${type}.`;
    throw new Problem("file_type_mismatch", { detail, members });
  }
  const reason = refusal(step, detected);
  if (reason === null) return type;
  throw new Problem("file_type_not_allowed", {
    detail: `"${name}" is ${claimed ? `only declared as ${type}` : type}; ${reason}.`,
    members: { ...members, allowed: step.types },
  });
}

/** A wildcard does not admit a picture for which the plan's promises cannot be kept; the type's own name does. */
function refusal(step: UploadStep, detected: DetectedType): string | null {
  const { type } = detected;
  if (!isAllowedType(detected, step.types)) return `accepted are ${step.types.join(", ")}`;
  if (!type.startsWith("image/") || step.types.some((pattern) => canonicalType(pattern) === type)) return null;
  const known = mediaTypes.get(type);
  if (step.stripsMetadata && known?.stripped !== true) return "its metadata cannot be removed";
  return step.strictImages && known?.walked !== true ? "its structure cannot be checked" : null;
}
