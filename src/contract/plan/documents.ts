/** The steps of a plan on documents of a MongoDB server. */
import type { Checked } from "./checked.ts";
import type { Reference } from "./reference.ts";

/** A field of a document and what it is set to or must equal. */
export interface DocumentMember {
  readonly field: string;
  readonly value: Reference;
}

/** What every step on documents of a MongoDB server has. The field `id` is the document's `_id`. */
interface OnDocuments extends Checked {
  readonly mode: "documents";
  readonly id: number;
  readonly collection: string;
  /** The fields answered of each document, in order; null for those it lacks. */
  readonly fields: readonly string[];
  /** `multi`, as for a query. */
  readonly each: Reference | null;
  /**
   * If no document is found, the request ends with 422 and is undone: `must_return_value`, or a dependant needs the
   * document.
   */
  readonly mustReturn: boolean;
  /** As for a query, among the steps on documents; the last of them are sent before the final SQL batch. */
  readonly send: "now" | "commit";
}

interface InsertDocumentsStep extends OnDocuments {
  readonly action: "insert";
  readonly set: readonly DocumentMember[];
}

interface FindDocumentsStep extends OnDocuments {
  readonly action: "find";
  readonly filter: readonly DocumentMember[];
  readonly sort: readonly { readonly field: string; readonly direction: 1 | -1 }[];
  /** Whole numbers; what a client sends is kept between 0 and `maxLimit`, null is `defaultLimit`. */
  readonly limit: Reference;
  readonly defaultLimit: number;
  readonly maxLimit: number;
  readonly skip: Reference;
}

interface UpdateDocumentsStep extends OnDocuments {
  readonly action: "update";
  readonly filter: readonly DocumentMember[];
  readonly set: readonly DocumentMember[];
}

interface DeleteDocumentsStep extends OnDocuments {
  readonly action: "delete";
  readonly filter: readonly DocumentMember[];
}

/** A `mongo_query` on a MongoDB server. On the document table of the SQL database it is a query. */
export type DocumentStep = InsertDocumentsStep | FindDocumentsStep | UpdateDocumentsStep | DeleteDocumentsStep;
