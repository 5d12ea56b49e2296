/**
 * The runtime that bench/rate-limit.ts measures: one statement a call, with a rate limit and without. `/counts` tells
 * what the isolate has asked of the objects that count, and of the database. Plain JavaScript because bench/ is
 * type-checked for Node, which lacks the platform's types.
 */
import { createSluice } from "../src/index.ts";
import { buildOf } from "../test/support/build.ts";
import { watchDatabase } from "../test/support/watched-bindings.ts";

export { RateLimiter } from "../src/runtime/rate-limits/limit-calls.ts";

const plan = (resource, limit) => ({
  id: `${resource}-01`,
  resource,
  authentication: null,
  ...(limit === null ? {} : { rateLimit: { limit, windowSeconds: 3600, identifier: { from: "header", name: "ip" } } }),
  steps: [
    {
      mode: "query",
      id: 1,
      sql: "SELECT count(*) AS files FROM sluice_files",
      writes: false,
      parameters: [],
      columns: {},
      each: null,
      checks: [],
      send: "now",
    },
  ],
  answer: { step: 0, fields: null, shape: "auto" },
  environment: [],
  atomic: true,
});

const sluice = createSluice(buildOf([plan("free", null), plan("wide", 1_000_000), plan("narrow", 50)]));
const counts = { asked: 0, statements: 0 };
let watched = null;

/** One for the isolate's life, as the platform's is: the runtime remembers by it whom it refused. */
const watch = (env) => ({
  ...env,
  DB: watchDatabase(env.DB, (_, make) => {
    counts.statements++;
    return make();
  }),
  RATE_LIMITS: {
    getByName(name) {
      const stub = env.RATE_LIMITS.getByName(name);
      return {
        take(...parameters) {
          counts.asked++;
          return stub.take(...parameters);
        },
      };
    },
  },
});

export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname === "/counts") return Response.json(counts);
    return sluice.fetch(request, (watched ??= watch(env)), context);
  },
};
