/**
 * What a caller can do to one of their files: show it, get a link, delete it, restore it. A file of somebody else, one
 * that never existed and one that is gone for good are all the same `file_not_found`.
 */
import type { LinkOptions } from "../call/links.ts";
import { isOver, readabilityOf } from "../files/readable.ts";
import type { FileRecord } from "../files/record.ts";
import { toRecord } from "../files/row.ts";
import type { Statement } from "../database/database.ts";
import { epochAbove } from "../links/registry.ts";
import { MAX_LINK_SECONDS } from "../links/parameters.ts";
import { terms } from "../links/terms.ts";
import { openKeyedCall, RepeatedCall, type KeptAnswer } from "../idempotency/idempotent-call.ts";
import { openBody } from "../body/incoming-body.ts";
import type { Json } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { receptionOf, type FileApiCall } from "./file-api-call.ts";
import { toDocument } from "./file-document.ts";
import { findManaged, issueManaged } from "./managed-links.ts";
import { readParameters, readWhole, refuse } from "../http/query-parameters.ts";
import { fileApiEndpoint } from "../../contract/routes.ts";
import { createManagedFiles, type ManagedFiles } from "../files/managed.ts";

/** As the page has it. */
const DEFAULT_LINK_SECONDS = 300;

/** @throws Problem `file_not_found`, `file_expired` */
export async function showFile(call: FileApiCall, id: string): Promise<Json> {
  return toDocument(await findReadable(call, id), call);
}

/** A signed address. @throws Problem `parameter_invalid`, `file_not_found`, `file_expired` */
export async function makeDownloadUrl(call: FileApiCall, id: string): Promise<Json> {
  const parameters = readParameters(call.request, ["expires", "disposition", "thumbnail"]);
  const expiresSeconds = readWhole(parameters, "expires", 1, MAX_LINK_SECONDS, DEFAULT_LINK_SECONDS);
  const readTerm = (term: "disposition" | "thumbnail"): string | null => {
    const text = parameters.get(term);
    if (text === undefined) return null;
    const value = terms[term].read(text);
    if (value === null) throw refuse(term, terms[term].form);
    return value;
  };
  const options = { expiresSeconds, disposition: readTerm("disposition"), thumbnail: readTerm("thumbnail") };
  try {
    await checkThumbnail(call, id, options);
    return (await issueManaged(call, checkId(id), options)).url;
  } catch (error) {
    throw await notReadable(call, id, error);
  }
}

/** From now on nobody can read the file; it can be restored for a while. @throws Problem as `showFile` */
export function deleteFile(call: FileApiCall, id: string): Promise<KeyedAnswer> {
  const { owner, deployment, id: requestId } = call;
  const now = call.now.toISOString();
  const purgeAt = new Date(call.now.getTime() + deployment.settings.retentionSeconds * 1000).toISOString();
  return changeFile(call, id, "any", async (finishing) => {
    const deleting = managedOf(call).deleting(owner, id, purgeAt, now);
    const [[row] = []] = await deployment.database.batch([...deleting, ...(await finishing())]);
    if (row === undefined) throw new Error("A deletion that returned nothing has failed");
    const file = toRecord(row);
    deployment.emit("onDeleted", { requestId, owner, storageKeys: [file.storageKey], isRestorable: true });
    return toDocument(file, call);
  });
}

export function managedOf({ deployment }: FileApiCall): ManagedFiles {
  return createManagedFiles(deployment.database, deployment.dialect, epochAbove);
}

export interface KeyedAnswer extends KeptAnswer {
  readonly isReplay: boolean;
  /** Of the request. */
  readonly payload: Json;
}

/**
 * Changes something about a readable file, under the call's idempotency key if it has one.
 * @param change its batch holds `finishing`, and fails with `row_missing` where the file cannot be read
 * @throws Problem `file_not_found`, `file_expired`
 */
export async function changeFile(
  call: FileApiCall,
  id: string,
  accepted: "any" | "json",
  change: (finishing: () => Promise<readonly Statement[]>, payload: Json) => Promise<Json>,
): Promise<KeyedAnswer> {
  const { request, owner } = call;
  const opened = await openBody(request, accepted, receptionOf(call));
  const keyed = openKeyedCall({ request, body: opened, owner, scope: fileApiEndpoint }, call);
  const { body } = keyed;
  try {
    checkId(id);
    await keyed.send([]);
    await body.readFields();
    // What is answered is known only after the batch.
    const answer = { data: await change(() => keyed.finishing(null), body.payload), job: null };
    await keyed.succeed(answer);
    return { ...answer, isReplay: false, payload: body.payload };
  } catch (error) {
    if (!(error instanceof RepeatedCall)) throw await notReadable(call, id, await keyed.fail(error));
    return { ...(await error.answer()), isReplay: true, payload: body.payload };
  } finally {
    await body.close();
  }
}

/** What to answer where a statement found no file that it may touch; any other error is itself. */
async function notReadable(call: FileApiCall, id: string, error: unknown): Promise<unknown> {
  if (!(error instanceof Problem && error.code === "row_missing")) return error;
  await findReadable(call, id);
  // It has come back in the meantime.
  return new Problem("file_not_found");
}

/**
 * Undoes a deletion; a file that is not deleted stays as it is.
 * @throws Problem `file_not_found`, also when the object need not be kept any longer; `file_expired`
 */
export async function restoreFile(call: FileApiCall, id: string): Promise<Json> {
  const { owner } = call;
  if (isFileId(id)) {
    const now = call.now.toISOString();
    const restored = await managedOf(call).restore(owner, id, now);
    if (restored !== null) {
      call.links.issuer.noteEpoch(owner, restored.ownerEpoch);
      return toDocument(restored.file, call);
    }
    const file = await findManaged(call, id);
    const mayReturn = file?.status === "deleted" && (file.purgeAt ?? "") > now;
    if (mayReturn && isOver(file, call.now)) throw new Problem("file_expired");
  }
  return showFile(call, id);
}

/** A link to no thumbnail is not issued. @throws Problem `file_not_found`, `file_expired` */
export async function checkThumbnail(call: FileApiCall, id: string, { thumbnail }: LinkOptions): Promise<void> {
  if (typeof thumbnail !== "string") return;
  const file = await findReadable(call, id);
  const { thumbnails = [] } = await call.deployment.features.thumbnails.describe(file, async () => "");
  if (thumbnails.some(({ name }) => name === thumbnail)) return;
  throw new Problem("file_not_found", { detail: "The file has no thumbnail of this name." });
}

/** @throws Problem `file_not_found`, `file_expired` */
export async function findReadable(call: FileApiCall, id: string): Promise<FileRecord> {
  return checkReadable(await findManaged(call, checkId(id)), call.now);
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
