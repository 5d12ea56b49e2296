/** Compiles `cron_job`. */
import type { AnswerPlan, ScheduledRun, Step } from "../../contract/plan.ts";
import { checkTrigger, compileScheduledJob, type JobCapabilities } from "./background.ts";
import { readCron } from "./cron.ts";
import type { Report } from "../text/diagnostic.ts";
import type { Task } from "./order.ts";
import type { Abi } from "../language/schema.ts";
import { stepReferences } from "./send.ts";

const place = "/cron_job/execution_interval";

/** Null without `cron_job` and after a fault. */
export function compileSchedule(
  abi: Abi,
  tasks: readonly Task[],
  steps: readonly Step[],
  answer: AnswerPlan,
  capabilities: JobCapabilities | null,
  report: Report,
): ScheduledRun | null {
  if (abi.cron_job === undefined) return null;
  const uploads = tasks.filter(({ actionable }, index) => actionable.mode === "UPLOAD" && !isByRows(steps[index]));
  for (const task of uploads) {
    report.fault(`${task.place}/mode`, "a cron_job has no request, and so no files: expected QUERY");
  }
  const { schedule: times, fault } = readCron(abi.cron_job.execution_interval);
  if (times === null) {
    report.fault(place, fault);
    return null;
  }
  if (times.seconds.length > 1) {
    const count = String(times.seconds.length);
    report.warn(place, `fires ${count} times in its minutes: the Worker stays up through each of them`);
  }
  checkTrigger(capabilities, "/cron_job", report);
  if (uploads.length === 0) warnOfCalls(tasks, steps, report);
  return { times, job: compileScheduledJob(abi, steps, answer) };
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
