/**
 * Runs what a schedule has due in one minute. Each due time becomes a job, so a run is retried and recorded like any
 * other, and never repeated.
 */
import type { Plan, ScheduledRun } from "../../../contract/plan.ts";
import type { Log } from "../../log.ts";
import { nextRun } from "./next-run.ts";
import { newJobId, secondsAfter } from "../job.ts";
import type { JobRegistry } from "../registry.ts";
import type { JobRunner } from "../run-job.ts";
import type { ScheduleClaims } from "./claims.ts";

export interface ScheduledPlan extends Plan {
  readonly schedule: ScheduledRun;
}

export interface ScheduleOptions {
  readonly scheduleClaims: ScheduleClaims;
  readonly registry: Pick<JobRegistry, "queueing">;
  readonly runner: JobRunner;
  readonly now: () => Date;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Takes the place of a call's own address. */
  readonly url: string;
  readonly resendSeconds: number;
  readonly log: Log;
}

const MINUTE_MILLISECONDS = 60_000;

export const isScheduled = (plan: Plan): plan is ScheduledPlan => plan.schedule !== undefined;

/** Runs one missed time, however many were missed, then those of the minute, each at its second. */
export async function runSchedule(plan: ScheduledPlan, minute: number, options: ScheduleOptions): Promise<void> {
  const { scheduleClaims, now, wait } = options;
  const end = minute + MINUTE_MILLISECONDS;
  // Before its first trigger a schedule has missed nothing.
  let last = (await scheduleClaims.last(plan.id)) ?? minute - 1;
  if (nextRun(plan.schedule.times, last, minute) !== null) {
    await runSlot(plan, minute - 1, options);
    last = minute - 1;
  }
  last = Math.max(last, minute - 1);
  for (
    let moment = nextRun(plan.schedule.times, last, end);
    moment !== null;
    moment = nextRun(plan.schedule.times, moment, end)
  ) {
    await wait(Math.min(MINUTE_MILLISECONDS, Math.max(0, moment - now().getTime())));
    await runSlot(plan, moment, options);
  }
}

async function runSlot(plan: ScheduledPlan, slot: number, options: ScheduleOptions): Promise<void> {
  const { scheduleClaims, registry, runner, now, log } = options;
  const id = newJobId();
  const moment = now();
  const queueing = registry.queueing({
    id,
    endpoint: plan.id,
    origin: "schedule",
    fingerprint: plan.schedule.job.fingerprint,
    owner: null,
    priority: plan.schedule.job.priority,
    context: {
      claims: {},
      payload: null,
      headers: {},
      results: "[]",
      now: moment.toISOString(),
      url: options.url,
      keepsFiles: plan.schedule.job.keepsFiles,
    },
    files: [],
    dueAt: moment.toISOString(),
    // No message will come for it.
    wakeAt: secondsAfter(moment, options.resendSeconds),
    createdAt: moment.toISOString(),
  });
  if (await scheduleClaims.claim(plan.id, slot, queueing)) await runner.run(id);
  else log("info", "schedule_skipped", { endpoint: plan.id, slot: new Date(slot).toISOString() });
}
