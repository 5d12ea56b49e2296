/** Resolves the folder of an upload from its segments. One substituted value is one path segment, whatever it holds. */
import { nameOf, unauthorized } from "../auth/caller.ts";
import type { FolderSegment } from "../../contract/plan/files.ts";
import type { Reference } from "../../contract/plan/reference.ts";
import { Problem } from "../../contract/problem.ts";
import { isKeySegment } from "../storage/object-key.ts";
import { resolve, type Scope } from "../call/scope.ts";

/** @throws Problem `unauthorized` when a claim, `payload_invalid` when any other value cannot be a path segment */
export function resolveFolder(segments: readonly FolderSegment[], scope: Scope): readonly string[] {
  return segments.map((segment) => {
    const parts = segment.from === "template" ? segment.parts : [segment];
    const text = parts.map((part) => segmentText(part, scope)).join("");
    if (!isKeySegment(text)) throw refuse(parts.find((part) => part.from !== "literal") ?? segment);
    return text;
  });
}

function segmentText(part: Reference, scope: Scope): string {
  const text = nameOf(resolve(part, scope)) ?? "";
  // A literal is checked by the compiler, with the segment it is a piece of.
  if (part.from !== "literal" && !isKeySegment(text)) throw refuse(part);
  return text;
}

function refuse(reference: Reference): Problem {
  const source = "path" in reference ? `${reference.from} ${reference.path.join(".")}` : reference.from;
  const reason = `The ${source} cannot be a folder name`;
  if (reference.from === "claim") return unauthorized(reason);
  return new Problem("payload_invalid", {
    reason,
    detail:
      reference.from === "payload"
        ? `The field "${reference.path.join(".")}" names a folder: send it before the files, 1 to 255 bytes, no slashes or control characters.`
        : "A value that names a folder is empty or has slashes or control characters.",
  });
}
