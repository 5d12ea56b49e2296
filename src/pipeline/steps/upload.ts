/**
 * Streams the files of a call into the store: type from the first bytes, limits, checksum and colour as the bytes
 * pass, one pending row per file before its first byte. Knows nothing of statements that follow.
 */
import { peekSource, tapSource } from "../../bytes.ts";
import type { NewFile } from "../../files/registry.ts";
import { createImageTap } from "../../image/image-tap.ts";
import { displayName } from "../../media/display-name.ts";
import { extensionOf } from "../../media/extension.ts";
import { detectMediaType, isAllowedType } from "../../media/media-type.ts";
import { HEAD_BYTES } from "../../media/signatures.ts";
import { createTextTap, isTextType } from "../../media/text.ts";
import type { ImageField, Json, UploadStep } from "../../plan.ts";
import { Problem } from "../../problem.ts";
import { makeObjectKey } from "../../storage/object-key.ts";
import { resolveFolder } from "../folder.ts";
import { generate } from "../generators.ts";
import type { IncomingFile } from "../incoming-body.ts";
import { resolveOwner } from "../owner.ts";
import type { RunContext } from "../run-context.ts";
import type { StepResult } from "../scope.ts";
import { createChecksumTap, createLimitTap } from "../taps.ts";

type FileRow = StepResult["rows"][number];

const imageFields: ReadonlySet<ImageField> = new Set(["width", "height", "dominant_color"]);

export async function runUpload(step: UploadStep, index: number, context: RunContext): Promise<void> {
  const leave = context.services.gate.enter();
  try {
    context.scope.results.set(index, { rows: await receiveFiles(step, context), list: true });
  } finally {
    leave();
  }
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

interface OpenedFile extends IncomingFile {
  readonly head: Uint8Array;
}

/** Null for the file field that a browser sends when nothing was chosen. */
async function open(incoming: IncomingFile): Promise<OpenedFile | null> {
  const { head, source } = await peekSource(incoming.body, HEAD_BYTES);
  if (head.length > 0) return { ...incoming, head, body: source };
  if (incoming.fileName === "") return null;
  const name = displayName(incoming.fileName);
  throw new Problem("file_missing", { detail: `The file "${name}" is empty.`, members: { file: name } });
}

/** @throws Problem `file_type_mismatch` or `file_type_not_allowed` */
function checkType(step: UploadStep, file: OpenedFile): string {
  const { type, contradicted } = detectMediaType(file.head, file.declaredType, file.fileName);
  const members = { file: displayName(file.fileName), detected_type: type };
  if (contradicted) {
    throw new Problem("file_type_mismatch", {
      detail: `"${members.file}" was declared as ${file.declaredType ?? "nothing"}, but its bytes are ${type}.`,
      members,
    });
  }
  if (!isAllowedType(type, step.types)) {
    throw new Problem("file_type_not_allowed", {
      detail: `"${members.file}" is ${type}; accepted are ${step.types.join(", ")}.`,
      members: { ...members, allowed: step.types },
    });
  }
  return type;
}

function describe(step: UploadStep, context: RunContext, file: OpenedFile, folder: readonly string[]): NewFile {
  const { scope, plan } = context;
  const fileType = checkType(step, file);
  const extension = extensionOf(fileType);
  const storageKey = makeObjectKey(folder, `${generate("NANOID", scope.now)}.${extension}`);
  if (storageKey === null) throw new Problem("payload_invalid", { detail: "The folder's name is too long." });
  return {
    id: newFileId(),
    owner: step.owner === null ? null : resolveOwner(step.owner, scope),
    storageKey,
    visibility: step.visibility,
    endpoint: plan.id,
    originalFileName: displayName(file.fileName),
    fileType,
    extension,
    expiresAt: null,
    createdAt: scope.now.toISOString(),
  };
}

async function storeFile(
  step: UploadStep,
  context: RunContext,
  incoming: OpenedFile,
  folder: readonly string[],
): Promise<FileRow> {
  const { services, transaction, scope } = context;
  const file = describe(step, context, incoming, folder);
  context.undo.add("store_file", () => takeBack(file.id, context));
  await services.registry.reserve(file);

  const checksum = createChecksumTap();
  const image = step.samplesImages ? createImageTap(file.fileType, imageFields, services.imageLimits) : null;
  const text = isTextType(file.fileType) ? createTextTap() : null;
  const limit = createLimitTap(step.maxFileBytes, file.originalFileName);
  const body = tapSource(
    incoming.body,
    [limit, text, image, checksum].filter((tap) => tap !== null),
  );
  const fileSize = await services.store.put(file.storageKey, body, {
    contentType: file.fileType,
    maxBytes: step.maxFileBytes,
  });

  if (text !== null && !(await text.finish())) {
    throw new Problem("file_type_mismatch", {
      detail: `"${file.originalFileName}" is not text to its end.`,
      members: { file: file.originalFileName },
    });
  }
  const picture = await image?.finish();
  if (picture !== undefined && picture.fault !== null) {
    services.log("image_not_sampled", { file: file.id, fault: picture.fault });
  }
  const findings = {
    fileSize,
    checksumSha256: await checksum.finish(),
    dominantColor: picture?.dominantColor ?? null,
    width: picture?.width ?? null,
    height: picture?.height ?? null,
  };
  const storing = services.registry.storing(file.id, findings, scope.now.toISOString());
  transaction.add({ statements: [storing], purpose: "registry", settle: () => undefined });
  return toRow(context, file, findings);
}

async function toRow(
  { services }: RunContext,
  file: NewFile,
  findings: { fileSize: number; checksumSha256: string; dominantColor: Json; width: Json; height: Json },
): Promise<FileRow> {
  return {
    storage_key: file.storageKey,
    original_file_name: file.originalFileName,
    new_file_name: file.storageKey.split("/").at(-1) ?? "",
    url: services.links.fileUrl(file.storageKey),
    file_type: file.fileType,
    extension: file.extension,
    file_size: findings.fileSize,
    dominant_color: findings.dominantColor,
    width: findings.width,
    height: findings.height,
    checksum_sha256: findings.checksumSha256,
    download_url: await services.links.downloadUrl(file.storageKey),
    expires_at: file.expiresAt,
    id: file.id,
  };
}

/** The row first: from then on a commit that is still under way fails, and no reader finds the file. */
async function takeBack(id: string, { services, scope }: RunContext): Promise<void> {
  const keys = await services.registry.abandon([id], scope.now.toISOString());
  if (keys.length === 0) return;
  await services.store.delete(keys);
  await services.registry.forget(keys);
}

/** 24 hex characters: 12 random bytes. */
function newFileId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
