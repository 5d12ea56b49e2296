/** Ends a failed attempt: the job waits for its next attempt, or becomes a dead letter and its call's files are removed. */
import { createLinkRegistry } from "../links/registry.ts";
import type { Call } from "../call/call.ts";
import { Problem, toProblem } from "../../contract/problem.ts";
import { readObjectKey } from "../storage/object-key.ts";
import { backoffSeconds, isCurable, toJobProblem } from "./failure.ts";
import { backgroundOf, secondsAfter, type Job } from "./job.ts";
import type { JobClaim } from "./registry.ts";
import type { Outcome, Reporter, RunnerOptions } from "./runner-options.ts";

/** @throws where the table cannot be reached: then the job comes back when its lease expires */
export async function failAttempt(
  claim: JobClaim,
  error: unknown,
  call: Call,
  options: RunnerOptions,
  report: Reporter,
): Promise<Outcome> {
  const { job } = claim;
  const problem = await explain(job, toProblem(error), call);
  const plan = options.plans.find(({ id }) => id === job.endpoint);
  const maxAttempts = (plan === undefined ? undefined : backgroundOf(plan, job))?.maxAttempts ?? 1;
  if (isCurable(problem) && job.attempts < maxAttempts) return postpone(claim, problem, options, report);

  const kept = toJobProblem(problem);
  const now = options.now();
  const expiresAt = secondsAfter(now, options.settings.retentionSeconds);
  const files = job.context.keepsFiles ? [] : job.files;
  const ended = await options.registry.markDead(claim, kept, files, expiresAt, now.toISOString());
  report(ended === null ? "overtaken" : "dead", { code: kept.code, reason: kept.reason });
  if (ended !== null) await removeObjects(ended.files, call);
  return { kind: "settled" };
}

async function postpone(claim: JobClaim, problem: Problem, options: RunnerOptions, report: Reporter): Promise<Outcome> {
  const { settings, registry, now, random } = options;
  const kept = toJobProblem(problem);
  const moment = now();
  const afterSeconds = backoffSeconds(claim.job.attempts, settings.backoffSeconds, random());
  const dueAt = secondsAfter(moment, afterSeconds);
  // A schedule's job has no message that would be redelivered.
  const patience = claim.job.origin === "schedule" ? 0 : settings.resendSeconds;
  const wakeAt = secondsAfter(moment, afterSeconds + patience);
  const isOurs = await registry.postpone(claim, kept, dueAt, wakeAt, moment.toISOString());
  const line = { code: kept.code, reason: kept.reason };
  report(isOurs ? "retry" : "overtaken", isOurs ? { ...line, after_seconds: afterSeconds } : line);
  return isOurs ? { kind: "again", afterSeconds } : { kind: "settled" };
}

/** A batch fails alike when a row that a step needs is missing and when a file of the call is: this tells them apart. */
async function explain(job: Job, problem: Problem, { deployment }: Call): Promise<Problem> {
  if (problem.code !== "row_missing") return problem;
  const registry = createLinkRegistry(deployment.database, deployment.dialect);
  for (const key of job.files.map(readObjectKey).filter((key) => key !== null)) {
    if ((await registry.find(key))?.file.status === "stored") continue;
    return new Problem("file_not_found", {
      detail: "A file of the call was deleted or expired before the job had run.",
    });
  }
  return problem;
}

/** The rows say `gone` already: the sweep removes what this leaves behind. */
async function removeObjects(names: readonly string[], { deployment: { store, log }, files }: Call): Promise<void> {
  const keys = names.map(readObjectKey).filter((key) => key !== null);
  if (keys.length === 0) return;
  try {
    await store.delete(keys);
    await files.forget(keys);
  } catch (error) {
    log("warn", "undo_failed", { name: "job_files", error: String(error) });
  }
}
