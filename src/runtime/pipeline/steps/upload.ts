/**
 * Receives the files of a call as they arrive, and makes of each what the ABI's answers and statements read. How they
 * are stored is in upload/intake.
 */
import { peekSource } from "../../bytes.ts";
import { displayName } from "../../media/display-name.ts";
import { HEAD_BYTES } from "../../media/signatures.ts";
import type { UploadStep } from "../../../contract/plan.ts";
import type { UploadAnswer } from "../../../contract/upload-fields.ts";
import { Problem } from "../../../contract/problem.ts";
import { resolveFolder } from "../../upload/folder.ts";
import type { IncomingFile } from "../../body/incoming-body.ts";
import type { RunContext } from "../../call/run-context.ts";
import type { Call } from "../../call/call.ts";
import type { StoredFile } from "../../files/record.ts";
import type { OpenedFile } from "../../upload/describe-file.ts";
import { createFileIntake } from "../../upload/intake.ts";

export async function runUpload(step: UploadStep, index: number, context: RunContext): Promise<void> {
  const files = await receiveFiles(step, context);
  context.files.push(...files);
  const rows = files.map((file) => toUploadAnswer(file, context.call.links));
  context.scope.results.set(index, { rows, list: true });
}

async function receiveFiles(step: UploadStep, context: RunContext): Promise<readonly StoredFile[]> {
  if (context.intake === null) throw new Error("A job receives no files");
  const intake = createFileIntake(step, context, context.intake);
  let count = 0;
  let folder: readonly string[] | null = null;
  for await (const incoming of context.body.files()) {
    intake.check();
    const file = await open(incoming);
    if (file === null) continue;
    if (++count > step.maxFiles) {
      throw new Problem("too_many_files", {
        detail: `At most ${step.maxFiles} ${step.maxFiles === 1 ? "file is" : "files are"} accepted.`,
        members: { limit: step.maxFiles },
      });
    }
    // One folder for the call: the files of one upload stay together.
    folder ??= resolveFolder(step.folder, context.scope);
    await intake.receive(file, folder);
  }
  if (count === 0) {
    throw new Problem("file_missing", { detail: "Send at least one file as a part with a file name." });
  }
  return intake.finish();
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
