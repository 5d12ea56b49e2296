/** Everything that background work needs in one invocation of the Worker. */
import type { JobPriority } from "../../contract/plan.ts";
import { createCall } from "../call/call.ts";
import type { Deployment } from "../deployment.ts";
import type { Log } from "../log.ts";
import type { JobSettings } from "../settings.ts";
import { createDispatcher, sharingPriorities, type Dispatcher } from "./dispatcher.ts";
import { createJobRegistry, type JobRegistry } from "./registry.ts";
import { createJobRunner, type JobRunner } from "./run-job.ts";
import { createScheduleClaims, type ScheduleClaims } from "./schedule/claims.ts";

export interface Jobs {
  readonly registry: JobRegistry;
  readonly dispatcher: Dispatcher;
  readonly runner: JobRunner;
  /** Priorities that one queue carries; see jobs/dispatcher. */
  readonly sharing: readonly JobPriority[];
  readonly scheduleClaims: ScheduleClaims;
  readonly settings: JobSettings;
  /** Takes the place of a call's address where there is no call. */
  readonly url: string;
  readonly now: () => Date;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly log: Log;
}

/** For one invocation of the Worker. @throws Problem `misconfigured` */
export function openJobs(deployment: Deployment): Jobs {
  const { plans, settings, database, dialect, environment, log } = deployment;
  const registry = createJobRegistry(database, dialect);
  const now = () => new Date();
  return {
    registry,
    dispatcher: createDispatcher(environment, log),
    runner: createJobRunner({
      registry,
      plans,
      settings: settings.jobs,
      callOf({ id, context: { url, clientIp = null, now: moment } }) {
        const identity = { id, base: url, clientIp, now: new Date(moment) };
        return createCall(deployment, { ...identity, setField: () => undefined, openAccount: receivesNothing });
      },
      now,
      clock: () => performance.now(),
      random: Math.random,
      log,
    }),
    sharing: sharingPriorities(environment, plans),
    scheduleClaims: createScheduleClaims(database, dialect),
    settings: settings.jobs,
    url: settings.publicBaseUrl || "http://localhost",
    now,
    wait: (milliseconds) => scheduler.wait(milliseconds),
    log,
  };
}

function receivesNothing(): never {
  throw new Error("A job has read its call's body before it began");
}
