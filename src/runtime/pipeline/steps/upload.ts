/**
 * Receives the files of a call as they arrive, and makes of each what the ABI's answers and statements read. How they
 * are stored is in upload/intake.
 */
import { peekSource } from "../../bytes.ts";
import { displayName } from "../../media/display-name.ts";
import { HEAD_BYTES } from "../../media/signatures.ts";
import type { FileRules, UploadStep } from "../../../contract/plan/files.ts";
import type { UploadAnswer } from "../../../contract/upload-fields.ts";
import { Problem } from "../../../contract/problem.ts";
import { resolveFolder } from "../../upload/folder.ts";
import type { IncomingFile } from "../../body/incoming-body.ts";
import type { RunContext } from "../../call/run-context.ts";
import type { Call } from "../../call/call.ts";
import type { FileReception } from "../../call/features.ts";
import type { StoredFile } from "../../files/record.ts";
import type { OpenedFile } from "../../upload/describe-file.ts";
import { createFileIntake } from "../../upload/intake.ts";
import { fileReceptionOf } from "../../upload/reception.ts";

export async function runUpload(step: UploadStep, index: number, context: RunContext): Promise<void> {
  const { call, scope } = context;
  const reception = fileReceptionOf(step, call.deployment.features);
  const { files, rules } = await receiveFiles(step, reception, context);
  context.files.push(...files);
  const isReplacing = rules.some(({ replaces }) => replaces !== undefined);
  if (isReplacing) await call.deployment.features.replacing(files, rules, context);
  const rows = files.map((file) => toUploadAnswer(file, call.links));
  for (const [number, result] of reception.results(index, rows, scope.payload)) scope.results.set(number, result);
}

async function receiveFiles(
  step: UploadStep,
  reception: FileReception,
  context: RunContext,
): Promise<{ readonly files: readonly StoredFile[]; readonly rules: readonly FileRules[] }> {
  if (context.intake === null) throw new Error("A job receives no files");
  const intake = createFileIntake(step, context, context.intake);
  const folders = new Map<FileRules, readonly string[]>();
  /** One for each file. */
  const admitted: FileRules[] = [];
  for await (const incoming of context.body.files()) {
    intake.check();
    const file = await open(incoming);
    if (file === null) continue;
    const rules = reception.admit(file.field);
    admitted.push(rules);
    // One folder for the call: the files of one upload stay together.
    const folder = folders.get(rules) ?? resolveFolder(rules.folder, context.scope);
    folders.set(rules, folder);
    await intake.receive(file, rules, folder);
  }
  reception.finish(context.scope.payload);
  return { files: await intake.finish(), rules: admitted };
}

/** Null for the file field that a browser sends when nothing was chosen. */
async function open(incoming: IncomingFile): Promise<OpenedFile | null> {
  const { head, source } = await peekSource(incoming.body, HEAD_BYTES);
  if (head.length > 0) return { ...incoming, head, body: source };
  if (incoming.fileName === "") return null;
  const name = displayName(incoming.fileName);
  throw new Problem("file_missing", { detail: `The file "${name}" is empty.`, members: { file: name } });
}

function toUploadAnswer(file: StoredFile, { fileUrl }: Pick<Call["links"], "fileUrl">): UploadAnswer {
  return {
    storage_key: file.storageKey,
    original_file_name: file.originalFileName,
    new_file_name: file.storageKey.split("/").at(-1) ?? "",
    url: fileUrl(file.storageKey),
    file_type: file.fileType,
    extension: file.extension,
    expires_at: file.expiresAt,
    id: file.id,
    download_url: file.downloadUrl,
    thumbnail_url: file.thumbnailLinks[0]?.url ?? null,
    thumbnails: file.thumbnailLinks,
    file_size: file.fileSize,
    checksum_sha256: file.checksumSha256,
    dominant_color: file.dominantColor,
    width: file.width,
    height: file.height,
    palette: file.palette,
    thumbhash: file.thumbhash,
    has_alpha: file.hasAlpha,
    animated: file.animated,
  };
}
