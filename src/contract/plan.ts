/**
 * The vocabulary that the compiler (src/compiler) and the Worker share: a compiled ABI as plain data.
 *
 * There are two ways to say "none": a question that every plan answers is answered with null; an extra that most plans
 * do without is absent.
 */

import type { Json } from "./json.ts";
import type { FieldRule } from "./payload-rule.ts";
import type { Authentication, Revoking, TokenIssue } from "./plan/authentication.ts";
import type { DocumentStep } from "./plan/documents.ts";
import type { DeleteFilesStep, UploadStep } from "./plan/files.ts";
import type { QueryStep } from "./plan/query.ts";
import type { EarlyReference } from "./plan/reference.ts";
import type { Webhook } from "./plan/webhook.ts";

export type { Json };

/** `rate_limit`: how many calls may be made in a window of time, by whomever the identifier names. */
export interface RateLimit {
  readonly limit: number;
  /** The window's length; it begins with its first call. */
  readonly windowSeconds: number;
  readonly identifier: EarlyReference;
}

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
