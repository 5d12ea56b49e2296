/**
 * The vocabulary that the compiler (src/compiler) and the Worker share: a compiled ABI as plain data.
 *
 * There are two ways to say "none": a question that every plan answers is answered with null; an extra that most plans
 * do without is absent.
 */

import type { Json } from "./json.ts";
import type { FieldRule, Rule } from "./payload-rule.ts";
import type { Authentication, Revoking, TokenIssue } from "./plan/authentication.ts";
import type { EarlyReference, GeneratorKind, Reference } from "./plan/reference.ts";
import type { Webhook } from "./plan/webhook.ts";

export type { Json };

/** `rate_limit`: how many calls may be made in a window of time, by whomever the identifier names. */
export interface RateLimit {
  readonly limit: number;
  /** The window's length; it begins with its first call. */
  readonly windowSeconds: number;
  readonly identifier: EarlyReference;
}

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

/** What every step may have. */
interface Checked {
  /** What the whole payload must be before any step runs; absent = anything. */
  readonly payloadRule?: Rule;
}

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

/** The files that the rows of a query name, whoever they belong to: they go with the statement. */
export interface NamedFiles {
  /** Index of the step whose result they are. */
  readonly step: number;
  /** With the storage keys. */
  readonly column: string;
  readonly maxKeys: number;
  /**
   * Where a statement cannot read what another returns (D1): begins a statement that knows the same rows as
   * `sluice_rows`, before those are changed or after they were read. Absent: `sql` of the query is that beginning.
   */
  readonly rows?: StatementCheck & { readonly when: "before" | "after" };
}

/** How a column's stored value becomes JSON. Absent from `columns` = as the engine returns it. */
export type ColumnType = "json" | "boolean" | "timestamp" | "integer" | "number" | "bytes";

/**
 * How a value is prepared before it is bound. `any` binds text, numbers and null as they are, objects as JSON text.
 * `json` takes text for JSON already; `document` never does: the JSON text of whatever value, even null, is bound.
 * `count` is a number of rows: whole, 0 or more.
 */
export type ParameterType =
  "any" | "json" | "document" | "boolean" | "timestamp" | "integer" | "count" | "number" | "text" | "bytes";

export interface Parameter {
  readonly value: Reference;
  readonly type: ParameterType;
}

/** Follows a statement in the same batch: fails the batch, or changes nothing. */
export interface StatementCheck {
  readonly sql: string;
  /** For each placeholder, the index of the statement's parameter whose value it has. */
  readonly parameters: readonly number[];
}

export type HashAlgorithm = "bcrypt" | "argon2";

/** A password: a member of the payload. */
export interface PasswordField {
  readonly property: string;
  readonly algorithm: HashAlgorithm;
  /** bcrypt: the logarithm of its rounds; argon2id: passes over its memory. */
  readonly cost: number;
}

/** What a statement does with passwords. No column of their names leaves its rows. */
export interface Passwords {
  /** The statement binds the hash, in place of what was sent. */
  readonly hashes: readonly PasswordField[];
  /** The one row's column of that name is the hash of what was sent, else 401. `cost` is of a row that is not there. */
  readonly verifies: readonly PasswordField[];
}

export interface QueryStep extends Checked {
  readonly mode: "query";
  readonly id: number;
  /**
   * The statement in the deployment's dialect, placeholders numbered (`?1` on D1, `$1` on PostgreSQL). Its guard is
   * part of it where it must find a row and the dialect can say both in one statement.
   */
  readonly sql: string;
  readonly writes: boolean;
  /** In placeholder order. */
  readonly parameters: readonly Parameter[];
  readonly columns: { readonly [name: string]: ColumnType };
  /** `multi`: run once per element of this array. Null: run once. */
  readonly each: Reference | null;
  /** Absent: none. */
  readonly passwords?: Passwords;
  /** For the row that it must find, and for `unique`. */
  readonly checks: readonly StatementCheck[];
  /** Name of a lock that it must hold until its transaction ends; absent where there is one writer at a time (D1). */
  readonly lock?: string | undefined;
  /** Absent: no file goes with its rows. */
  readonly deletes?: NamedFiles;
  /**
   * When the statement is sent. `now`: with everything still waiting, because a later step reads its result (or
   * because it can only read). `commit`: in the request's final atomic batch.
   */
  readonly send: "now" | "commit";
}

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

export type Step = UploadStep | DeleteFilesStep | QueryStep | DocumentStep;

export type DataShape = "auto" | "list" | "object";

/** Which step's result is answered and how. */
export interface AnsweredResult {
  readonly step: number;
  /** Fields to answer; null = all. */
  readonly fields: readonly string[] | null;
  /** `auto`: one row is an object, several are an array, none is null. */
  readonly shape: DataShape;
  /** For each field that is a link to a file, the column with its storage key; absent = none. */
  readonly links?: Readonly<Record<string, AnsweredLink>>;
}

/** A column, or also the name of the thumbnail that is linked to in place of the file. */
export type AnsweredLink = string | { readonly column: string; readonly thumbnail: string };

export const linkColumn = (link: AnsweredLink): string => (typeof link === "string" ? link : link.column);

export interface AnswerPlan extends AnsweredResult {
  /** Issued from the one row of its step; absent = none. */
  readonly token?: TokenIssue;
  /** All that is answered, in one object, each under the actionable's id; absent = the result above. */
  readonly combined?: readonly (AnsweredResult & { readonly id: number })[];
}

/** All results that are answered. */
export const answeredResults = (answer: AnswerPlan): readonly AnsweredResult[] => answer.combined ?? [answer];

/** In ascending order: where several wait, the highest goes first. */
export const priorities = ["low", "normal", "high"] as const;
export type JobPriority = (typeof priorities)[number];

/** The part of an endpoint that runs after its answer, as a job. */
export interface BackgroundPlan {
  /** Indexes into `Plan.steps`, ascending; the others run in the request. */
  readonly steps: readonly number[];
  /** What the request answers beside the job's id; null = nothing. */
  readonly answer: AnswerPlan | null;
  /** What the job needs from the request; nothing else is kept. */
  readonly reads: JobReads;
  /** Seconds from the answer until the job may run. */
  readonly delaySeconds: number;
  readonly priority: JobPriority;
  /** The first attempt and the `retries`. */
  readonly maxAttempts: number;
  /** A job that fails for good leaves the files of its request in place. */
  readonly keepsFiles: boolean;
  /** Of everything that decides what the job's steps do: a job that was queued by another plan is not run by this one. */
  readonly fingerprint: string;
}

export interface JobReads {
  readonly payload: boolean;
  /** Members of the payload that are passwords or tokens, and never kept; absent = none. */
  readonly secrets?: readonly string[];
  /** Lower-case names of request headers; `ip` is the client address. */
  readonly headers: readonly string[];
  /** Steps of the request whose results the job reads. */
  readonly results: readonly number[];
  /** The results include the `download_url` of files. Absent: they do not, and no link is signed for the job. */
  readonly links?: true;
}

/** What `cron_job` asks for. */
export interface ScheduledRun {
  readonly times: Schedule;
  /** All steps. */
  readonly job: BackgroundPlan;
}

/** Times in UTC. Each list holds every value that matches, ascending. */
export interface Schedule {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** Days of the month, from 1; null = any day. */
  readonly days: readonly number[] | null;
  /** From 1. */
  readonly months: readonly number[];
  /** Sunday is 0; null = any weekday. With `days` too, a day that is in either list matches, as in crontab(5). */
  readonly weekdays: readonly number[] | null;
}

/** Methods that an ABI can ask for. GET brings HEAD along, and PUT is for files that are bodies of their own. */
export const methods = ["GET", "POST", "PUT"] as const;
export type Method = (typeof methods)[number];

/** The results, of no step, whose one row holds what a call's address says. Known before the first step. */
export const addressResults = { path: -1, query: -2 } as const;

/** What an endpoint reads of the addresses that it is called at. */
export interface AddressRules {
  /** For names in the resource; one without a rule may be any text. Absent: the resource has no names. */
  readonly path?: readonly FieldRule[];
  /** For each query parameter that there may be. Absent: the query string is ignored. */
  readonly query?: readonly FieldRule[];
}

/** An ABI that has faults while a development server runs. */
export interface Uncompiled {
  /** The ABI's, as `abis/gallery.json`. */
  readonly file: string;
  /** Its id and resource, as far as they are known. */
  readonly routes: readonly string[];
  /** The first of its faults, on one line. */
  readonly fault: string;
}

/** One endpoint, compiled. Immutable; indexes in references point into `steps`. */
export interface Plan {
  readonly id: string;
  /** Route without leading slash. A segment `:name` stands for any one: a path parameter. */
  readonly resource: string;
  /** Absent: those of the deployment (`ALLOWED_HTTP_METHODS`). */
  readonly methods?: readonly Method[];
  /** Absent: the address says which endpoint is meant, and nothing else. */
  readonly address?: AddressRules;
  readonly authentication: Authentication | null;
  /** Absent: nothing beside the authentication. */
  readonly webhook?: Webhook;
  /** Every call is refused; jobs and the schedule go on. Absent: none is. */
  readonly maintenance?: true;
  /** Absent: any number of calls. */
  readonly rateLimit?: RateLimit;
  /** In execution order: dependencies first. */
  readonly steps: readonly Step[];
  readonly answer: AnswerPlan;
  /** Names of all environment values the plan reads, the token key included. */
  readonly environment: readonly string[];
  /**
   * False: some write is sent before the final batch, so a later failure cannot undo it; or the endpoint writes to a
   * MongoDB server and more than one document there.
   */
  readonly atomic: boolean;
  /** Names of the features that it needs; absent = none. */
  readonly uses?: readonly string[];
  /** Absent: it revokes no tokens. */
  readonly revoking?: Revoking;
  /** No Idempotency-Key may keep what it is sent or answers: a secret, or for calls whose body proves who they are. Absent: it may. */
  readonly isSecret?: true;
  /** Absent: everything runs in the request. */
  readonly background?: BackgroundPlan;
  /** Absent: only calls run it. With a schedule and without authentication only the schedule does. */
  readonly schedule?: ScheduledRun;
}

/** How the body of a call may be sent: as a form, as JSON, or as either. */
export type AcceptedBody = "multipart" | "json" | "any";

/** A list of keys to delete is JSON; files come in a form. */
export function acceptedBody(steps: readonly Step[]): AcceptedBody {
  if (steps.some((step) => step.mode === "upload")) return "multipart";
  return steps.some((step) => step.mode === "delete-files" && step.keys === undefined) ? "json" : "any";
}

/** Without authentication, what time runs is run by time alone. */
export const canBeCalled = ({ schedule, authentication }: Pick<Plan, "schedule" | "authentication">): boolean =>
  schedule === undefined || authentication !== null;
