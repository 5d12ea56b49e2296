/** The Worker's entry: the compiled plans over HTTP, from queues and by schedule. */
import { createApp } from "./app.ts";
import { runDelivered, runScheduled } from "./triggers.ts";
import type { Engine } from "./database/engine.ts";
import { openDocuments } from "./generated/documents.ts";
import { engine as database } from "./generated/engine.ts";
import { plans } from "./generated/plans.ts";

const engine: Engine = { ...database, openDocuments };
const app = createApp(plans, engine);

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
  queue: (batch, env) => runDelivered(batch, env, plans, engine),
  scheduled: (controller, env) => runScheduled(controller, env, plans, engine),
} satisfies ExportedHandler<Env>;
