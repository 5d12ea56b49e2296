/** Converts jobs to rows and back. */
import type { Row } from "../database/database.ts";
import type { TableRow } from "../../contract/tables.ts";
import { priorityOf, rankOf, type Job, type JobContext, type JobProblem } from "./job.ts";

type JobRow = TableRow<"jobs">;

/** What is known of a job when it is queued. */
export type NewJob = Pick<
  Job,
  | "id"
  | "endpoint"
  | "origin"
  | "fingerprint"
  | "owner"
  | "priority"
  | "context"
  | "files"
  | "dueAt"
  | "wakeAt"
  | "createdAt"
>;

export function toJobRow(job: NewJob): Partial<JobRow> {
  return {
    id: job.id,
    endpoint: job.endpoint,
    origin: job.origin,
    fingerprint: job.fingerprint,
    owner: job.owner,
    state: "queued",
    priority: rankOf(job.priority),
    context: JSON.stringify(job.context),
    files: JSON.stringify(job.files),
    due_at: job.dueAt,
    wake_at: job.wakeAt,
    created_at: job.createdAt,
    updated_at: job.createdAt,
  };
}

/** The table's own constraints, and that only this module writes its JSON, make these casts true. */
export function toJob(row: Row): Job {
  const typed = row as JobRow;
  return {
    id: typed.id,
    endpoint: typed.endpoint,
    origin: typed.origin,
    fingerprint: typed.fingerprint,
    owner: typed.owner,
    state: typed.state,
    priority: priorityOf(typed.priority),
    attempts: typed.attempts,
    context: toContext(typed.context),
    files: JSON.parse(typed.files) as readonly string[],
    result: typed.result,
    problem: typed.problem === null ? null : (JSON.parse(typed.problem) as JobProblem),
    dueAt: typed.due_at,
    wakeAt: typed.wake_at,
    createdAt: typed.created_at,
    updatedAt: typed.updated_at,
  };
}

function toContext(text: string): JobContext {
  const { results, ...rest } = JSON.parse(text) as Omit<JobContext, "results"> & { readonly results: unknown };
  // A job that an earlier version queued has them in their old form.
  return { ...rest, results: typeof results === "string" ? results : JSON.stringify(results) };
}
