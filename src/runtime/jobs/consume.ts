/** Consumes a queue's messages, one for each job. */
import { maxDelaySeconds } from "../../contract/limits.ts";
import type { Log } from "../log.ts";
import type { Outcome } from "./runner-options.ts";

/** Delay before a message is redelivered whose job could not even be looked up. */
const UNREACHABLE_SECONDS = 30;

/** Acknowledges or retries each message separately: one that fails does not bring the others back. */
export async function consumeJobs(
  batch: Pick<MessageBatch, "messages" | "queue">,
  run: (id: string) => Promise<Outcome>,
  log: Log,
): Promise<void> {
  await Promise.all(
    batch.messages.map(async (message) => {
      const id = readId(message.body);
      if (id === null) {
        log("warn", "job_message_unknown", { queue: batch.queue });
        message.ack();
        return;
      }
      try {
        const outcome = await run(id);
        if (outcome.kind === "settled") message.ack();
        else message.retry({ delaySeconds: Math.min(outcome.afterSeconds, maxDelaySeconds) });
      } catch (error) {
        log("warn", "job_unreachable", { job_id: id, error: String(error) });
        message.retry({ delaySeconds: UNREACHABLE_SECONDS });
      }
    }),
  );
}

function readId(body: unknown): string | null {
  const id: unknown = typeof body === "object" && body !== null && "id" in body ? body.id : null;
  return typeof id === "string" ? id : null;
}
