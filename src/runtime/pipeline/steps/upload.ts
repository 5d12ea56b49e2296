/**
 * Receives the files of a call, one after the other as they arrive. Knows nothing of what happens to a single file
 * (store-file) or of statements that follow.
 */
import { peekSource } from "../../bytes.ts";
import { displayName } from "../../media/display-name.ts";
import { HEAD_BYTES } from "../../media/signatures.ts";
import type { UploadStep } from "../../../contract/plan.ts";
import { Problem } from "../../../contract/problem.ts";
import { resolveFolder } from "../../upload/folder.ts";
import type { IncomingFile } from "../../body/incoming-body.ts";
import type { RunContext } from "../../call/run-context.ts";
import { storeFile, type FileRow, type OpenedFile } from "../../upload/store-file.ts";

export async function runUpload(step: UploadStep, index: number, context: RunContext): Promise<void> {
  context.scope.results.set(index, { rows: await receiveFiles(step, context), list: true });
}

async function receiveFiles(step: UploadStep, context: RunContext): Promise<readonly FileRow[]> {
  const rows: FileRow[] = [];
  let folder: readonly string[] | null = null;
  for await (const incoming of context.body.files()) {
    const file = await open(incoming);
    if (file === null) continue;
    if (rows.length === step.maxFiles) {
      throw new Problem("too_many_files", {
        detail: `At most ${step.maxFiles} ${step.maxFiles === 1 ? "file is" : "files are"} accepted.`,
        members: { limit: step.maxFiles },
      });
    }
    // One folder for the call: the files of one upload stay together.
    folder ??= resolveFolder(step.folder, context.scope);
    rows.push(await storeFile(step, context, file, folder));
  }
  if (rows.length === 0) {
    throw new Problem("file_missing", { detail: "Send at least one file as a part with a file name." });
  }
  return rows;
}

/** Null for the file field that a browser sends when nothing was chosen. */
async function open(incoming: IncomingFile): Promise<OpenedFile | null> {
  const { head, source } = await peekSource(incoming.body, HEAD_BYTES);
  if (head.length > 0) return { ...incoming, head, body: source };
  if (incoming.fileName === "") return null;
  const name = displayName(incoming.fileName);
  throw new Problem("file_missing", { detail: `The file "${name}" is empty.`, members: { file: name } });
}
