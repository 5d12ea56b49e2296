/** The names that wrangler's configuration and the Worker share: bindings, the cron trigger, and a class. */
import type { JobPriority } from "./plan.ts";

export const d1Binding = "DB";
export const hyperdriveBinding = "HYPERDRIVE";

/** The Durable Objects that count calls, and their class, which the Worker's module exports. */
export const rateLimitsBinding = "RATE_LIMITS";
export const rateLimiterClass = "RateLimiter";

/** The Durable Objects that take resumable uploads, one for each, and their class. */
export const resumableUploadsBinding = "RESUMABLE_UPLOADS";
export const resumableUploadClass = "ResumableUpload";

/** All Durable Objects, by the feature that needs them. */
export const durableObjects = {
  rateLimits: { binding: rateLimitsBinding, className: rateLimiterClass },
  resumable: { binding: resumableUploadsBinding, className: resumableUploadClass },
} as const;
export type ObjectFeature = keyof typeof durableObjects;

/** The queue of each priority. Those of high and low may be missing; JOBS then carries all jobs, the most urgent first. */
export const queueBindings: Readonly<Record<JobPriority, string>> = {
  high: "JOBS_HIGH",
  normal: "JOBS",
  low: "JOBS_LOW",
};

/** Drives schedules, lost jobs and the sweep: https://developers.cloudflare.com/workers/configuration/cron-triggers/ */
export const everyMinute = "* * * * *";
