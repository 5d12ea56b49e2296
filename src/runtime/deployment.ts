/**
 * A deployment as one invocation of the Worker sees it: what is built in, and what bindings and variables say. The only
 * reader of `env`.
 */
import type { Plan } from "../contract/plan.ts";
import type { PlanFeatures } from "./call/features.ts";
import type { Database } from "./database/database.ts";
import type { Dialect } from "./database/dialect.ts";
import type { Engine, EngineEnvironment } from "./database/engine.ts";
import { createEmitter, type Emit, type Hooks, type WaitUntil } from "./hooks.ts";
import { consoleLog, withDetails, type Log } from "./log.ts";
import { readerOf, readSettings, type Environment, type Settings } from "./settings.ts";
import type { ObjectStore } from "./storage/object-store.ts";
import { createR2Store } from "./storage/r2/store.ts";

/** The one binding that every deployment has; the settings decide what else there is. */
export interface Bindings {
  readonly BUCKET: R2Bucket;
}

/** The part of a Worker that stays the same from one invocation to the next. */
export interface Installation {
  readonly plans: readonly Plan[];
  readonly engine: Engine;
  readonly features: PlanFeatures;
  readonly hooks: Hooks;
}

export interface Deployment extends EngineEnvironment {
  readonly plans: readonly Plan[];
  readonly features: PlanFeatures;
  readonly log: Log;
  readonly emit: Emit;
  /** Keeps the invocation alive for work after its answer, which never rejects. */
  readonly waitUntil: WaitUntil;
  readonly environment: Environment;
  /** @throws Problem `misconfigured`, each time it is read */
  readonly settings: Settings;
  readonly store: ObjectStore;
  /** Opened when it is first read. @throws Problem `misconfigured` */
  readonly database: Database;
  readonly dialect: Dialect;
}

export interface InvocationOptions {
  readonly waitUntil: WaitUntil;
  /** In every line of the log. */
  readonly request_id?: string;
}

/** By the platform's `env`, which is the same object as long as the isolate lives. */
const known = new WeakMap<object, Settings>();

export function openDeployment(
  env: Bindings,
  { plans, engine, features, hooks }: Installation,
  { waitUntil, ...common }: InvocationOptions,
): Deployment {
  const log = withDetails(hooks.log ?? consoleLog, common);
  const environment: Environment = { ...env };
  const access: EngineEnvironment = {
    text: readerOf(environment),
    binding: (name) => environment[name],
  };
  let database: Database | null = null;
  return {
    plans,
    features,
    log,
    emit: createEmitter(hooks, env, log, waitUntil),
    waitUntil,
    environment,
    ...access,
    get settings() {
      const settings = known.get(env) ?? readSettings(environment);
      known.set(env, settings);
      return settings;
    },
    store: features.thumbnails.storeWith(createR2Store(env.BUCKET)),
    get database() {
      return (database ??= engine.open(access));
    },
    dialect: engine.dialect,
  };
}
