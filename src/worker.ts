/** The Worker's entry: the compiled plans over HTTP, from queues and by schedule. */
import { createApp, runDelivered, runScheduled } from "./app.ts";
import { engine } from "./generated/engine.ts";
import { plans } from "./generated/plans.ts";

const app = createApp(plans, engine);

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
  queue: (batch, env) => runDelivered(batch, env, plans, engine),
  scheduled: (controller, env) => runScheduled(controller, env, plans, engine),
} satisfies ExportedHandler<Env>;
