/**
 * Streams one file into the store: its type is detected from its first bytes, a pending row is written before its first
 * byte is stored, and a statement marks the row as stored.
 */
import type { StoredFile } from "../files/record.ts";
import type { NewFile } from "../files/row.ts";
import { randomHex } from "../bytes.ts";
import { gridFields, type GridColors } from "../image/grid-colors.ts";
import { readRendered } from "../image/images-binding.ts";
import type { ImageResult } from "../image/image-tap.ts";
import { displayName } from "../media/display-name.ts";
import { extensionOf } from "../media/extension.ts";
import { mediaTypes } from "../../contract/media-types.ts";
import type { UploadStep } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { makeObjectKey } from "../storage/object-key.ts";
import { acceptType } from "./accept-type.ts";
import { generate } from "../call/generators.ts";
import type { IncomingFile } from "../body/incoming-body.ts";
import { inspect } from "./inspection.ts";
import type { RunContext } from "../call/run-context.ts";
import type { IssuedLink } from "../links/issue.ts";

/** A file whose first bytes are known. */
export interface OpenedFile extends IncomingFile {
  readonly head: Uint8Array;
}

/** @throws Problem when the file is refused or cannot be stored; the undo list takes back what was done */
export async function storeFile(
  step: UploadStep,
  context: RunContext,
  incoming: OpenedFile,
  folder: readonly string[],
): Promise<StoredFile> {
  const { call, transaction, scope } = context;
  const file = describe(step, context, incoming, folder);
  const { fileType, originalFileName: name, storageKey } = file;
  context.undo.add("store_file", () => takeBack(file, context));
  await call.files.reserve(file);
  const issuing = step.issuesLinks ? issueLink(file, context) : null;

  const inspection = inspect(step, fileType, name, incoming.body, context);
  const put = {
    contentType: fileType,
    maxBytes: step.maxFileBytes,
    // A call that dies now leaves the upload's parts in the bucket: the row tells the sweep which.
    onUploadOpened: (uploadId: string) => call.files.noteUpload(file.id, uploadId, scope.now.toISOString()),
  };
  const fileSize = await call.deployment.store.put(storageKey, inspection.body, put);
  const { checksumSha256, picture } = await inspection.finish();
  if (fileSize === 0) {
    // Removing metadata left nothing: what began like a picture was not one.
    throw new Problem("file_type_mismatch", { detail: `"${name}" is no whole picture.`, members: { file: name } });
  }
  const colors = picture === null ? null : await readColors(step, context, file, picture);
  const findings = {
    fileSize,
    checksumSha256,
    dominantColor: colors?.dominantColor ?? null,
    thumbhash: colors?.thumbhash ?? null,
    width: picture?.width ?? null,
    height: picture?.height ?? null,
  };
  const storing = call.files.storing(file.id, findings, scope.now.toISOString());
  transaction.add({ statements: storing, purpose: "registry", settle: () => undefined });
  return {
    ...file,
    ...findings,
    status: "stored",
    linkEpoch: 0,
    deletedAt: null,
    purgeAt: null,
    updatedAt: file.createdAt,
    palette: colors?.palette ?? null,
    hasAlpha: picture?.hasAlpha ?? null,
    animated: picture?.animated ?? null,
    downloadUrl: await recordLink(issuing, context),
  };
}

function describe(step: UploadStep, context: RunContext, file: OpenedFile, folder: readonly string[]): NewFile {
  const { scope, plan } = context;
  const fileType = acceptType(step, file.head, file.declaredType, file.fileName);
  const extension = extensionOf(fileType);
  const storageKey = makeObjectKey(folder, `${generate(step.fileNames ?? "NANOID", scope.now)}.${extension}`);
  if (storageKey === null) throw new Problem("payload_invalid", { detail: "The folder's name is too long." });
  return {
    id: randomHex(12),
    owner: scope.identity.caller,
    storageKey,
    visibility: step.visibility,
    endpoint: plan.id,
    originalFileName: displayName(file.fileName),
    fileType,
    extension,
    fileApi: step.fileApi,
    expiresAt: expiryOf(step, scope.now),
    createdAt: scope.now.toISOString(),
  };
}

/**
 * The colours of a picture: what its tap saw, or, for formats whose pixels are not decoded here, what the deployment's
 * Images binding makes of the stored object. Without either they are null, and that is no fault.
 */
async function readColors(
  step: UploadStep,
  { call }: RunContext,
  file: NewFile,
  picture: ImageResult,
): Promise<GridColors> {
  if (picture.fault !== null) call.deployment.log("warn", "image_not_sampled", { file: file.id, fault: picture.fault });
  const wanted = new Set(step.imageFields.filter((field) => gridFields.includes(field)));
  // Optional in a deployment.
  const images = call.deployment.binding("IMAGES") as ImagesBinding | undefined;
  if (images === undefined || wanted.size === 0 || mediaTypes.get(file.fileType)?.rendered !== true) return picture;
  try {
    const object = await call.deployment.store.get(file.storageKey);
    return (object === null ? null : await readRendered(images, object.stream, wanted)) ?? picture;
  } catch (error) {
    call.deployment.log("warn", "image_not_sampled", { file: file.id, fault: `Images binding: ${String(error)}` });
    return picture;
  }
}

/** Begun before the file's bytes, so that its database query takes no time of its own. */
function issueLink(file: NewFile, { call }: RunContext): Promise<IssuedLink> {
  const issuing = call.links.issue({ ...file, linkEpoch: 0 });
  // If the file fails first, nobody awaits the link.
  issuing.catch(() => undefined);
  return issuing;
}

/** The link's row becomes durable with the file's. */
async function recordLink(issuing: Promise<IssuedLink> | null, { transaction }: RunContext): Promise<string | null> {
  if (issuing === null) return null;
  const { url, recording } = await issuing;
  transaction.add({ statements: [recording], purpose: "registry", settle: () => undefined });
  return url;
}

/** The row first: from then on a commit that is still under way fails, and no reader finds the file. */
async function takeBack({ id, storageKey }: NewFile, { call, scope }: RunContext): Promise<void> {
  const { files, deployment } = call;
  await files.abandon(id, scope.now.toISOString());
  // Committed after all, only the answer was lost: row and object stay together.
  if ((await files.find(storageKey))?.status === "stored") return;
  await deployment.store.delete([storageKey]);
  await files.forget([storageKey]);
}

function expiryOf({ expiresSeconds }: UploadStep, now: Date): string | null {
  return expiresSeconds === null ? null : new Date(now.getTime() + expiresSeconds * 1000).toISOString();
}
