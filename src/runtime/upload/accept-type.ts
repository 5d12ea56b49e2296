/**
 * Decides by its type whether a file may come in: told from its bytes and its declaration, and held against the plan's
 * list.
 */
import { displayName } from "../media/display-name.ts";
import { allowedType, canonicalType, detectMediaType, type DetectedType } from "../media/media-type.ts";
import { mediaTypes, OPAQUE } from "../../contract/media-types.ts";
import type { FileRules } from "../../contract/plan/files.ts";
import { Problem } from "../../contract/problem.ts";

/** What the type of a file has to do with. */
export type TypeRules = Pick<FileRules, "types" | "stripsMetadata" | "strictImages">;

/**
 * The type to store the file under.
 * @throws Problem `file_type_mismatch` when the declaration contradicts the bytes, `file_type_not_allowed`
 */
export function acceptType(rules: TypeRules, head: Uint8Array, declared: string | null, fileName: string): string {
  const detected = detectMediaType(head, declared, fileName);
  const { type, claimed } = detected;
  const name = displayName(fileName);
  const members = { file: name, detected_type: claimed ? OPAQUE : (detected.proven ?? type) };
  if (detected.contradicted) {
    const found = type === OPAQUE ? "not" : type;
    const detail = `"${name}" was declared as ${declared}, but its bytes are ${found}.`;
    throw new Problem("file_type_mismatch", { detail, members });
  }
  const allowed = allowedType(detected, rules.types);
  const reason = allowed === null ? `accepted are ${rules.types.join(", ")}` : faultOf(rules, allowed);
  if (allowed !== null && reason === null) return allowed;
  throw new Problem("file_type_not_allowed", {
    detail: `"${name}" is ${describe(detected)}; ${reason}.`,
    members: { ...members, allowed: rules.types },
  });
}

function describe({ type, claimed, proven, encoding }: DetectedType): string {
  if (encoding !== null) return `text in ${encoding}, not in UTF-8`;
  if (proven !== null) return `${proven} and only declared as ${type}`;
  return claimed ? `only declared as ${type}` : type;
}

/** A wildcard does not admit a picture for which the plan's promises cannot be kept; the type's own name does. */
function faultOf(rules: TypeRules, type: string): string | null {
  if (!type.startsWith("image/") || rules.types.some((pattern) => canonicalType(pattern) === type)) return null;
  const known = mediaTypes.get(type);
  if (rules.stripsMetadata && known?.stripped !== true) return "its metadata cannot be removed";
  return rules.strictImages && known?.walked !== true ? "its structure cannot be checked" : null;
}
