/** Plans with background steps, and a queue that the test delivers by hand. */
import { env } from "cloudflare:workers";
import { createSluice } from "../../../../src/index.ts";
import type { JobMessage } from "../../../../src/runtime/jobs/job.ts";
import type { BackgroundPlan, Json, Plan } from "../../../../src/contract/plan.ts";
import type { FormPart } from "../../../support/app.ts";
import { buildOf } from "../../../support/build.ts";
import { png } from "../../../support/pictures.ts";
import { claimId, planOf, queryStep, uploadStep } from "../../../support/plans.ts";

export const red: FormPart = { fileName: "red.png", type: "image/png", body: png([200, 30, 30]) };

export const INSERT_GALLERY =
  "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES (?1, ?2, ?3, 'x', ?4, ?5, ?5) RETURNING id, storage_key, created_at";

/** One row for each file of the upload at step 0. */
export const storeRows = queryStep({
  sql: INSERT_GALLERY,
  parameters: [
    { value: { from: "generator", kind: "NANOID" }, type: "any" },
    { value: claimId, type: "any" },
    { value: { from: "element", path: ["storage_key"] }, type: "any" },
    { value: { from: "element", path: ["file_size"] }, type: "any" },
    { value: { from: "now" }, type: "any" },
  ],
  each: { from: "result", step: 0, path: [] },
});

export function background(change: Partial<BackgroundPlan> = {}): BackgroundPlan {
  return {
    steps: [1],
    answer: { step: 0, fields: ["storage_key"], shape: "list" },
    reads: { payload: false, headers: [], results: [0] },
    delaySeconds: 0,
    priority: "normal",
    maxAttempts: 3,
    keepsFiles: false,
    fingerprint: "one",
    ...change,
  };
}

/** Uploads in the request, writes the rows in a job. */
export function backgroundPlan(
  change: Partial<BackgroundPlan> = {},
  steps: Plan["steps"] = [uploadStep(), storeRows],
): Plan {
  return planOf(steps, { background: background(change), answer: { step: 1, fields: null, shape: "list" } });
}

/** Bindings whose queues keep what is sent. */
export interface SentMessage {
  readonly queue: string;
  readonly body: JobMessage;
  readonly delaySeconds: number;
}

/** @param names of the bindings; the usual one queue without */
export function recordingQueues(names: readonly string[] = ["JOBS"]): {
  readonly sent: SentMessage[];
  readonly bindings: Record<string, unknown>;
} {
  const sent: SentMessage[] = [];
  const queue = (name: string) => ({
    async sendBatch(messages: Iterable<MessageSendRequest<JobMessage>>) {
      for (const { body, delaySeconds = 0 } of messages) sent.push({ queue: name, body, delaySeconds });
    },
  });
  return { sent, bindings: Object.fromEntries(names.map((name) => [name, queue(name)])) };
}

/**
 * Delivers the jobs in one batch and resolves with what became of each message: seconds when it is to come again. The
 * plugin's own batches do not tell the seconds.
 */
export async function deliver(
  plans: readonly Plan[],
  ids: readonly string[],
  bindings: Record<string, unknown> = {},
): Promise<readonly ("ack" | number)[]> {
  const outcomes: ("ack" | number)[] = [];
  const messages = ids.map((id, index) => ({
    id: `m${index}`,
    timestamp: new Date(),
    attempts: 1,
    body: { id },
    ack: () => void (outcomes[index] = "ack"),
    retry: ({ delaySeconds = 0 }: QueueRetryOptions = {}) => void (outcomes[index] = delaySeconds),
  }));
  await createSluice(buildOf(plans)).queue({ queue: "sluice-jobs", messages }, { ...env, ...bindings } as Env);
  return outcomes;
}

export type JobRecord = Record<string, Json>;

export async function readJobs(): Promise<readonly JobRecord[]> {
  return (await env.DB.prepare("SELECT * FROM sluice_jobs ORDER BY created_at, id").all<JobRecord>()).results;
}

/** Makes whatever waits for its time due now. */
export async function passTime(): Promise<void> {
  const past = "2020-01-01T00:00:00.000Z";
  await env.DB.prepare("UPDATE sluice_jobs SET due_at = ?1, wake_at = ?1 WHERE state IN ('queued', 'running')")
    .bind(past)
    .run();
}
