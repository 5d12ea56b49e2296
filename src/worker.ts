/** The Worker's entry: the compiled plans over HTTP, and the sweep by schedule. */
import { createApp, sweep } from "./app.ts";
import { plans } from "./generated/plans.ts";

const app = createApp(plans);

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
  scheduled: (_controller, env) => sweep(env),
} satisfies ExportedHandler<Env>;
