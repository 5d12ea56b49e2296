/** What is known of a file before its bytes are read: its type by its first bytes, its key, its life. */
import type { FileRules, UploadStep } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import type { IncomingFile } from "../body/incoming-body.ts";
import { randomHex } from "../bytes.ts";
import { generate } from "../call/generators.ts";
import type { RunContext } from "../call/run-context.ts";
import type { NewFile } from "../files/row.ts";
import { displayName } from "../media/display-name.ts";
import { extensionOf } from "../media/extension.ts";
import { makeObjectKey } from "../storage/object-key.ts";
import { acceptType } from "./accept-type.ts";

/** A file whose first bytes are known. */
export interface OpenedFile extends IncomingFile {
  readonly head: Uint8Array;
}

/** @throws Problem when the file is refused */
export function describeFile(
  step: UploadStep,
  rules: FileRules,
  { scope, plan }: Pick<RunContext, "scope" | "plan">,
  file: OpenedFile,
  folder: readonly string[],
): NewFile {
  const fileType = acceptType(rules, file.head, file.declaredType, file.fileName);
  const extension = extensionOf(fileType);
  const storageKey = makeObjectKey(folder, `${generate(step.fileNames ?? "NANOID", scope.now)}.${extension}`);
  if (storageKey === null) throw new Problem("payload_invalid", { detail: "The folder's name is too long." });
  return {
    id: randomHex(12),
    owner: scope.identity.caller,
    storageKey,
    visibility: rules.visibility,
    endpoint: plan.id,
    originalFileName: displayName(file.fileName),
    fileType,
    extension,
    fileApi: step.fileApi,
    expiresAt: expiryOf(step, scope.now),
    createdAt: scope.now.toISOString(),
    ...file.kept?.row,
  };
}

function expiryOf({ expiresSeconds }: UploadStep, now: Date): string | null {
  return expiresSeconds === null ? null : new Date(now.getTime() + expiresSeconds * 1000).toISOString();
}
