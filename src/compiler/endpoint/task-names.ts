/** The names that one task of an endpoint can see: earlier results, claims, extracted values. */
import type { Reference } from "../../contract/plan/reference.ts";
import type { Report } from "../text/diagnostic.ts";
import { pointerStep } from "../text/diagnostic.ts";
import { extractFrom, extractHere } from "../values/extract.ts";
import type { AddressNames } from "../values/address-names.ts";
import type { DocumentQuery } from "../documents/query.ts";
import type { ResultSource, Names, Tell } from "../values/names.ts";
import { hashColumns, hiddenFields } from "./accounts/password-fields.ts";
import type { GroupNumbers } from "./file-groups.ts";
import type { Task } from "./order.ts";
import { declaredFields } from "./steps/payload.ts";
import type { Abi, QueryActionable, UploadActionable } from "../language/schema.ts";
import { isDeletion } from "../language/upload-schema.ts";
import type { Demands, SqlQuery } from "../sql/query.ts";
import { deletedFields, extensionFields, namedField, uploadFields } from "../../contract/upload-fields.ts";

/** A task while its plan is made. */
export interface Work {
  readonly task: Task;
  readonly index: number;
  readonly query: SqlQuery | null;
  /** What is asked of its statement. */
  readonly demands: Partial<Demands>;
  readonly document: DocumentQuery | null;
  /** Others wait for it. */
  readonly isAwaited: boolean;
  /** It undoes everything where it finds no row: it is awaited, or the ABI says so. */
  readonly mustReturn: boolean;
  /** What it runs once per element of; null = once. */
  readonly each: Names["each"];
  /** Of an upload that names its fields; else null. */
  readonly groups: GroupNumbers | null;
  /** What later tasks see of it. */
  readonly source: ResultSource;
}

/** Fields that the ABI reads with $PAYLOAD anywhere, for the warning about names that hide them. */
function payloadFieldsOf(abi: Abi): Set<string> {
  return new Set([...JSON.stringify(abi).matchAll(/\$PAYLOAD\.(\w+)/g)].map((found) => found[1] ?? ""));
}

/** What an analysed QUERY returns, without its passwords; null where a fault hides it. */
export function fieldsOf({
  task,
  query,
  document,
}: Pick<Work, "task" | "query" | "document">): readonly string[] | null {
  const hidden = hiddenFields(task.actionable);
  const hashes = hashColumns(task.actionable, query);
  const fields = document?.fields ?? query?.fields ?? null;
  return fields && fields.filter((field) => !hidden.includes(field) && !hashes.includes(field.toLowerCase()));
}

const isKnownEarly = ({ delete_files: keys }: UploadActionable["uploads"]): boolean =>
  keys === true || String(keys).startsWith("$");

export function sourceOf({ task, index, each, groups, ...work }: Omit<Work, "source">): ResultSource {
  const { actionable } = task;
  if (actionable.mode === "QUERY") {
    const fields = fieldsOf({ task, ...work });
    // A document per file is as several as the files.
    const isSeveral = work.document !== null && each !== null;
    const own = { step: index, isUpload: false, isSeveral };
    return fields === null ? { ...own, fields: [], isUnknown: true } : { ...own, fields };
  }
  if (isDeletion(actionable.uploads)) {
    // What a QUERY's rows name is deleted with the last statement: nobody can read it before.
    const fields = isKnownEarly(actionable.uploads) ? deletedFields : [];
    return { step: index, fields, isUpload: false, isSeveral: true };
  }
  const listed = (actionable.returnables ?? []).filter((field) => extensionFields.some((own) => own === field));
  const { fields, max_file_uploads: maxFiles = 1 } = actionable.uploads;
  const whole = { step: index, fields: [...uploadFields, ...listed], isUpload: true, isSeveral: maxFiles > 1 };
  if (fields === undefined || groups === null) return whole;
  const named = { ...whole, fields: [...whole.fields, namedField], takesTexts: true };
  const files = Object.entries(fields).map(([name, field]): [string, ResultSource] => {
    const step = groups.byField.get(name) ?? groups.all;
    return [name, { ...named, step, isSeveral: (field.max_files ?? maxFiles) > 1 }];
  });
  const isSeveral = files.length > 1 || files.some(([, source]) => source.isSeveral);
  return { ...named, step: groups.all, isSeveral, files: new Map(files) };
}

/** The earlier results with fields that a task sees, the nearest first. */
function earlierResults(task: Task, done: readonly Work[]): { source: ResultSource; each: Names["each"] }[] {
  // Another endpoint's query sees only what it depends on: it was not written for this endpoint's results.
  if (task.isForeign) return [];
  return done
    .filter(({ task: { actionable, isForeign } }) => !isForeign && actionable.no_op !== true)
    .filter(({ source }) => source.fields.length > 0 || source.isUnknown === true)
    .toReversed();
}

export function findEach(task: Task, done: readonly Work[]): Names["each"] {
  const { actionable } = task;
  if (actionable.mode !== "QUERY") return null;
  const earlier = earlierResults(task, done);
  const multi = actionable.sql_query?.multi ?? actionable.mongo_query?.multi;
  if (multi === true) return earlier[0] === undefined ? "payload" : eachSource(earlier[0].source, actionable);
  // Sub0's own example inserts after several files without `multi`, and means one document per file.
  if (multi === false || actionable.mongo_query?.action !== "INSERT") return null;
  return earlier.find(({ source, each }) => source.isSeveral || each !== null)?.source ?? null;
}

/** Of files in fields: those of the one field of several that the statement reads, else all. */
function eachSource(source: ResultSource, actionable: QueryActionable): ResultSource {
  const texts = JSON.stringify([actionable.sql_query?.parameters, actionable.mongo_query]);
  const read = [...(source.files ?? [])].filter(([name, { isSeveral }]) => isSeveral && texts.includes(`"${name}.`));
  const [only, ...others] = read.map(([, field]) => field);
  return only === undefined || others.length > 0 ? source : only;
}

/** What a name stands for whose value a fault hides: nothing is said of what reads it. */
const unknown: Reference = { from: "payload", path: [] };

/** What one task sees: its dependencies have run, and stand in `done`. */
export function createNames(
  work: Work,
  done: readonly Work[],
  claims: readonly string[] | null,
  address: AddressNames,
  report: Report,
): Names {
  const { task, each } = work;
  const { actionable } = task;
  const extracted = new Map<string, Reference>();
  const names: Names = {
    address,
    claims,
    extracted,
    results: earlierResults(task, done).map(({ source }) => source),
    each,
    payloadFields: payloadFieldsOf(task.abi),
    declaredFields: new Set(declaredFields(task.abi)),
  };
  const tellAt = (place: string): Tell => ({
    fault: (message) => report.fault(place, message),
    warn: (message) => report.warn(place, message),
  });
  for (const { on, isWhole, extractions, place } of task.dependencies) {
    const sources = on.flatMap((dependency) => done.find((work) => work.task === dependency)?.source ?? []);
    for (const [index, entry] of extractions.entries()) {
      const tell = tellAt(`${place}/extract_response_for${pointerStep(index)}/extract`);
      // A dependency that is not there is told of at its own place.
      const reference = isWhole ? extractFrom(sources, entry, names, tell) : unknown;
      extracted.set(entry.for, reference ?? unknown);
    }
  }
  for (const [index, entry] of (actionable.extract_response_for ?? []).entries()) {
    const tell = tellAt(`${task.place}/extract_response_for${pointerStep(index)}/extract`);
    const reference = extractHere(entry, names, tell);
    extracted.set(entry.for, reference ?? unknown);
  }
  return names;
}
