/** Compiles `delete_files`: whose keys are the payload itself, a field of it, or a column of an earlier QUERY. */
import type { DeleteFilesStep } from "../../../contract/plan/files.ts";
import type { Reference } from "../../../contract/plan/reference.ts";
import type { UploadActionable } from "../../language/schema.ts";
import type { Report } from "../../text/diagnostic.ts";
import { didYouMean } from "../../text/suggest.ts";
import { resolveText, type Names } from "../../values/names.ts";
import { namesCaller, reportNoOwner } from "./owner.ts";

/** Storage keys in one call of `delete_files`; also what R2 deletes in one call. */
const maxKeys = 1000;

export interface KeysContext {
  readonly names: Names;
  /** For columns of QUERYs that run later, the ids of their actionables. */
  readonly laterColumns: ReadonlyMap<string, number>;
  /** Only a schedule runs the endpoint. */
  readonly isScheduled: boolean;
}

/** Null after a fault. */
export function compileDeletion(
  { id, uploads }: UploadActionable,
  place: string,
  context: KeysContext,
  report: Report,
): DeleteFilesStep | null {
  for (const name of Object.keys(uploads)) {
    if (name !== "delete_files") report.fault(`${place}/${name}`, "has no meaning beside delete_files");
  }
  const { names } = context;
  const keysPlace = `${place}/delete_files`;
  const fault = (message: string): null => {
    report.fault(keysPlace, message);
    return null;
  };
  const written = uploads.delete_files;
  const keys = typeof written === "string" ? readKeys(written, context, fault) : undefined;
  if (keys === null) return null;
  const step = { mode: "delete-files", id, maxKeys, ...(keys === undefined ? {} : { keys }) } as const;
  if (keys?.from !== "result") {
    if (namesCaller(names)) return step;
    reportNoOwner(keysPlace, "only the owner of files may delete them", names, report);
    return null;
  }
  if (names.claims !== null || context.isScheduled) return step;
  return fault('anybody could delete files here; expected "tokenize" and "protected", or cron_job');
}

/** The payload's field or the QUERY's column. Null after a fault. */
function readKeys(
  written: string,
  { names, laterColumns }: KeysContext,
  fault: (message: string) => null,
): Extract<Reference, { from: "payload" | "result" }> | null {
  const faults: string[] = [];
  const reference = resolveText(written, true, names, {
    fault: (message) => void faults.push(message),
    // That nothing provides a name is a fault here.
    warn: () => undefined,
  });
  const source = reference?.from === "result" ? names.results.find(({ step }) => step === reference.step) : undefined;
  if (source?.isUpload === true || source?.files !== undefined) {
    return fault(
      `"${written}" is of the files that this call stores; expected a column of a QUERY, which can have another name: RETURNING storage_key AS old_key`,
    );
  }
  if (faults.length > 0) return fault(faults.join("; "));
  if (reference?.from === "payload" && reference.path.length > 0) return reference;
  if (reference?.from === "payload")
    return fault('expected true where the body itself is the list, or "$PAYLOAD.field"');
  if (reference?.from === "result") {
    const [column, ...rest] = reference.path;
    if (typeof column === "string" && rest.length === 0) return reference;
    return fault(`"${written}" is not a column: expected the one of a QUERY whose rows name the files`);
  }
  const later = laterColumns.get(written);
  if (later !== undefined) {
    return fault(`"${written}" is a column of actionable ${String(later)}, which runs later: list it before this one`);
  }
  const columns = [...new Set(names.results.filter(({ isUpload }) => !isUpload).flatMap(({ fields }) => fields))];
  const known = columns.length === 0 ? "no QUERY before this one returns rows" : `expected ${columns.join(", ")}`;
  return fault(
    `"${written}" is no column of an earlier QUERY and no field of the payload; ${known}, "$PAYLOAD.field", or true for a body that is a list of keys${didYouMean(written, columns)}`,
  );
}
