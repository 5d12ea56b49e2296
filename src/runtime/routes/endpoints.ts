/** The plans' own routes; every other address belongs to the gallery's page, where the deployment has one. */
import { Hono } from "hono/tiny";
import { canBeCalled, type Plan } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { jobsPath, resumablePath } from "../../contract/routes.ts";
import type { AnswerCall, BackgroundWork, Installed } from "../build.ts";
import { listMethods, type Routes } from "../http/exact-routes.ts";
import { servePage } from "../http/gallery-page.ts";
import { refuseInMaintenance } from "../pipeline/maintenance.ts";
import { runPlan, type Answer } from "../pipeline/run.ts";
import { answering, baseOf, pathOf, type AppContext, type AppTypes } from "./context.ts";

interface Endpoints extends Pick<Routes, "methodsAt"> {
  readonly app: Hono<AppTypes>;
}

export function createEndpoints({ plans, features, fileApi, resumable }: Installed): Endpoints {
  const callable = plans.filter(canBeCalled);
  const { route, planAt, methodsAt } = features.routing(callable);
  const findLinks = (path: string, allowed: ReadonlySet<string>) =>
    features.uploadLinks.find(path, (address, method) => planAt(address, method, allowed));

  const run = (c: AppContext, plan: Plan, request: Request) => {
    refuseInMaintenance(plan);
    const answer = answerBy(c, features.background);
    return answering(c, (call) =>
      resumable?.isCreation(plan, request) === true
        ? resumable.create(plan, request, call, answer)
        : answer(plan, request, call),
    );
  };

  const app = new Hono<AppTypes>();
  if (resumable !== null) {
    app.all(`${resumablePath}/*`, (c) =>
      answering(c, (call) => resumable.serve(c.req.raw, pathOf(c), call, answerBy(c, features.background))),
    );
  }
  app.all("/*", (c) => {
    const { allowedMethods } = c.var.deployment.settings;
    const path = pathOf(c).slice(1);
    const answer = route(path, c.req.raw, allowedMethods, (plan, request) => run(c, plan, request));
    if (answer !== undefined) return answer;
    const links = findLinks(path, allowedMethods);
    return links === null ? showPage(c, fileApi !== null) : answering(c, (call) => links.answer(c.req.raw, call));
  });
  return {
    app,
    methodsAt(path, allowed) {
      const links = findLinks(path, allowed);
      return links === null ? methodsAt(path, allowed) : listMethods(links.methods);
    },
  };
}

/** Carries out a call, and makes its answer. */
const answerBy =
  (c: AppContext, background: BackgroundWork): AnswerCall =>
  async (plan, request, call, options) => {
    const answer = await runPlan(plan, request, call, options);
    const { job, isReplay } = answer;
    if (job !== null && !isReplay) c.executionCtx.waitUntil(announce(c, background, plan, job.id));
    return respond(c, answer);
  };

/** The job is durable: its message need not hold up the answer. */
async function announce(c: AppContext, work: BackgroundWork, { background }: Plan, id: string): Promise<void> {
  if (background === undefined) return;
  // The answer goes first.
  await scheduler.wait(0);
  const { priority, delaySeconds } = background;
  await work.announce(c.var.deployment, { id, priority, delaySeconds });
}

/** @throws Problem `resource_not_found`, also for every page of a deployment without GALLERY, or without the file API */
function showPage(c: AppContext, hasFileApi: boolean): Promise<Response> {
  const { settings, binding } = c.var.deployment;
  // Its addresses are the root's.
  if (!hasFileApi || !settings.servesPage || c.var.mount !== "") throw new Problem("resource_not_found");
  // The binding is optional, so the generated types need not know it.
  return servePage(binding("ASSETS") as Fetcher | undefined, c.req.raw);
}

const replayed = { "Idempotent-Replayed": "true" };

function respond(c: AppContext, { data, isReplay, job, timings }: Answer): Response {
  const timing = timings.map(({ name, milliseconds }) => `${name};dur=${milliseconds.toFixed(1)}`).join(", ");
  const headers = { "Cache-Control": "no-store", "Server-Timing": timing, ...(isReplay ? replayed : {}) };
  if (job === null) return c.json({ success: true, message: "OK", data }, 200, headers);
  const ticket = {
    job_id: job.id,
    status_url: `${baseOf(c)}${jobsPath}/${job.id}`,
  };
  return c.json({ success: true, message: "Accepted", data, ...ticket }, 202, headers);
}
