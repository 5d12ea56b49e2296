/** Background work and schedules, as the app and the triggers use them: in the bundle only where an ABI has either. */
import type { BackgroundWork } from "../build.ts";
import { readerOf } from "../services.ts";
import { consumeJobs } from "./consume.ts";
import { createJobOffice } from "./job-office.ts";
import { createJobRegistry } from "./job-registry.ts";
import { openJobs } from "./open-jobs.ts";
import { showJob } from "./show-job.ts";
import { tick } from "./tick.ts";

export const backgroundWork: BackgroundWork = {
  openOffice: ({ database, dialect, resendSeconds, url }) =>
    createJobOffice({ registry: createJobRegistry(database, dialect), resendSeconds, url }),

  announce: (env, build, { id, priority, delaySeconds }) =>
    openJobs(env, build).dispatcher.send([{ id, priority }], delaySeconds),

  async show(env, build, id, headers) {
    const { registry, now } = openJobs(env, build);
    return showJob(id, headers, { registry, plans: build.plans, environment: readerOf(env), now: now() });
  },

  async deliver(batch, env, build) {
    const { runner, log } = openJobs(env, build);
    await consumeJobs(batch, runner, log);
  },

  async tick(env, build, minute) {
    await tick(openJobs(env, build), build.plans, minute);
  },
};
