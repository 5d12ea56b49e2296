/** Refuses files before anything is sent, where the server is sure to refuse them, and with its codes. */
import type { AnyInput, FileLimits } from "../endpoints.ts";
import { SluiceError } from "../error.ts";
import type { FileInput } from "../platform.ts";

/** A file and the field of the form that it goes into. */
export interface FieldFile {
  readonly field: string;
  readonly file: FileInput;
}

export function gatherFiles(files: AnyInput["files"] = []): readonly FieldFile[] {
  // Where fields have no names that matter, any will do.
  const named = Array.isArray(files) ? { file: files as readonly FileInput[] } : files;
  return Object.entries(named).flatMap(([field, given]) =>
    [given ?? []].flat().map((file: FileInput) => ({ field, file })),
  );
}

/**
 * Types of which a file's first bytes are proof. The server tells types by the bytes: what is declared as one of these and
 * is none is refused as well, while any other declaration may be wrong for a file that is taken.
 */
const proven = /^(?:image\/(?:png|jpeg|gif|webp)|application\/pdf)$/;
/** @throws SluiceError */
export function checkFiles(limits: Readonly<Record<string, FileLimits>>, files: readonly FieldFile[]): void {
  files.forEach(({ field, file }, index) => {
    // `*` = the names do not matter. A field that is not known here the server may know.
    const rules = limits[field] ?? limits["*"];
    if (!rules) return;
    const { max, bytes, types, resumable = 0 } = rules;
    const { name = field, size = 1, type } = file;
    const refuseIf = (isWrong: boolean, status: number, code: string, limit: unknown, hint = "") => {
      if (!isWrong) return;
      throw new SluiceError(code, `"${name}": ${code} (${String(limit)}${hint})`, {
        status,
        members: { limit, field, file: name },
      });
    };
    refuseIf(files.slice(0, index).filter((one) => one.field === field).length >= max, 422, "too_many_files", max);
    refuseIf(size === 0, 422, "file_missing", 1);
    refuseIf(size > bytes, 413, "file_too_large", bytes, resumable > bytes ? " without sluice/client/tus" : "");
    refuseIf(
      proven.test(type) &&
        !types.some((pattern) =>
          ["*/*", type.replace(/\/.*/, "/*"), type].includes(
            // It may be another name for one of them, such as `image/jpg` or `image/x-png`.
            pattern.replace("jpg", "jpeg").replace(/(?:x-|p|a)(?=jpeg|png|pdf)/, ""),
          ),
        ),
      415,
      "file_type_not_allowed",
      types,
    );
  });
}
