/** A step as it is first compiled: without the members that depend on the other steps of the endpoint. */
import type { DocumentStep, QueryStep, Step, UploadStep } from "../contract/plan.ts";

/** Part by part: `Omit` would make one type of a union. */
type Without<Whole, Name extends PropertyKey> = Whole extends unknown ? Omit<Whole, Name> : never;

export type QueryDraft = Without<QueryStep, "send">;
export type DocumentDraft = Without<DocumentStep, "send">;
export type UploadDraft = Without<UploadStep, "imageFields" | "issuesLinks">;

export type StepDraft = QueryDraft | DocumentDraft | UploadDraft | Exclude<Step, QueryStep | DocumentStep | UploadStep>;
