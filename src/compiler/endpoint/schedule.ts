/** Compiles `cron_job`. */
import type { AnswerPlan, ScheduledRun, Step } from "../../contract/plan.ts";
import { checkTrigger, compileScheduledJob, withNeeds, type JobCapabilities } from "./background.ts";
import { cronOf, cronPlaces, readCron } from "./cron.ts";
import type { Report } from "../text/diagnostic.ts";
import type { Task } from "./order.ts";
import type { Abi } from "../language/schema.ts";
import { stepReferences } from "./send.ts";

/** Null without `cron_job` and after a fault. */
export function compileSchedule(
  abi: Abi,
  tasks: readonly Task[],
  steps: readonly Step[],
  answer: AnswerPlan,
  capabilities: JobCapabilities | null,
  report: Report,
): ScheduledRun | null {
  const cron = cronOf(abi);
  if (cron === null) return null;
  checkPlaces(abi, tasks, steps, report);
  const place = `${cron.place}/execution_interval`;
  const uploads = tasks.filter(({ actionable }, index) => actionable.mode === "UPLOAD" && !isByRows(steps[index]));
  for (const task of uploads) {
    report.fault(`${task.place}/mode`, "a cron_job has no request, and so no files: expected QUERY");
  }
  const { schedule: times, fault } = readCron(cron.interval);
  if (times === null) {
    report.fault(place, fault);
    return null;
  }
  if (times.seconds.length > 1) {
    const count = String(times.seconds.length);
    report.warn(place, `fires ${count} times in its minutes: the Worker stays up through each of them`);
  }
  checkTrigger(capabilities, cron.place, report);
  if (uploads.length === 0) warnOfCalls(tasks, steps, report);
  return { times, job: compileScheduledJob(abi, steps, answer) };
}

/** An endpoint has one schedule, and that runs all of it, whichever actionable it stands on. */
function checkPlaces(abi: Abi, tasks: readonly Task[], steps: readonly Step[], report: Report): void {
  const [first, ...others] = cronPlaces(abi);
  if (first === undefined) return;
  for (const { place, interval } of others) {
    if (interval === first.interval) continue;
    report.fault(`${place}/execution_interval`, `differs from ${first.place}: an endpoint runs by one schedule`);
  }
  if (first.on === null) return;
  const isMarked = ({ actionable, isForeign }: Task) => !isForeign && actionable.cron_job !== undefined;
  const marked = tasks.flatMap((task, index) => (isMarked(task) ? [index] : []));
  const run = withNeeds(marked, tasks, steps);
  const other = tasks.find((_, index) => !run.has(index))?.actionable.id;
  if (other === undefined) return;
  const remedy = '"cron_job" at the top of the file, or an ABI of its own for what runs by time';
  report.fault(first.place, `would run the whole endpoint, also actionable ${String(other)}: expected ${remedy}`);
}

/** Files that a QUERY's rows name can be deleted without a request. */
const isByRows = (step: Step | undefined): boolean => step?.mode === "delete-files" && step.keys?.from === "result";

const callValues: Readonly<Record<string, string>> = { claim: "$PROTECTED", payload: "$PAYLOAD", header: "$HEADER" };

/** What only a call has is null in a scheduled run. */
function warnOfCalls(tasks: readonly Task[], steps: readonly Step[], report: Report): void {
  for (const [index, step] of steps.entries()) {
    const names = new Set(stepReferences(step).flatMap(({ from }) => callValues[from] ?? []));
    for (const name of names) report.warn(tasks[index]?.place ?? "", `${name} is null when the cron_job runs this`);
  }
}
