/** Background work and schedules, as the app and the triggers use them; bundled only where an ABI has either. */
import type { BackgroundWork } from "../build.ts";
import { consumeJobs } from "./consume.ts";
import { checkQueues } from "./dispatcher.ts";
import { openJobs } from "./open-jobs.ts";
import { showJob } from "./show-job.ts";
import { tick } from "./tick.ts";
import { deferSteps } from "./writer.ts";

export const backgroundWork: BackgroundWork = {
  defer: deferSteps,

  announce: (deployment, { id, priority, delaySeconds }) =>
    openJobs(deployment).dispatcher.send([{ id, priority }], delaySeconds),

  show: (call, id, headers) => showJob(id, headers, call),

  async deliver(batch, deployment) {
    const { runner, sharing } = openJobs(deployment);
    await consumeJobs(batch, (id) => runner.run(id, sharing), deployment.log);
  },

  check: ({ environment, plans }) => checkQueues(environment, plans),

  tick: (deployment, minute) => tick(openJobs(deployment), deployment.plans, minute),
};
