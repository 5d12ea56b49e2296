/** Compiles an UPLOAD: its limits, types and folder. */
import type { UploadDraft } from "../../draft.ts";
import type { Report } from "../../text/diagnostic.ts";
import type { Abi, UploadActionable } from "../../language/schema.ts";
import type { GroupNumbers } from "../file-groups.ts";
import { compileFileFields } from "./file-fields.ts";
import { DEFAULT_MAX_FILES, readFileRules, type RuleName, type RulesContext } from "./file-rules.ts";
import { readUploadLinks } from "./links.ts";
import { namesCaller, reportNoOwner } from "./owner.ts";
import { readQuota } from "./quota.ts";
import { checkOneFile, checkPieces } from "./resumable.ts";

export interface UploadContext extends RulesContext {
  readonly abi: Abi;
  /** Null: the upload names no fields. */
  readonly groups: GroupNumbers | null;
}

export function compileUpload(
  actionable: UploadActionable,
  place: string,
  context: UploadContext,
  report: Report,
): UploadDraft {
  const { uploads } = actionable;
  const { names, groups, abi } = context;
  // What comes in pieces is no request's body.
  const limited = uploads.resumable === true ? { ...context, maxRequestBytes: Infinity } : context;
  const uploadsPlace = `${place}/uploads`;
  if (uploads.file_api === true && !namesCaller(names)) {
    reportNoOwner(`${uploadsPlace}/file_api`, "the file API manages files for their owner", names, report);
  }
  const isResumable = uploads.resumable === true;
  const own = {
    mode: "upload",
    id: actionable.id,
    fileApi: uploads.file_api ?? false,
    expiresSeconds: uploads.expiration ?? null,
    ...(uploads.raw === true ? { raw: true as const } : {}),
    ...(isResumable ? { resumable: true as const } : {}),
    ...readUploadLinks(uploads, uploadsPlace, names, report),
  } as const;
  if (isResumable) checkPieces(uploads, uploadsPlace, report);
  const quotaPlace = `${uploadsPlace}/quota`;
  if (groups !== null) {
    const fields = compileFileFields(uploads, uploadsPlace, groups, limited, report);
    const minFiles = fields.fields.list.reduce((sum, field) => sum + field.minFiles, 0);
    if (isResumable) checkOneFile(minFiles, `${uploadsPlace}/fields`, report);
    return { ...own, ...fields, ...readQuota(uploads.quota, quotaPlace, { ...fields, minFiles }, abi, report) };
  }
  const maxFiles = uploads.max_file_uploads ?? DEFAULT_MAX_FILES;
  const { min_file_uploads: minFiles } = uploads;
  if (minFiles !== undefined && minFiles > maxFiles) {
    report.fault(`${uploadsPlace}/min_file_uploads`, `is over max_file_uploads, which is ${String(maxFiles)}`);
  }
  const placeOf = (name: RuleName) => `${uploadsPlace}/${name === "max_files" ? "max_file_uploads" : name}`;
  if (isResumable) checkOneFile(minFiles ?? 1, `${uploadsPlace}/min_file_uploads`, report);
  const rules = readFileRules({ ...uploads, max_files: maxFiles }, placeOf, limited, report);
  return {
    ...own,
    ...rules,
    ...(minFiles === undefined ? {} : { minFiles }),
    ...readQuota(uploads.quota, quotaPlace, { ...rules, minFiles: minFiles ?? 1 }, abi, report),
  };
}
