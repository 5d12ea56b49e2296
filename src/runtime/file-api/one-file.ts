/**
 * What a caller can do to one of their files: show it, get a link, delete it, restore it. A file of somebody else, one
 * that never existed and one that is gone for good are all the same `file_not_found`.
 */
import { isOver, readabilityOf } from "../files/readable.ts";
import type { FileRecord } from "../files/record.ts";
import { toRecord } from "../files/row.ts";
import type { LinkOptions } from "../call/links.ts";
import type { RecordedLink } from "../links/issue.ts";
import { MAX_LINK_SECONDS } from "../links/parameters.ts";
import { terms } from "../links/terms.ts";
import { openKeyedCall, RepeatedCall, type KeptAnswer, type KeyedCall } from "../idempotency/idempotent-call.ts";
import { openBody } from "../body/incoming-body.ts";
import type { Json } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { receptionOf, type FileApiCall } from "./file-api-call.ts";
import { toDocument } from "./file-document.ts";
import { readParameters, readWhole, refuse } from "./query-parameters.ts";
import { ENDPOINT_ID } from "./upload-file.ts";

/** As the page has it. */
const DEFAULT_LINK_SECONDS = 300;

/** @throws Problem `file_not_found`, `file_expired` */
export async function showFile(call: FileApiCall, id: string): Promise<Json> {
  return toDocument(await findReadable(call, id), call.addressing);
}

/** A signed address. @throws Problem `parameter_invalid`, `file_not_found`, `file_expired` */
export async function makeDownloadUrl(call: FileApiCall, id: string): Promise<Json> {
  const parameters = readParameters(call.request, ["expires", "disposition"]);
  const expiresSeconds = readWhole(parameters, "expires", 1, MAX_LINK_SECONDS, DEFAULT_LINK_SECONDS);
  const disposition = parameters.get("disposition");
  if (disposition !== undefined && terms.disposition.read(disposition) === null) {
    throw refuse("disposition", terms.disposition.form);
  }
  return (await issueFileLink(call, id, { expiresSeconds, disposition: disposition ?? null })).url;
}

/** @throws Problem `file_not_found`, `file_expired` */
export async function issueFileLink(call: FileApiCall, id: string, options: LinkOptions): Promise<RecordedLink> {
  return call.links.issueManaged(call.owner, checkId(id), options, (file) => checkReadable(file, call.now));
}

/** From now on nobody can read the file; it can be restored for a while. @throws Problem as `showFile` */
export async function deleteFile(call: FileApiCall, id: string): Promise<KeptAnswer & { readonly isReplay: boolean }> {
  const { request, owner } = call;
  const body = await openBody(request, "any", receptionOf(call));
  const keyed = openKeyedCall({ request, body, owner, scope: ENDPOINT_ID }, call);
  try {
    await keyed.send([]);
    return { ...(await markDeleted(call, id, keyed)), isReplay: false };
  } catch (error) {
    if (error instanceof RepeatedCall) return { ...(await error.answer()), isReplay: true };
    const failure = await keyed.fail(error);
    if (!(failure instanceof Problem && failure.code === "row_missing")) throw failure;
    await findReadable(call, id);
    // Restored in the meantime.
    throw new Problem("file_not_found");
  } finally {
    await body.close();
  }
}

async function markDeleted(call: FileApiCall, id: string, keyed: KeyedCall): Promise<KeptAnswer> {
  const { owner, deployment } = call;
  const now = call.now.toISOString();
  const purgeAt = new Date(call.now.getTime() + deployment.settings.retentionSeconds * 1000).toISOString();
  const deleting = call.files.softDeleting(owner, checkId(id), purgeAt, now);
  // What was deleted is known only after the batch.
  const [[row] = []] = await deployment.database.batch([...deleting, ...(await keyed.finishing(null))]);
  if (row === undefined) throw new Error("A deletion that returned nothing has failed");
  const file = toRecord(row);
  const answer = { data: toDocument(file, call.addressing), job: null };
  await keyed.succeed(answer);
  const { id: requestId } = call;
  deployment.emit("onDeleted", { requestId, owner, storageKeys: [file.storageKey], isRestorable: true });
  return answer;
}

/**
 * Undoes a deletion; a file that is not deleted stays as it is.
 * @throws Problem `file_not_found`, also when the object need not be kept any longer; `file_expired`
 */
export async function restoreFile(call: FileApiCall, id: string): Promise<Json> {
  const { owner } = call;
  if (isFileId(id)) {
    const now = call.now.toISOString();
    const restored = await call.files.restore(owner, id, now);
    if (restored !== null) return toDocument(restored, call.addressing);
    const file = await call.files.findById(owner, id);
    const mayReturn = file?.status === "deleted" && (file.purgeAt ?? "") > now;
    if (mayReturn && isOver(file, call.now)) throw new Problem("file_expired");
  }
  return showFile(call, id);
}

/** @throws Problem `file_not_found`, `file_expired` */
export async function findReadable(call: FileApiCall, id: string): Promise<FileRecord> {
  return checkReadable(await call.files.findById(call.owner, checkId(id)), call.now);
}

function checkReadable(file: FileRecord | null, now: Date): FileRecord {
  const readability = file === null ? "hidden" : readabilityOf(file, "owner", now);
  if (file === null || readability === "hidden") throw new Problem("file_not_found");
  if (readability === "expired") throw new Problem("file_expired");
  return file;
}

/** A text of any other form is not looked up. */
const isFileId = (text: string): boolean => /^[0-9a-f]{24}$/.test(text);

function checkId(text: string): string {
  if (!isFileId(text)) throw new Problem("file_not_found");
  return text;
}
