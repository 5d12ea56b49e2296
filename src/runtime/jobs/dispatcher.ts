/** Sends jobs' messages. A message that is not sent is no loss: the minute's trigger finds the job. */
import type { JobPriority } from "../../contract/plan.ts";
import type { Log } from "../log.ts";
import type { JobMessage, WakingJob } from "./job.ts";

/** Bindings of wrangler.toml, a queue for each priority: a job never waits behind those of a lower one. */
export const queueBindings: Readonly<Record<JobPriority, string>> = {
  high: "JOBS_HIGH",
  normal: "JOBS",
  low: "JOBS_LOW",
};

/** https://developers.cloudflare.com/queues/platform/limits/ */
const MAX_BATCH_MESSAGES = 100;
const MAX_DELAY_SECONDS = 43_200;

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
    const delay = { delaySeconds: Math.min(delaySeconds, MAX_DELAY_SECONDS) };
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
      for (const priority of ["high", "normal", "low"] as const) {
        const ids = jobs.filter((job) => job.priority === priority).map(({ id }) => id);
        if (ids.length > 0) await sendTo(priority, ids, delaySeconds);
      }
    },
  };
}
