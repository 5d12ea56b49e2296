/** What a failed attempt means for its job: whether it is tried again, and when. */
import { toProblem } from "../../contract/problem.ts";
import type { Problem, ProblemCode } from "../../contract/problem.ts";
import type { JobProblem } from "./job.ts";

/** Refusals that waiting may cure although their status blames the client: the row may still come. */
const curable: ReadonlySet<ProblemCode> = new Set(["row_missing"]);
/** Faults that another attempt would only repeat. */
const incurable: ReadonlySet<ProblemCode> = new Set(["job_interrupted"]);
const MAX_BACKOFF_SECONDS = 3600;

/** Whether another attempt can end differently. */
export function isCurable({ code, status }: Problem): boolean {
  return curable.has(code) || (status >= 500 && !incurable.has(code));
}

export function toJobProblem(error: unknown): JobProblem {
  const problem = toProblem(error);
  const { code, status, title, detail } = problem;
  const cause = problem.cause instanceof Error && code === "internal" ? `: ${problem.cause.message}` : "";
  return { code, status, title, detail, reason: problem.message + cause };
}

/**
 * Seconds until the attempt after this one, counted from 1: doubled each time, and spread over half of it so that jobs
 * that failed together do not come back together.
 * @param random from 0 to 1
 */
export function backoffSeconds(attempt: number, baseSeconds: number, random: number): number {
  const whole = Math.min(MAX_BACKOFF_SECONDS, baseSeconds * 2 ** Math.min(attempt - 1, 30));
  return Math.round(whole / 2 + (whole / 2) * random);
}
