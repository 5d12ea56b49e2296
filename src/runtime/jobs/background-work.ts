/** Background work and schedules, as the app and the triggers use them: in the bundle only where an ABI has either. */
import type { BackgroundWork } from "../build.ts";
import { consumeJobs } from "./consume.ts";
import { createJobOffice } from "./writer.ts";
import { createJobRegistry } from "./registry.ts";
import { openJobs } from "./open-jobs.ts";
import { showJob } from "./show-job.ts";
import { tick } from "./tick.ts";

export const backgroundWork: BackgroundWork = {
  openOffice: ({ database, dialect, ...options }) =>
    createJobOffice({ registry: createJobRegistry(database, dialect), ...options }),

  announce: (env, build, { id, priority, delaySeconds }) =>
    openJobs(env, build).dispatcher.send([{ id, priority }], delaySeconds),

  show: (services, { plans, engine }, id, headers) =>
    showJob(id, headers, { ...services, plans, registry: createJobRegistry(services.database, engine.dialect) }),

  async deliver(batch, env, build) {
    const { runner, log } = openJobs(env, build);
    await consumeJobs(batch, runner, log);
  },

  async tick(env, build, minute) {
    await tick(openJobs(env, build), build.plans, minute);
  },
};
