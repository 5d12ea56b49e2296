/** The parts of the pipeline that only some plans use: a Worker whose plans do not use them is built without them. */
import type { Rule } from "../../contract/payload-rule.ts";
import type { AnsweredResult, AnswerPlan, BackgroundPlan, Json, Plan, RateLimit } from "../../contract/plan.ts";
import type { EarlyField, FileFields, FileRules, Quota, UploadStep } from "../../contract/plan/files.ts";
import type { DocumentStep } from "../../contract/plan/documents.ts";
import type { QueryStep } from "../../contract/plan/query.ts";
import type { Revoking } from "../../contract/plan/authentication.ts";
import type { Webhook } from "../../contract/plan/webhook.ts";
import type { CallAccount } from "../admission/ledger.ts";
import type { Seat } from "../admission/turns.ts";
import type { IncomingBody, openBody, RequestLimits } from "../body/incoming-body.ts";
import type { ByteSource, Tap } from "../bytes.ts";
import type { Subject, Verdict } from "../body/validation/check-payload.ts";
import type { Rows, Statement } from "../database/database.ts";
import type { EngineEnvironment, RuntimeTables } from "../database/engine.ts";
import type { StoredFile } from "../files/record.ts";
import type { FileRegistry } from "../files/registry.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import type { deleteNamed } from "../files/delete-named.ts";
import type { deleteOwned } from "../files/delete-owned.ts";
import type { IssueAll } from "../links/link.ts";
import type { Identity } from "../auth/caller.ts";
import type { EarlyCall } from "./identifier.ts";
import type { replaceEarlier } from "./replacing.ts";
import type { Log } from "../log.ts";
import type { ReadEnvironment, SecretPair } from "../secrets.ts";
import type { ResultRow, Scope, StepResult } from "./scope.ts";
import type { DocumentQueue, Transaction } from "./transaction.ts";
import type { Pictures, Thumbnails } from "./pictures.ts";

export interface PlanFeatures {
  readonly background: JobWriting;
  /** `rate_limit`: counts the call; see rate-limits/limit-calls. */
  readonly rateLimits: (call: CountedCall) => Promise<void>;
  readonly quotas: Quotas;
  /** `webhook`: what opens the body of a call that has proven all that its headers can; see webhooks/open-verified. */
  readonly webhooks: (webhook: Webhook, call: WebhookCall) => Promise<typeof openBody>;
  readonly validate: Validation;
  /** `$PARAM` and `$QUERY`: results of no step; see routes/address. @throws Problem `parameter_invalid` */
  readonly address: (plan: Plan, request: Request, validate: Validation) => Scope["results"];
  /** `links` of a QUERY: adds them to the rows of the answering step; see call/answer-links. */
  readonly answerLinks: (answered: AnsweredResult, results: Scope["results"], issueAll: IssueAll) => Promise<void>;
  /** `tokenize` that issues: adds the token to the row of the answering step; see accounts/issue-token. */
  readonly issuing: (answer: AnswerPlan, scope: Scope) => Promise<void>;
  /** `invalidate_tokenize`: see accounts/revocation. */
  readonly revocation: Revocation;
  /** `hashables`, `verify_hashables`: runs a statement that has passwords; see accounts/passwords. */
  readonly passwords: RunWithPasswords;
  /** The algorithms that plans name; nothing else reads them. */
  readonly bcrypt?: PasswordHasher;
  readonly argon2?: PasswordHasher;
  /** Where a step before an upload reads the payload: refuses a form whose fields come too late; see body/early-fields. */
  readonly earlyFields: (body: IncomingBody, fields: readonly EarlyField[]) => IncomingBody;
  /** `uploads.fields`: see upload/file-fields. */
  readonly fileFields: (fields: FileFields, maxFiles: number) => FileReception;
  /** `raw`: what opens the body of a call, which may be the one file itself; see body/raw-body. */
  readonly rawBodies: (step: UploadStep) => typeof openBody;
  readonly uploadLinks: LinkOpening;
  /** `delete_files` of a payload: see files/delete-owned. */
  readonly deleting: typeof deleteOwned;
  /** `delete_files` of a QUERY's column: see files/delete-named. */
  readonly deletingNamed: typeof deleteNamed;
  /** `replaces`: see call/replacing. */
  readonly replacing: typeof replaceEarlier;
  /** `strip_metadata`: takes over the source of the file with this name, whose type must be `stripped`; see image/strip. */
  readonly stripping: (fileType: string, source: ByteSource, seat: Seat, name: string) => ByteSource;
  /**
   * `strict_images`: finds out why a file is not one whole picture; null for types that are not `walked`; see
   * image/structure.
   */
  readonly structure: (fileType: string, seat: Seat) => Tap<string | null> | null;
  /** Facts of pictures that somebody reads: see upload/pictures. */
  readonly pictures: Pictures;
  /** `thumbnails`: see thumbnails/thumbnails. */
  readonly thumbnails: Thumbnails;
  readonly documents: Documents;
}

/** `mongo_query` on a MongoDB server: see documents/documents. */
export interface Documents {
  /** For one request. Opens nothing yet. @param now the time of the request, which ids begin with */
  readonly open: (environment: EngineEnvironment, now: Date) => OpenedDocuments;
  /** Runs a step, once or once per element. */
  readonly run: (step: DocumentStep, index: number, context: DocumentContext) => Promise<void>;
}

export interface OpenedDocuments {
  /** Connects to nothing yet. */
  begin(): DocumentQueue;
  /** Disconnects, if it ever connected. Never throws. */
  close(): Promise<void>;
}

export interface DocumentContext {
  readonly scope: Scope;
  readonly transaction: Transaction;
}

/** The rules of an ABI: see body/validation. */
export interface Validation {
  /** `payload_validation`: the body, refusing what breaks a rule. */
  readonly body: (body: IncomingBody, rules: readonly Rule[]) => IncomingBody;
  readonly check: (rules: readonly Rule[], subject: Subject) => Verdict;
}

/** What proofs are read from. */
export interface WebhookCall {
  readonly headers: Headers;
  readonly clientIp: string | null;
  readonly now: Date;
  readonly environment: ReadEnvironment;
  readonly openBody: typeof openBody;
}

/** A call that counts for its endpoint's limit. */
export interface CountedCall extends EarlyCall {
  readonly rateLimit: RateLimit;
  /** The id of the endpoint. */
  readonly endpoint: string;
  readonly call: EarlyCall["call"] & { readonly setField: (name: string, value: string) => void };
}

/** `quota`: keeps within it what the calls of an endpoint store. */
export interface Quotas {
  /**
   * Before the body is read. Resolves with what makes the files of a call count.
   * @throws Problem `quota_exceeded` where no such body can fit; as `identifierOf`
   */
  open(call: QuotaCall): Promise<<Context extends StoringContext>(context: Context) => Context>;
  /** What counts at this moment. @throws Problem as `identifierOf` */
  read(counted: CountedCaller): Promise<{ readonly bytes: number; readonly files: number }>;
  /** What FILE_API_QUOTA says; absent where the Worker was built without. @throws Problem `misconfigured` */
  readonly readSetting?: (text: string) => Pick<Quota, "maxBytes" | "maxFiles">;
  /** Removes counts of windows that are over, at most some thousands; resolves with how many. */
  forget(tables: RuntimeTables, now: Date): Promise<number>;
}

/** What a call stores its files through. */
export interface StoringContext {
  readonly intake: { readonly send: SendStatements } | null;
  readonly call: {
    readonly files: Pick<FileRegistry, "reserving">;
    readonly deployment: { readonly store: ObjectStore };
  };
}

/** Whose files count, and for what. */
export interface CountedCaller extends EarlyCall {
  readonly quota: Quota;
  readonly call: EarlyCall["call"] & { readonly deployment: RuntimeTables };
}

/** A call whose files count. */
export interface QuotaCall extends CountedCaller {
  readonly upload: UploadStep;
  /** Of the one file, where they are known. */
  readonly exactBytes?: number;
  readonly call: EarlyCall["call"] & { readonly deployment: RuntimeTables & { readonly settings: RequestLimits } };
}

/** `links` of an UPLOAD: see upload-links/open-link. */
export interface LinkOpening {
  /** What the link of a request makes of its call; null: it has none. @throws Problem `link_…` */
  open(plan: Plan, request: Request, call: OpeningCall, isUnderWay?: boolean): Promise<LinkedCall | null>;
  /** Removes rows of links that ended longer ago than they are kept; resolves with how many. */
  forget(tables: RuntimeTables, retentionSeconds: number, now: Date): Promise<number>;
}

export interface OpeningCall extends Pick<WebhookCall, "clientIp" | "now"> {
  readonly deployment: RuntimeTables & { readonly settings: { readonly linkSecret: SecretPair } };
}

/** A call, once it is known who makes it. */
export interface AdmittedCall {
  readonly plan: Plan;
  readonly request: Request;
  readonly identity: Identity;
  /** Null: a token stands for the caller. */
  readonly link: UsedLink | null;
}

/** A call by a link: within its limits, for whoever has given it. Its request has the address without the link. */
export interface LinkedCall extends AdmittedCall {
  readonly link: UsedLink;
}

export interface UsedLink {
  readonly id: string;
  /** Owns what another link, or a token of whoever has given it, must not reach. No caller has this name. */
  readonly owner: string;
  /** For the addresses of what is begun by it. */
  readonly query: string;
  /** The body, with the fields that the link sets. @throws Problem `payload_invalid` while it is read */
  readonly addFields: (body: IncomingBody) => IncomingBody;
  /** Takes a use with the first statements. They fail with Problem `link_…` where there is none. */
  readonly counting: (send: SendStatements) => SendStatements;
}

export type SendStatements = (statements: readonly Statement[]) => Promise<Rows>;

/** Tokens that are refused before they expire. */
export interface Revocation {
  /** One look-up. */
  isRevoked(token: string, tables: RuntimeTables): Promise<boolean>;
  /** Adds to the call's last batch what revokes the tokens that it was sent. @throws Problem `payload_invalid` */
  revoke(revoking: Revoking, context: RevocationContext): Promise<void>;
  /** Removes those that have expired, at most some thousands; resolves with how many. */
  forget(tables: RuntimeTables, now: Date): Promise<number>;
}

export interface RevocationContext {
  readonly scope: Scope;
  readonly transaction: Transaction;
  readonly call: { readonly deployment: RuntimeTables };
}

/** One way to hash passwords. */
export interface PasswordHasher {
  /** Of a password; a longer one is refused, never cut. */
  readonly maxBytes: number;
  /** What making a hash takes, at any cost. */
  readonly memoryBytes: number;
  /** A new hash, with a random salt. */
  hash(password: string, cost: number): string;
  /** A hash that was stored; null where it is none, or would take more than a call may. */
  read(stored: string): StoredHash | null;
}

export interface StoredHash {
  readonly memoryBytes: number;
  /** Takes as long as `hash`. */
  isOf(password: string): boolean;
}

/** What a statement with passwords needs of its call. */
export interface PasswordContext {
  readonly scope: Scope;
  readonly transaction: Transaction;
  readonly plan: Pick<Plan, "id">;
  readonly intake: { readonly account: CallAccount } | null;
  readonly call: {
    readonly clientIp: string | null;
    readonly deployment: { readonly log: Log; readonly features: Pick<PlanFeatures, "bcrypt" | "argon2"> };
  };
}

type RunStep<Context> = (step: QueryStep, index: number, context: Context) => Promise<void>;
export type RunWithPasswords = <Context extends PasswordContext>(
  ...parameters: [...Parameters<RunStep<Context>>, run: RunStep<Context>]
) => Promise<void>;

/** Which files a call takes, by the fields that they come in. */
export interface FileReception {
  /** The rules for the next file. @throws Problem `too_many_files`, `payload_invalid` (not a field of files) */
  admit(field: string): FileRules;
  /** After the last file. @throws Problem `file_missing`, `payload_invalid` */
  finish(payload: Json): void;
  /**
   * What later steps and the answer read, by result number.
   * @param step the upload's
   * @param rows one for each file, in the order in which they were admitted
   */
  results(step: number, rows: readonly ResultRow[], payload: Json): Iterable<readonly [number, StepResult]>;
}

/** `run_in_background`: see jobs/writer. */
export interface JobWriting {
  /** Makes the steps that the plan defers a job, durable with everything else of the call. */
  defer(background: BackgroundPlan, context: DeferringContext): { readonly id: string };
}

/** What a job is made from. */
export interface DeferringContext {
  readonly plan: Plan;
  readonly scope: Scope;
  /** That the call stored. */
  readonly files: readonly StoredFile[];
  readonly transaction: Transaction;
  readonly call: {
    readonly base: string;
    readonly links: { readonly keep: (value: unknown) => string };
    readonly deployment: RuntimeTables & { readonly settings: { readonly jobs: { readonly resendSeconds: number } } };
  };
}
