/** What running jobs needs, and its outcome. */
import type { Call } from "../call/call.ts";
import type { Plan } from "../../contract/plan.ts";
import type { Log } from "../log.ts";
import type { JobSettings } from "../settings.ts";
import type { Job } from "./job.ts";
import type { JobRegistry } from "./registry.ts";

export interface RunnerOptions {
  readonly registry: JobRegistry;
  readonly plans: readonly Plan[];
  readonly settings: JobSettings;
  /** The call that an attempt continues, at the time of that call. */
  readonly callOf: (job: Job) => Call;
  readonly now: () => Date;
  /** Milliseconds that only grow. */
  readonly clock: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** One line for each attempt. */
  readonly log: Log;
}

/** `settled`: its message is done. `again`: nothing more can happen to the job for that many seconds. */
export type Outcome = { readonly kind: "settled" } | { readonly kind: "again"; readonly afterSeconds: number };

/** Logs how an attempt ended. */
export type Reporter = (outcome: string, more?: Readonly<Record<string, unknown>>) => void;
