/** The part of an ABI's shape that says what runs in the background, or by time; see schema.ts. */
import * as z from "zod";
import { maxDelaySeconds } from "../../contract/limits.ts";
import { priorities } from "../../contract/plan.ts";

export const queue = z
  .strictObject({
    delay: z
      .int()
      .min(0)
      .max(maxDelaySeconds)
      .describe("Seconds until the job may run, up to 12 hours. Default: 0.")
      .optional(),
    priority: z
      .union([z.int().min(1).max(10), z.enum(priorities)], {
        error: 'expected a number from 1 to 10, or "high", "normal", "low"',
      })
      .describe('How urgent: "high" (8 to 10), "normal" (4 to 7, the default), "low" (1 to 3).')
      .optional(),
  })
  .describe("When and how urgently the job runs.");

/** Of an endpoint, or of an actionable. */
export const background = {
  run_in_background: z.boolean().describe("Runs in a job, after the answer (202).").optional(),
  queue: queue.optional(),
  retries: z.int().min(0).max(20).describe("Further attempts after a failure, ever later. Default: 3.").optional(),
};

export const cronJob = z
  .strictObject({
    execution_interval: z
      .string()
      .describe('Six fields, UTC: "second minute hour day month weekday", such as "0 30 3 * * MON".'),
  })
  .describe("Runs the endpoint by time. Without `protected` it cannot be called.");
