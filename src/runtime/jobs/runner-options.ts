/** What running jobs needs and what comes of it. */
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
  /** The call that an attempt goes on with, at the moment of then. */
  readonly callOf: (job: Job) => Call;
  readonly now: () => Date;
  /** Milliseconds that only grow. */
  readonly clock: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** One line for each attempt. */
  readonly log: Log;
}

/** `settled`: its message has done its work. `again`: nothing more can happen to it before that many seconds. */
export type Outcome = { readonly kind: "settled" } | { readonly kind: "again"; readonly afterSeconds: number };

/** Tells the log how an attempt ended. */
export type Reporter = (outcome: string, more?: Readonly<Record<string, unknown>>) => void;
