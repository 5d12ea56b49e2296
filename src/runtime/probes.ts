/** The probes of a deployment's health: for each thing that it must have or reach, a call that rejects where it cannot. */
import type { BackgroundWork } from "./build.ts";
import { probeDatabase } from "./database/probe-database.ts";
import type { Deployment } from "./deployment.ts";
import type { Probes } from "./http/health.ts";
import { checkEnvironment } from "./settings.ts";

export function probesOf(deployment: Deployment, background: BackgroundWork): Probes {
  return {
    environment: async () => checkEnvironment(deployment.environment, deployment.plans),
    queues: async () => background.check(deployment),
    bucket: async () => (deployment.environment["BUCKET"] as R2Bucket).head("healthz"),
    database: async () => probeDatabase(deployment.database, deployment.dialect),
  };
}
