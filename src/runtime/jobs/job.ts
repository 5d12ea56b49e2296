/** A job as the table describes it, and what it keeps of its call. */
import { priorities, type BackgroundPlan, type JobPriority, type Json, type Plan } from "../../contract/plan.ts";
import type { ProblemCode } from "../../contract/problem.ts";
import { randomHex } from "../bytes.ts";

/** `queued`: waits for its moment. `running`: an attempt has it. `done` and `dead` are final. */
export type JobState = "queued" | "running" | "done" | "dead";

/** Who asked for it: a call, or the endpoint's `cron_job`. */
export type JobOrigin = "call" | "schedule";

/**
 * What the steps need of the call, stored with the job. Values of the environment are never in it: each attempt reads
 * them anew.
 */
export interface JobContext {
  readonly claims: { readonly [name: string]: Json };
  /** Null when no step reads it. */
  readonly payload: Json;
  /** The headers that steps read, by lower-case name. */
  readonly headers: { readonly [name: string]: string };
  /** The caller's address, where a step reads it. */
  readonly clientIp?: string | null;
  /** The results, by step, that later steps or the answer read: text as links/kept-links writes it. */
  readonly results: string;
  /** The call's moment, RFC 3339. */
  readonly now: string;
  /** Scheme and host of the call. */
  readonly url: string;
  /** A dead job leaves the call's files in place. */
  readonly keepsFiles: boolean;
}

/** Why the last attempt failed. All but `reason` may be shown to the owner. */
export interface JobProblem {
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  readonly detail: string | null;
  /** For the operator. */
  readonly reason: string;
}

export interface Job {
  /** 32 hex characters from 16 random bytes: only those who were told it know it. */
  readonly id: string;
  /** Id of the ABI. */
  readonly endpoint: string;
  readonly origin: JobOrigin;
  readonly fingerprint: string;
  /** The claim `id`, else `sub`, of the caller; null when the call named nobody. */
  readonly owner: string | null;
  readonly state: JobState;
  readonly priority: JobPriority;
  /** Attempts begun. */
  readonly attempts: number;
  readonly context: JobContext;
  /** Storage keys of the call's files. */
  readonly files: readonly string[];
  /** Text as links/kept-links writes it; null: not known. */
  readonly result: string | null;
  readonly problem: JobProblem | null;
  /** RFC 3339. No attempt begins before. */
  readonly dueAt: string;
  readonly wakeAt: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A job whose message or attempt was lost. */
export type WakingJob = Pick<Job, "id" | "origin" | "priority">;

/** A queue's message: everything else is in the table, so that no message comes near the limit of 128 KB. */
export interface JobMessage {
  readonly id: string;
}

/** A priority as the table stores it. */
export const rankOf = (priority: JobPriority): number => priorities.indexOf(priority);
export const priorityOf = (rank: number): JobPriority => priorities[rank] ?? "normal";

/** The part of the plan that such a job runs; undefined when the plan has none any more. */
export const backgroundOf = (plan: Plan, { origin }: Pick<Job, "origin">): BackgroundPlan | undefined =>
  origin === "schedule" ? plan.schedule?.job : plan.background;

/** 16 random bytes in hex. */
export function newJobId(): string {
  return randomHex(16);
}

export const secondsAfter = (moment: Date, seconds: number): string =>
  new Date(moment.getTime() + seconds * 1000).toISOString();
