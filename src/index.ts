/** Sluice as a Worker mounts it. */
import type { Hono } from "hono/tiny";
import { createApp } from "./runtime/app.ts";
import { install, type Build } from "./runtime/build.ts";
import { openDeployment, type Bindings, type Deployment } from "./runtime/deployment.ts";
import type { Hooks } from "./runtime/hooks.ts";
import type { AppTypes } from "./runtime/routes/context.ts";
import { runScheduled } from "./runtime/triggers.ts";

export type { Json, Plan, Uncompiled } from "./contract/plan.ts";
export type { ProblemCode } from "./contract/problem.ts";
export type { Build, Features } from "./runtime/build.ts";
export type { StoredFile } from "./runtime/files/record.ts";
export type { DeletedEvent, Hooks, RefusedEvent, StoredEvent } from "./runtime/hooks.ts";
export type { Log, LogLevel } from "./runtime/log.ts";

/** What keeps work alive behind an answer. */
type Lifetime = Pick<ExecutionContext, "waitUntil">;

/** The handlers of a Worker, and its routes for an app that is there already. */
export interface Sluice<Env extends Bindings = Bindings> {
  /** To be mounted under any path: `app.route("/media", sluice.routes)`. Addresses in answers know the path. */
  readonly routes: Hono<AppTypes>;
  fetch(request: Request, env: Env, context: ExecutionContext): Response | Promise<Response>;
  /** Background work; a Worker with queues of its own hands on the batches of `JOBS`, `JOBS_HIGH` and `JOBS_LOW`. */
  queue(batch: Pick<MessageBatch, "messages" | "queue">, env: Env, context?: Lifetime): Promise<void>;
  /** Schedules, lost jobs and the sweep: needs the trigger "* * * * *". */
  scheduled(
    controller: Pick<ScheduledController, "cron" | "scheduledTime">,
    env: Env,
    context?: Lifetime,
  ): Promise<void>;
}

/**
 * A Worker of compiled ABIs. Each call makes one with routes, caches and limits of its own.
 * @param build what `sluice build` wrote
 * @throws Error when the build lacks what one of its plans needs
 */
export function createSluice<Env extends Bindings = Bindings>(build: Build, hooks: Hooks<Env> = {}): Sluice<Env> {
  const installed = install(build, hooks);
  const { background } = installed.features;
  const routes = createApp(installed);
  const open = (env: Env, context?: Lifetime): Deployment =>
    openDeployment(env, installed, { waitUntil: (work) => context?.waitUntil(work) });
  return {
    routes,
    fetch: (request, env, context) => routes.fetch(request, env, context),
    queue: (batch, env, context) => background.deliver(batch, open(env, context)),
    scheduled: (controller, env, context) => runScheduled(controller, open(env, context), background),
  };
}
