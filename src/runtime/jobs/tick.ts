/** What the minute's trigger does for jobs: brings back those whose message or attempt was lost, and runs schedules. */
import type { Plan } from "../../contract/plan.ts";
import type { Jobs } from "./open-jobs.ts";
import { isScheduled, runSchedule } from "./schedule/run.ts";
import { secondsAfter } from "./job.ts";

/** The most jobs in one minute; the rest wait for the next. */
const MAX_WOKEN = 1000;

/** Never throws: one schedule's fault is not another's. @param minute its first millisecond */
export async function tick(jobs: Jobs, plans: readonly Plan[], minute: number): Promise<void> {
  const guard = (name: string, work: Promise<unknown>) =>
    work.catch((error: unknown) => jobs.log("error", "tick_failed", { name, error: String(error) }));
  const { runner, registry, scheduleClaims, now, wait, log, settings, url } = jobs;
  const options = { runner, registry, scheduleClaims, now, wait, log, url, resendSeconds: settings.resendSeconds };
  const scheduled = plans.filter(isScheduled);
  await Promise.all([
    guard("wake", wakeJobs(jobs)),
    ...scheduled.map((plan) => guard(plan.id, runSchedule(plan, minute, options))),
  ]);
}

async function wakeJobs({ registry, dispatcher, runner, settings, now, log }: Jobs): Promise<void> {
  const moment = now();
  const wakeAt = secondsAfter(moment, settings.resendSeconds);
  const woken = await registry.wake(moment.toISOString(), wakeAt, MAX_WOKEN);
  if (woken.length === 0) return;
  log("info", "jobs_woken", { jobs: woken.length });
  // A schedule's job never had a message.
  const isDirect = ({ origin, priority }: (typeof woken)[number]) =>
    origin === "schedule" || !dispatcher.hasQueue(priority);
  await dispatcher.send(
    woken.filter((job) => !isDirect(job)),
    0,
  );
  for (const { id } of woken.filter(isDirect)) {
    await runner
      .run(id)
      .catch((error: unknown) => log("warn", "job_unreachable", { job_id: id, error: String(error) }));
  }
}
