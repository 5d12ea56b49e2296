/** What a deployment must have and reach to work: for each, a call that rejects where it has not. */
import type { Build } from "./build.ts";
import { probeDatabase } from "./database/probe-database.ts";
import type { Probes } from "./http/health.ts";
import { environmentOf, openDatabase } from "./services.ts";
import { checkEnvironment } from "./settings.ts";

export function probesOf(env: Env, { plans, engine }: Build): Probes {
  return {
    environment: async () => checkEnvironment(environmentOf(env), plans),
    bucket: async () => env.BUCKET.head("healthz"),
    database: async () => probeDatabase(openDatabase(env, engine), engine.dialect),
  };
}
