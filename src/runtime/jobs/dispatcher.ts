/**
 * Sends jobs' messages. A priority has its own queue where wrangler's configuration has one, else it shares the normal one's. A
 * message that is not sent is no loss: the minute's trigger finds the job.
 */
import { queueBindings } from "../../contract/bindings.ts";
import { maxDelaySeconds } from "../../contract/limits.ts";
import { priorities, type JobPriority, type Plan } from "../../contract/plan.ts";
import type { Log } from "../log.ts";
import type { Environment } from "../settings.ts";
import { misconfigured } from "../../contract/problem.ts";
import type { JobMessage, WakingJob } from "./job.ts";

/** https://developers.cloudflare.com/queues/platform/limits/ */
const MAX_BATCH_MESSAGES = 100;

/** Undefined: no queue carries such jobs, and the minute's trigger runs them itself. */
function queueOf(bindings: Environment, priority: JobPriority): Queue<JobMessage> | undefined {
  return (bindings[queueBindings[priority]] ?? bindings[queueBindings.normal]) as Queue<JobMessage> | undefined;
}

export type DispatchedJob = Pick<WakingJob, "id" | "priority">;

export interface Dispatcher {
  /** False: the deployment has no queue for this priority. */
  hasQueue(priority: JobPriority): boolean;
  /** Never throws. */
  send(jobs: readonly DispatchedJob[], delaySeconds: number): Promise<void>;
}

export function createDispatcher(bindings: Environment, log: Log): Dispatcher {
  const sendTo = async (priority: JobPriority, ids: readonly string[], delaySeconds: number) => {
    const queue = queueOf(bindings, priority);
    const delay = { delaySeconds: Math.min(delaySeconds, maxDelaySeconds) };
    try {
      if (queue === undefined) throw new Error("there is no queue for it");
      for (let first = 0; first < ids.length; first += MAX_BATCH_MESSAGES) {
        const batch = ids.slice(first, first + MAX_BATCH_MESSAGES);
        await queue.sendBatch(batch.map((id) => ({ body: { id }, ...delay })));
      }
    } catch (error) {
      log("warn", "jobs_not_sent", { priority, jobs: ids.length, error: String(error) });
    }
  };
  return {
    hasQueue: (priority) => queueOf(bindings, priority) !== undefined,
    async send(jobs, delaySeconds) {
      for (const priority of priorities.toReversed()) {
        const ids = jobs.filter((job) => job.priority === priority).map(({ id }) => id);
        if (ids.length > 0) await sendTo(priority, ids, delaySeconds);
      }
    },
  };
}

const prioritiesOf = (plans: readonly Plan[]): ReadonlySet<JobPriority> =>
  new Set(plans.flatMap(({ background }) => background?.priority ?? []));

/** Priorities of the plans' jobs that share one queue, the highest first; none where nothing needs ordering. */
export function sharingPriorities(bindings: Environment, plans: readonly Plan[]): readonly JobPriority[] {
  const used = prioritiesOf(plans);
  const isShared = (priority: JobPriority) =>
    used.has(priority) && (priority === "normal" || bindings[queueBindings[priority]] === undefined);
  const shared = priorities.toReversed().filter(isShared);
  return shared.length > 1 ? shared : [];
}

/** @throws Problem `misconfigured` where the plans have jobs that no queue carries */
export function checkQueues(bindings: Environment, plans: readonly Plan[]): void {
  for (const priority of prioritiesOf(plans)) {
    if (queueOf(bindings, priority) !== undefined) continue;
    throw misconfigured(`there is no queue binding ${queueBindings.normal}`);
  }
}
