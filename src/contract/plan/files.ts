/** What a plan takes, keeps and deletes of files. */
import type { Checked } from "./checked.ts";
import type { EarlyReference, GeneratorKind, Reference } from "./reference.ts";

/** `quota`: how much may be stored, or be uploaded in a window of time. At least one of its limits is there. */
export interface Quota {
  /** Of its count, with the window's length; endpoints of one name share it. */
  readonly name: string;
  /** Who has a count of their own; absent: all callers share one. */
  readonly per?: EarlyReference;
  readonly maxBytes?: number;
  readonly maxFiles?: number;
  /** The window's length; it begins with its first upload. Absent: what is stored counts, and no longer. */
  readonly windowSeconds?: number;
}

/** A quota of what is stored, as far as rows of files tell whom they count for. */
export interface DeclaredQuota extends Pick<Quota, "name"> {
  /** Its id. */
  readonly endpoint: string;
  /** Each owner has a count of their own. */
  readonly isPerOwner: boolean;
}
export type Visibility = "public" | "private";

/** One segment of an object key's folder. */
export type FolderSegment = Reference;

/** Facts that a picture's bytes reveal: names of returnables that cost work, done only for a plan that reads them. */
export type ImageField = "width" | "height" | "dominant_color" | "palette" | "thumbhash" | "has_alpha" | "animated";

/** What files must be, and what is done with them. */
export interface FileRules {
  readonly maxFiles: number;
  readonly maxFileBytes: number;
  /** Lower-case media types: exact, `image/*`, or any with `*` on both sides. */
  readonly types: readonly string[];
  readonly folder: readonly FolderSegment[];
  readonly visibility: Visibility;
  /** The facts of pictures that a returnable or a parameter reads; nothing else is computed. */
  readonly imageFields: readonly ImageField[];
  /** The answer or a later step reads `download_url`: only then are links signed, and recorded in the audit table. */
  readonly issuesLinks: boolean;
  /** Metadata is removed from pictures before they are stored. */
  readonly stripsMetadata: boolean;
  /** Pictures whose structure does not parse to its end, or that carry bytes behind it, are refused. */
  readonly strictImages: boolean;
  /**
   * What the endpoint stored before for the same owner, in the same field and with this value, goes when the call's files
   * come. `true`: whatever the value. Absent: it stays.
   */
  readonly replaces?: true | Reference;
  /** Made of each picture; one to three, the names differ. Absent: none. */
  readonly thumbnails?: readonly ThumbnailRule[];
  /** The answer or a later step reads the addresses of thumbnails. Absent: none are made. */
  readonly linksThumbnails?: true;
}

/** A small picture that is made of a larger one: a JPEG. */
export interface ThumbnailRule {
  readonly name: string;
  /** Pixels of its longer side, at most. */
  readonly maxEdge: number;
  /** 1 to 100, as libjpeg has it. */
  readonly quality: number;
  /** What shows through where the picture is transparent: red, green and blue, 0 to 255. */
  readonly background: readonly [number, number, number];
}

/** Files that a step can read as a result of their own. */
export interface FileGroup {
  /** The result's number: none of a step's. */
  readonly result: number;
  /** Text fields that belong to its files one by one; a statement reads them as `texts` of the file that it runs for. */
  readonly texts: readonly string[];
}

/** A field of the form that takes files. */
export interface FileField extends FileRules, FileGroup {
  readonly name: string;
  readonly minFiles: number;
}

/** `uploads.fields`: only files of these fields are taken, each by its field's rules. As a group: all files. */
export interface FileFields extends FileGroup {
  readonly list: readonly FileField[];
}

/** A text field that a step before the upload reads. */
export interface EarlyField {
  readonly name: string;
  /** The payload's rules say that it may be missing. */
  readonly optional: boolean;
}

/** `links` of an UPLOAD: the most that its upload links may allow. */
export interface UploadLinkBounds {
  readonly maxUploads: number;
  readonly maxLifeSeconds: number;
}

/** Its own rules hold for a file of any field, where no fields are named. */
export interface UploadStep extends Checked, FileRules {
  readonly mode: "upload";
  /** The actionable's id in the ABI. */
  readonly id: number;
  /** Absent: 1. */
  readonly minFiles?: number;
  readonly fields?: FileFields;
  /** Absent: none. */
  readonly earlyFields?: readonly EarlyField[];
  /** The file API manages the stored files for their owner, beside those that came through it. */
  readonly fileApi: boolean;
  /** Lifetime of the files in seconds, from the request on; null: they never expire. */
  readonly expiresSeconds: number | null;
  /** Absent: any amount. */
  readonly quota?: Quota;
  /** One file may also come in pieces, by tus. Absent: it may not. */
  readonly resumable?: true;
  /** How stored files are named; absent: NANOID. */
  readonly fileNames?: GeneratorKind;
  /** A body of another type than a form's is the one file itself. Absent: it is refused. */
  readonly raw?: true;
  /** Whoever may call the endpoint gets links that others upload by. Absent: nobody does. */
  readonly links?: UploadLinkBounds;
}

/** Deletes files by storage key. */
export interface DeleteFilesStep extends Checked {
  readonly mode: "delete-files";
  readonly id: number;
  readonly maxKeys: number;
  /**
   * A field of the payload, which names files of the caller; or a column of a query, whose `deletes` then does the work.
   * Absent: the payload itself, a JSON array of keys.
   */
  readonly keys?: Extract<Reference, { readonly from: "payload" | "result" }>;
}
