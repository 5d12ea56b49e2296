/** Sends jobs' messages. A message that is not sent is no loss: the minute's trigger finds the job. */
import { queueBindings } from "../../contract/bindings.ts";
import { maxDelaySeconds } from "../../contract/limits.ts";
import { priorities, type JobPriority } from "../../contract/plan.ts";
import type { Log } from "../log.ts";
import type { JobMessage, WakingJob } from "./job.ts";

/** https://developers.cloudflare.com/queues/platform/limits/ */
const MAX_BATCH_MESSAGES = 100;

export type DispatchedJob = Pick<WakingJob, "id" | "priority">;

export interface Dispatcher {
  /** False: the deployment has no queue for this priority. */
  hasQueue(priority: JobPriority): boolean;
  /** Never throws. */
  send(jobs: readonly DispatchedJob[], delaySeconds: number): Promise<void>;
}

/** @param queueOf the binding of that name, undefined when there is none */
export function createDispatcher(queueOf: (binding: string) => Queue<JobMessage> | undefined, log: Log): Dispatcher {
  const sendTo = async (priority: JobPriority, ids: readonly string[], delaySeconds: number) => {
    const queue = queueOf(queueBindings[priority]);
    const delay = { delaySeconds: Math.min(delaySeconds, maxDelaySeconds) };
    try {
      if (queue === undefined) throw new Error(`wrangler.toml has no queue binding ${queueBindings[priority]}`);
      for (let first = 0; first < ids.length; first += MAX_BATCH_MESSAGES) {
        const batch = ids.slice(first, first + MAX_BATCH_MESSAGES);
        await queue.sendBatch(batch.map((id) => ({ body: { id }, ...delay })));
      }
    } catch (error) {
      log("warn", "jobs_not_sent", { priority, jobs: ids.length, error: String(error) });
    }
  };
  return {
    hasQueue: (priority) => queueOf(queueBindings[priority]) !== undefined,
    async send(jobs, delaySeconds) {
      for (const priority of priorities.toReversed()) {
        const ids = jobs.filter((job) => job.priority === priority).map(({ id }) => id);
        if (ids.length > 0) await sendTo(priority, ids, delaySeconds);
      }
    },
  };
}
