/** Compiles `uploads.fields`: the form's fields of files, each with what it says of its own and else what stands beside. */
import type { FieldDraft, UploadDraft } from "../../draft.ts";
import type { UploadActionable } from "../../language/schema.ts";
import type { Report } from "../../text/diagnostic.ts";
import { extensionFields, namedField, uploadFields } from "../../../contract/upload-fields.ts";
import type { GroupNumbers } from "../file-groups.ts";
import {
  checkRequestBytes,
  DEFAULT_MAX_FILES,
  readFileRules,
  type RuleName,
  type RulesContext,
  type RulesDraft,
} from "./file-rules.ts";

type Uploads = UploadActionable["uploads"];
type WrittenField = NonNullable<Uploads["fields"]>[string];

/** Of each field's results; a field of that name could not be told from them. */
const takenNames: ReadonlySet<string> = new Set([...uploadFields, ...extensionFields, namedField, "texts"]);

/** The fields, and the widest of their rules for the step itself. */
export function compileFileFields(
  uploads: Uploads,
  place: string,
  { all, byField }: GroupNumbers,
  context: RulesContext,
  report: Report,
): RulesDraft & Required<Pick<UploadDraft, "fields">> {
  if (uploads.min_file_uploads !== undefined) {
    report.fault(
      `${place}/min_file_uploads`,
      "has no meaning beside fields; expected min_files or required in a field",
    );
  }
  if (byField.size === 0) report.fault(`${place}/fields`, 'expected at least one field, such as {"document": {}}');
  // What stands beside the fields is read once for each of them.
  const once = tellingOnce(report);
  const list = Object.entries(uploads.fields ?? {}).map(([name, field]): FieldDraft => {
    const fieldPlace = `${place}/fields/${name}`;
    if (takenNames.has(name))
      report.fault(fieldPlace, `"${name}" is what is known of each file; expected another name`);
    const minFiles = readMinFiles(field, uploads, fieldPlace, report);
    const placeOf = (property: RuleName) => {
      if (property in field || property === "max_files") return `${fieldPlace}/${property}`;
      return `${place}/${property}`;
    };
    const written = { ...uploads, ...field, max_files: maxFilesOf(field, uploads) };
    const rules = readFileRules(written, placeOf, context, once);
    return { ...rules, name, minFiles, result: byField.get(name) ?? all };
  });
  const bytes = list.reduce((total, { maxFiles, maxFileBytes }) => total + maxFiles * maxFileBytes, 0);
  const what = `all fields together, with ${String(bytes)} bytes,`;
  const smaller = "; expected smaller max_upload_file_size or max_files";
  checkRequestBytes(bytes, what, context.maxRequestBytes, `${place}/fields`, once, smaller);
  return { ...widest(list), fields: { result: all, list } };
}

const maxFilesOf = (field: WrittenField, uploads: Uploads): number =>
  field.max_files ?? uploads.max_file_uploads ?? DEFAULT_MAX_FILES;

function readMinFiles(field: WrittenField, uploads: Uploads, place: string, report: Report): number {
  const { required, min_files: minFiles } = field;
  const maxFiles = maxFilesOf(field, uploads);
  if (required === true && minFiles === 0) report.fault(`${place}/min_files`, "is 0, and the field is required");
  if (required === false && minFiles !== undefined && minFiles > 0) {
    report.fault(`${place}/required`, `is false, and min_files is ${String(minFiles)}`);
  }
  if (minFiles !== undefined && minFiles > maxFiles) {
    report.fault(`${place}/min_files`, `is over the most files of the field, which is ${String(maxFiles)}`);
  }
  return minFiles ?? (required === true ? 1 : 0);
}

/** No file goes by these, so that they name no folder. */
function widest(list: readonly RulesDraft[]): RulesDraft {
  return {
    maxFiles: list.reduce((total, { maxFiles }) => total + maxFiles, 0),
    maxFileBytes: Math.max(0, ...list.map(({ maxFileBytes }) => maxFileBytes)),
    types: [...new Set(list.flatMap(({ types }) => types))],
    folder: [],
    visibility: list.every(({ visibility }) => visibility === "private") ? "private" : "public",
    stripsMetadata: list.some(({ stripsMetadata }) => stripsMetadata),
    strictImages: list.some(({ strictImages }) => strictImages),
  };
}

function tellingOnce(report: Report): Report {
  const told = new Set<string>();
  const isNew = (place: string, message: string) => told.size < told.add(`${place} ${message}`).size;
  return {
    fault: (place, message, spot) => void (isNew(place, message) && report.fault(place, message, spot)),
    warn: (place, message, spot) => void (isNew(place, message) && report.warn(place, message, spot)),
  };
}
