/** Compiles an UPLOAD: its limits, types and folder, or the deletion of files. */
import { isByWord, mediaTypes } from "../../../contract/media-types.ts";
import { callerClaims, type DeleteFilesStep, type Visibility } from "../../../contract/plan.ts";
import type { UploadDraft } from "../../draft.ts";
import type { Report } from "../../text/diagnostic.ts";
import { pointerStep } from "../../text/diagnostic.ts";
import { parseFolder } from "../../values/folder.ts";
import type { Names } from "../../values/names.ts";
import type { UploadActionable } from "../../language/schema.ts";

const defaultMaxFiles = 1;
const defaultMaxFileBytes = 20 * 1024 * 1024;
/** Storage keys in one call of `delete_files`; also what R2 deletes in one call. */
const maxKeys = 1000;

/** RFC 6838 §4.2: restricted names, and a star for any. */
const typeName = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

function typeFault(type: string): string | null {
  const [main = "", sub = "", ...rest] = type.split("/");
  if (rest.length === 0 && (sub === "*" || typeName.test(sub)) && (typeName.test(main) || type === "*/*")) return null;
  return `${JSON.stringify(type)} is not a media type; expected "image/png", "image/*" or "*/*", without parameters`;
}

function readTypes(types: readonly string[] | undefined, place: string, report: Report): string[] {
  if (types === undefined) {
    report.fault(place, 'is missing; expected the types to accept, such as "image/png" or "image/*" ("*/*" for any)');
    return [];
  }
  const lower = types.map((type) => type.trim().toLowerCase());
  for (const [index, type] of lower.entries()) {
    const fault = typeFault(type);
    if (fault !== null) report.fault(place + pointerStep(index), fault);
  }
  return [...new Set(lower)];
}

function checkLimits(
  maxFiles: number,
  maxFileBytes: number,
  maxRequestBytes: number,
  place: string,
  report: Report,
): void {
  const limit = `the deployment's request-body limit of ${String(maxRequestBytes)} bytes (MAX_REQUEST_BYTES)`;
  if (maxFileBytes > maxRequestBytes) {
    report.fault(`${place}/max_upload_file_size`, `${String(maxFileBytes)} bytes are over ${limit}`);
  } else if (maxFileBytes * maxFiles > maxRequestBytes) {
    const most = String(Math.floor(maxRequestBytes / maxFileBytes));
    const product = `${String(maxFiles)} files of ${String(maxFileBytes)} bytes`;
    report.fault(`${place}/max_file_uploads`, `${product} are over ${limit}; expected at most ${most}`);
  }
}

/** Wildcards never let in a picture that cannot be cleaned or checked; a type by its name comes in as it is. */
function checkStripping(types: readonly string[], place: string, report: Report): void {
  for (const type of types.filter((name) => !name.includes("*") && mediaTypes.get(name)?.stripped !== true)) {
    report.warn(place, `metadata of ${type} cannot be removed: it is stored as it comes`);
  }
}

/** A type that no byte shows comes in only beside what its bytes do show. */
function checkProvable(types: readonly string[], place: string, report: Report): void {
  for (const type of types.filter(isByWord)) {
    const { kindOf = "" } = mediaTypes.get(type) ?? {};
    const [main = ""] = kindOf.split("/");
    if (types.some((name) => name === kindOf || name === `${main}/*` || name === "*/*")) continue;
    report.warn(place, `nothing takes ${type} here: its bytes only show ${kindOf}, which has to be listed as well`);
  }
}

function checkStrictness(types: readonly string[], place: string, report: Report): void {
  for (const type of types.filter((name) => /^image\/[^*]/.test(name) && mediaTypes.get(name)?.walked !== true)) {
    report.warn(place, `the structure of ${type} cannot be checked: it is stored as it comes`);
  }
}

/** Null after a fault that leaves nothing to compile. `resource` is the default folder. */
export function compileUpload(
  actionable: UploadActionable,
  place: string,
  resource: string,
  names: Names,
  maxRequestBytes: number,
  report: Report,
): UploadDraft | DeleteFilesStep | null {
  const { uploads } = actionable;
  const uploadsPlace = `${place}/uploads`;
  if (uploads.delete_files === true) return compileDeletion(actionable, uploadsPlace, names, report);
  const maxFiles = uploads.max_file_uploads ?? defaultMaxFiles;
  const maxFileBytes = uploads.max_upload_file_size ?? defaultMaxFileBytes;
  checkLimits(maxFiles, maxFileBytes, maxRequestBytes, uploadsPlace, report);
  const types = readTypes(uploads.allowed_mimetypes, `${uploadsPlace}/allowed_mimetypes`, report);
  checkProvable(types, `${uploadsPlace}/allowed_mimetypes`, report);
  if (uploads.strip_metadata === true) checkStripping(types, `${uploadsPlace}/strip_metadata`, report);
  if (uploads.strict_images === true) checkStrictness(types, `${uploadsPlace}/strict_images`, report);
  const visibility: Visibility = uploads.visibility ?? "public";
  if (uploads.file_api === true && !namesCaller(names)) {
    reportNoOwner(`${uploadsPlace}/file_api`, "the file API manages files for their owner", names, report);
  }
  return {
    mode: "upload",
    id: actionable.id,
    maxFiles,
    maxFileBytes,
    types,
    folder: parseFolder(uploads.upload_folder ?? resource, names, {
      fault: (message) => report.fault(`${uploadsPlace}/upload_folder`, message),
      warn: (message) => report.warn(`${uploadsPlace}/upload_folder`, message),
    }),
    visibility,
    fileApi: uploads.file_api ?? false,
    expiresSeconds: uploads.expiration ?? null,
    stripsMetadata: uploads.strip_metadata ?? false,
    strictImages: uploads.strict_images ?? false,
  };
}

function compileDeletion(
  actionable: UploadActionable,
  place: string,
  names: Names,
  report: Report,
): DeleteFilesStep | null {
  for (const name of Object.keys(actionable.uploads)) {
    if (name !== "delete_files") report.fault(`${place}/${name}`, "has no meaning beside delete_files");
  }
  if (namesCaller(names)) return { mode: "delete-files", id: actionable.id, maxKeys };
  reportNoOwner(`${place}/delete_files`, "only the owner of files may delete them", names, report);
  return null;
}

/** Whether the tokens that the endpoint takes must name who calls. */
function namesCaller({ claims }: Names): boolean {
  return callerClaims.some((name) => claims?.includes(name));
}

function reportNoOwner(place: string, fault: string, { claims }: Names, report: Report): void {
  const remedy = claims === null ? 'expected "tokenize" and "protected"' : 'expected "id" or "sub" in extract_claims';
  report.fault(place, `${fault}; ${remedy}`);
}
