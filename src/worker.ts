/** The Worker's entry: the compiled plans over HTTP, from queues and by schedule. */
import type { Build } from "./runtime/build.ts";
import { openDocuments } from "./generated/documents.ts";
import { engine } from "./generated/engine.ts";
import { features } from "./generated/features.ts";
import { plans } from "./generated/plans.ts";
// Behind what is built in: the bundle has this order, and packs 1 KiB smaller so.
import { createApp } from "./runtime/app.ts";
import { runDelivered, runScheduled } from "./runtime/triggers.ts";

const build: Build = { plans, engine: { ...engine, openDocuments }, features };
const app = createApp(build);

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
  queue: (batch, env) => runDelivered(batch, env, build),
  scheduled: (controller, env) => runScheduled(controller, env, build),
} satisfies ExportedHandler<Env>;
