/** Sluice as a Worker mounts it. */
import type { Hono } from "hono/tiny";
import { createApp } from "./runtime/app.ts";
import { install, type Build } from "./runtime/build.ts";
import { openDeployment, type Bindings } from "./runtime/deployment.ts";
import { consoleLog, type Log } from "./runtime/log.ts";
import type { AppTypes } from "./runtime/routes/context.ts";
import { runScheduled } from "./runtime/triggers.ts";

export interface Hooks {
  /** Told of every line; without it they go to the console as JSON. */
  readonly log?: Log;
}

/** The handlers of a Worker, and its routes for an app that is there already. */
export interface Sluice {
  readonly routes: Hono<AppTypes>;
  fetch(request: Request, env: Bindings, context: ExecutionContext): Response | Promise<Response>;
  queue(batch: Pick<MessageBatch, "messages" | "queue">, env: Bindings): Promise<void>;
  scheduled(controller: Pick<ScheduledController, "cron" | "scheduledTime">, env: Bindings): Promise<void>;
}

/** @throws Error when the build lacks what one of its plans needs */
export function createSluice(build: Build, { log = consoleLog }: Hooks = {}): Sluice {
  const installed = install(build, log);
  const routes = createApp(installed);
  return {
    routes,
    fetch: (request, env, context) => routes.fetch(request, env, context),
    queue: (batch, env) => installed.features.background.deliver(batch, openDeployment(env, installed)),
    scheduled: (controller, env) => runScheduled(controller, env, installed),
  };
}
