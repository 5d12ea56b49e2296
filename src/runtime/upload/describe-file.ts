/** What is known of a file before its bytes are read: its type by its first bytes, its key, its life. */
import type { FileRules, UploadStep } from "../../contract/plan/files.ts";
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
  context: FileContext,
  file: OpenedFile,
  folder: readonly string[],
): NewFile {
  const fileType = acceptType(rules, file.head, file.declaredType, file.fileName);
  return { ...makeFile(step, rules, context, { ...file, fileType }, folder), ...file.kept?.row };
}

type FileContext = Pick<RunContext, "scope" | "plan">;

/** A file of this type, under a key of its own. @throws Problem `payload_invalid` where the folder is too long */
export function makeFile(
  step: UploadStep,
  rules: FileRules,
  { scope, plan }: FileContext,
  { field, fileName, fileType }: Pick<NewFile, "fileType"> & Pick<IncomingFile, "field" | "fileName">,
  folder: readonly string[],
): NewFile {
  const extension = extensionOf(fileType);
  const storageKey = makeObjectKey(folder, `${generate(step.fileNames ?? "NANOID", scope.now)}.${extension}`);
  if (storageKey === null) throw new Problem("payload_invalid", { detail: "The folder's name is too long." });
  return {
    id: randomHex(12),
    owner: scope.identity.caller,
    storageKey,
    visibility: rules.visibility,
    endpoint: plan.id,
    originalFileName: displayName(fileName),
    fileType,
    extension,
    fileApi: step.fileApi,
    field: step.fields === undefined ? null : field,
    expiresAt: expiryOf(step, scope.now),
    createdAt: scope.now.toISOString(),
  };
}

function expiryOf({ expiresSeconds }: UploadStep, now: Date): string | null {
  return expiresSeconds === null ? null : new Date(now.getTime() + expiresSeconds * 1000).toISOString();
}
