/**
 * Runs one attempt of a job through the same steps as a call. Every effect becomes durable only together with the
 * record of it, so a message may come twice and a Worker may end anywhere.
 */
import type { JobPriority, Plan } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { runAfterCommit, runSteps, selectAnswer } from "../pipeline/run.ts";
import type { RunContext } from "../call/run-context.ts";
import type { Scope, StepResult } from "../call/scope.ts";
import type { Call } from "../call/call.ts";
import { createTimings } from "../call/timings.ts";
import { createTransaction, type Journal } from "../call/transaction.ts";
import { createUndoList } from "../call/undo.ts";
import { failAttempt } from "./fail-attempt.ts";
import { backgroundOf, newJobId, secondsAfter, type Job } from "./job.ts";
import type { Outcome, RunnerOptions } from "./runner-options.ts";
import type { DoneSteps, JobClaim } from "./registry.ts";

export interface JobRunner {
  /**
   * Never runs a job that another attempt has, nor one before its time. @throws where the table cannot be reached
   * @param sharing as in `JobRegistry.take`
   */
  run(id: string, sharing?: readonly JobPriority[]): Promise<Outcome>;
}

const settled: Outcome = { kind: "settled" };

export function createJobRunner(options: RunnerOptions): JobRunner {
  const { registry, settings, now } = options;
  return {
    async run(id, sharing) {
      const began = options.clock();
      const lease = newJobId();
      const moment = now();
      const leaseUntil = secondsAfter(moment, settings.leaseSeconds);
      const taken = await registry.take(id, lease, moment.toISOString(), leaseUntil, sharing);
      if (taken.job === null) return whenAgain(taken.found, moment);
      const claim = { job: taken.job, lease };
      const call = options.callOf(taken.job);
      const report = (outcome: string, more: Readonly<Record<string, unknown>> = {}) => {
        const { id: jobId, endpoint, attempts: attempt, origin } = claim.job;
        const milliseconds = Math.round(options.clock() - began);
        options.log("info", "job", { job_id: jobId, endpoint, origin, attempt, outcome, milliseconds, ...more });
      };
      try {
        await attempt(claim, taken.doneSteps, call, options);
        report("done");
        return settled;
      } catch (error) {
        return await failAttempt(claim, error, call, options, report);
      } finally {
        await call.close();
      }
    },
  };
}

/** When to try again a job that cannot be taken: finished, unknown, not due yet, or held by another attempt. */
function whenAgain(found: Job | null, now: Date): Outcome {
  if (found === null || found.state === "done" || found.state === "dead") return settled;
  const until = Date.parse(found.state === "running" ? found.wakeAt : found.dueAt);
  return { kind: "again", afterSeconds: Math.max(1, Math.ceil((until - now.getTime()) / 1000)) };
}

async function attempt(claim: JobClaim, doneSteps: DoneSteps, call: Call, options: RunnerOptions): Promise<void> {
  const { job } = claim;
  const plan = findPlan(job, options.plans);
  if (job.attempts > plan.background.maxAttempts) {
    throw interrupted("The Worker ended during the last attempt that it had");
  }
  checkResults(plan, doneSteps);

  const scope = await createScope(job, doneSteps, call);
  const transaction = createTransaction(
    call.deployment.database,
    () => call.openDocuments().begin(),
    createJournal(claim, scope, call, options),
  );
  const context: RunContext = {
    plan,
    scope,
    body: capturedBody(job),
    intake: null,
    call,
    files: [],
    transaction,
    undo: createUndoList(call.deployment.log),
  };
  const wanted = new Set(plan.background.steps.filter((step) => !doneSteps.has(step)));
  try {
    await runSteps(
      context,
      (index) => wanted.has(index),
      createTimings(() => performance.now()),
    );
    await transaction.commit();
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
  // The rows of the last batch are known only now. A Worker that ends here leaves a finished job without its answer.
  await options.registry
    .keepAnswer(job.id, call.links.keep(selectAnswer(plan.answer, scope)))
    .catch((error: unknown) => {
      options.log("warn", "job_answer_lost", { job_id: job.id, error: String(error) });
    });
  await runAfterCommit(transaction, call.deployment.log);
}

type JobPlan = Plan & { readonly background: NonNullable<Plan["background"]> };

/** @throws Problem `job_outdated` when a deployment changed what the job would do */
function findPlan(job: Job, plans: readonly Plan[]): JobPlan {
  const plan = plans.find(({ id }) => id === job.endpoint);
  const background = plan === undefined ? undefined : backgroundOf(plan, job);
  if (plan !== undefined && background?.fingerprint === job.fingerprint) return { ...plan, background };
  const detail =
    plan === undefined
      ? "The endpoint was removed by a deployment before the job had run."
      : "The endpoint was changed by a deployment before the job had run.";
  throw new Problem("job_outdated", { detail });
}

/** @throws Problem `job_interrupted` when a step cannot be repeated and what it returned is needed and lost */
function checkResults(plan: Plan, doneSteps: DoneSteps): void {
  for (const [index, result] of doneSteps) {
    const step = plan.steps[index];
    if (result !== null || step?.mode !== "query" || step.send === "commit") continue;
    throw interrupted(`The Worker ended right after actionable ${step.id} was written, before its rows were kept`);
  }
}

function interrupted(reason: string): Problem {
  return new Problem("job_interrupted", { reason });
}

async function createScope(
  { context, owner }: Job,
  doneSteps: DoneSteps,
  { deployment, clientIp, now, links }: Call,
): Promise<Scope> {
  const results: Scope["results"] = new Map((await links.revive(context.results)) as [number, StepResult][]);
  for (const [step, result] of doneSteps) {
    if (result !== null) results.set(step, (await links.revive(result)) as StepResult);
  }
  return {
    identity: { claims: context.claims, caller: owner, fault: null },
    payload: context.payload,
    results,
    headers: new Headers(context.headers),
    clientIp,
    environment: deployment.text,
    now,
  };
}

/** The payload was read by the call, and its files were stored. */
function capturedBody({ context }: Job): RunContext["body"] {
  return {
    payload: context.payload,
    isForm: false,
    isComplete: true,
    readFields: async () => undefined,
    async *files() {
      // Stored by the call.
    },
    close: async () => undefined,
  };
}

function createJournal(
  claim: JobClaim,
  scope: Scope,
  { links }: Call,
  { registry, settings, now }: RunnerOptions,
): Journal {
  return {
    opening(steps) {
      const moment = now().toISOString();
      return [...registry.holding(claim, moment), ...steps.map((step) => registry.noting(claim, step, moment))];
    },
    recording: (steps) =>
      steps.flatMap((step) => {
        const result = scope.results.get(step);
        return result === undefined ? [] : [registry.keepingResult(claim, step, links.keep(result))];
      }),
    closing: () => registry.finishing(claim, secondsAfter(now(), settings.retentionSeconds), now().toISOString()),
  };
}
