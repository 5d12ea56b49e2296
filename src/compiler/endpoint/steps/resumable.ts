/** Checks `resumable`: what a file that comes in pieces cannot be together with. */
import { mostResumableBytes } from "../../../contract/limits.ts";
import type { Webhook } from "../../../contract/plan/webhook.ts";
import type { UploadActionable } from "../../language/schema.ts";
import type { Report } from "../../text/diagnostic.ts";
import type { Task } from "../order.ts";

/** What comes in pieces is stored before it is seen whole. */
export function checkPieces(uploads: UploadActionable["uploads"], place: string, report: Report): void {
  const fields = Object.entries(uploads.fields ?? {}).map(([name, field]) => [`/fields/${name}`, field] as const);
  for (const [where, { strip_metadata: strips, max_upload_file_size: bytes = 0 }] of [
    ["", uploads] as const,
    ...fields,
  ]) {
    if (bytes > mostResumableBytes) {
      report.fault(
        `${place}${where}/max_upload_file_size`,
        `expected at most ${String(mostResumableBytes)}, R2's 10,000 parts of 8 MiB`,
      );
    }
    if (strips !== true) continue;
    report.fault(
      `${place}${where}/strip_metadata`,
      "cannot be together with resumable: pieces are stored as they come; write an endpoint of its own for such pictures",
    );
  }
}

/** An upload in pieces is of one file. */
export function checkOneFile(minFiles: number, place: string, report: Report): void {
  if (minFiles > 1) report.fault(place, `${String(minFiles)} files are required, and a resumable upload is of one`);
}

/** What comes in several requests is proven by tokens, and its answer is kept until it is asked for. */
export function checkResumable(
  tasks: readonly Task[],
  { webhook, isSecret }: { readonly webhook: Webhook | null; readonly isSecret: boolean },
  report: Report,
): void {
  for (const { actionable, place } of tasks) {
    if (actionable.mode !== "UPLOAD" || actionable.uploads.resumable !== true) continue;
    const fault = (text: string) => report.fault(`${place}/uploads/resumable`, text);
    if (webhook !== null) fault("cannot be together with webhook, which proves one request");
    else if (isSecret) fault("cannot be where passwords are read or a token is issued: answers are kept");
  }
}
