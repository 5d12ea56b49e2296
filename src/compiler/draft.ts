/** A step as it is first compiled: without the members that depend on the other steps of the endpoint. */
import type { Step } from "../contract/plan.ts";
import type { DocumentStep } from "../contract/plan/documents.ts";
import type { FileField, FileFields, UploadStep } from "../contract/plan/files.ts";
import type { QueryStep } from "../contract/plan/query.ts";

/** Part by part: `Omit` would make one type of a union. */
type Without<Whole, Name extends PropertyKey> = Whole extends unknown ? Omit<Whole, Name> : never;

export type QueryDraft = Without<QueryStep, "send">;
export type DocumentDraft = Without<DocumentStep, "send">;
/** What later steps read of files decides these. */
type Read = "imageFields" | "issuesLinks" | "linksThumbnails";

export type FieldDraft = Without<FileField, Read | "texts">;
export interface UploadDraft extends Without<UploadStep, Read | "fields"> {
  readonly fields?: Without<FileFields, "texts" | "list"> & { readonly list: readonly FieldDraft[] };
}

export type StepDraft = QueryDraft | DocumentDraft | UploadDraft | Exclude<Step, QueryStep | DocumentStep | UploadStep>;
