/** The Worker's entry: the compiled plans over HTTP, and the sweep by schedule. */
import { createApp, sweep } from "./app.ts";
import { engine } from "./generated/engine.ts";
import { plans } from "./generated/plans.ts";

const app = createApp(plans, engine);

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
  scheduled: (_controller, env) => sweep(env, engine),
} satisfies ExportedHandler<Env>;
