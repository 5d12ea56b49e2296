/** Makes what background work stands on from the deployment's bindings and settings. Knows nothing of routes. */
import type { Build } from "../build.ts";
import { createServices, environmentOf, openDatabase } from "../services.ts";
import { readSettings, type JobSettings } from "../settings.ts";
import { createDispatcher, type Dispatcher } from "./dispatcher.ts";
import type { JobMessage } from "./job.ts";
import { createJobRegistry, type JobRegistry } from "./registry.ts";
import { createJobRunner, type JobRunner } from "./run-job.ts";
import { createSlots, type Slots } from "./schedule/claims.ts";

export interface Jobs {
  readonly registry: JobRegistry;
  readonly dispatcher: Dispatcher;
  readonly runner: JobRunner;
  readonly slots: Slots;
  readonly settings: JobSettings;
  /** Stands for a call's address where there is no call. */
  readonly url: string;
  readonly now: () => Date;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly log: (event: string, details: Readonly<Record<string, unknown>>) => void;
}

/** For one invocation of the Worker. @throws Problem `misconfigured` */
export function openJobs(env: Env, build: Build): Jobs {
  const { plans, engine } = build;
  const environment = environmentOf(env);
  const settings = readSettings(environment);
  const database = openDatabase(env, engine);
  const registry = createJobRegistry(database, engine.dialect);
  const log: Jobs["log"] = (event, details) => console.log(JSON.stringify({ event, ...details }));
  const now = () => new Date();
  return {
    registry,
    dispatcher: createDispatcher((binding) => environment[binding] as Queue<JobMessage> | undefined, log),
    runner: createJobRunner({
      registry,
      plans,
      settings: settings.jobs,
      servicesOf({ id, context }) {
        const identity = { id, url: context.url, clientIp: context.clientIp ?? null };
        return {
          ...createServices(env, build, settings, identity, receivesNothing),
          now: new Date(context.now),
          jobs: null,
        };
      },
      now,
      clock: () => performance.now(),
      random: Math.random,
      log,
    }),
    slots: createSlots(database, engine.dialect),
    settings: settings.jobs,
    url: settings.publicBaseUrl ?? "http://localhost",
    now,
    wait: (milliseconds) => scheduler.wait(milliseconds),
    log,
  };
}

function receivesNothing(): never {
  throw new Error("A job has read its call's body before it began");
}
