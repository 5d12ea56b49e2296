/**
 * The runtime as one Hono app: mounts the routes and sets what every answer has: request id, `nosniff`, CORS, and one
 * form of error.
 */
import { baseRoutePath } from "hono/route";
import { Hono } from "hono/tiny";
import { Problem, toProblem } from "../contract/problem.ts";
import { fileApiPath, filesPath, healthPath, isWithin, jobsPath } from "../contract/routes.ts";
import { createLedger, type Ledger } from "./admission/ledger.ts";
import type { Installed } from "./build.ts";
import { openDeployment } from "./deployment.ts";
import { preflight, share } from "./http/cors.ts";
import { readHealth } from "./http/health.ts";
import { problemResponse } from "./http/problem-response.ts";
import type { WaitUntil } from "./hooks.ts";
import { probesOf } from "./probes.ts";
import { baseOf, pathOf, type AppContext, type AppTypes } from "./routes/context.ts";
import { createEndpoints } from "./routes/endpoints.ts";
import { createFileRoutes, fileApiHandler } from "./routes/files.ts";
import { createJobRoutes } from "./routes/jobs.ts";

export function createApp(installed: Installed): Hono<AppTypes> {
  const ledgerOf = createLedgerKeeper();
  const tellOrigin = createOriginTeller();
  const app = new Hono<AppTypes>();
  const endpoints = createEndpoints(installed);

  app.use(async (c, next) => {
    // An id from outside could forge log lines: always our own.
    const id = crypto.randomUUID();
    c.set("requestId", id);
    c.set("mount", mountOf(c));
    const waitUntil: WaitUntil = (work) => c.executionCtx.waitUntil(work);
    c.set("deployment", openDeployment(c.env, installed, { waitUntil, request_id: id }));
    await next();
    // Only now: setting headers before there is a response makes Hono copy it.
    c.res.headers.set("X-Request-Id", id);
    // No answer may be read as another type than it declares.
    c.res.headers.set("X-Content-Type-Options", "nosniff");
  });
  // Before the settings are read, because faulty settings are one of the things it reports.
  app.get(healthPath, async (c) => {
    const { deployment } = c.var;
    const health = await readHealth(probesOf(deployment, installed.features.background), (probe, reason) =>
      deployment.log("error", "degraded", { probe, reason }),
    );
    return c.json(health, health.status === "ok" ? 200 : 503, { "Cache-Control": "no-store" });
  });
  app.use(async (c, next) => {
    const { settings } = c.var.deployment;
    c.set("ledger", ledgerOf(settings.admission));
    if (c.req.method === "OPTIONS") {
      const path = pathOf(c).slice(1);
      c.res = preflight(c.req.raw, endpoints.methodsAt(path, settings.allowedMethods));
      installed.resumable?.describe(path, installed, c.res.headers);
    } else await next();
    tellOrigin(share(c.res, c.req.raw, settings.allowedOrigins), c);
  });
  app.route(filesPath, createFileRoutes());
  const fileApi = fileApiHandler(installed.fileApi);
  app.all(fileApiPath, fileApi);
  app.all(`${fileApiPath}/*`, fileApi);
  app.route(jobsPath, createJobRoutes(installed.features.background));
  app.route("/", endpoints.app);
  app.notFound(() => {
    throw new Problem("resource_not_found");
  });
  app.onError((error, c) => {
    const problem = toProblem(error);
    const path = new URL(c.req.url).pathname;
    logProblem(problem, path, c);
    const { status, code } = problem;
    const { requestId, deployment } = c.var;
    deployment.emit("onRefused", { requestId, method: c.req.method, path, status, code });
    const envelope = installed.fileApi !== null && isWithin(fileApiPath, pathOf(c)) ? "file-api" : "abi";
    return problemResponse(problem, c.get("requestId"), envelope);
  });
  return app;
}

/** Hono puts it in front of the routes of an app that is mounted by `route`. */
const mountOf = (c: AppContext): string => baseRoutePath(c).replace(/\/$/, "");

/** One ledger per isolate, made when its limits are first known. */
function createLedgerKeeper(): (limits: Parameters<typeof createLedger>[0]) => Ledger {
  let ledger: Ledger | null = null;
  return (limits) => (ledger ??= createLedger(limits, () => performance.now()));
}

/** A page that is refused asks again and again, and anybody can make up origins. */
const MOST_TOLD = 100;
const MOST_CHARACTERS = 200;

/** One line for each origin that ALLOWED_ORIGINS lacks: its page sees an error without a reason. */
function createOriginTeller(): (origin: string | null, c: AppContext) => void {
  const told = new Set<string>();
  return (origin, c) => {
    // A page of the Worker's own needs no permission.
    if (origin === null || told.has(origin) || told.size >= MOST_TOLD || origin === new URL(baseOf(c)).origin) return;
    told.add(origin);
    const reason = "ALLOWED_ORIGINS does not name it";
    c.var.deployment.log("warn", "origin_refused", { origin: origin.slice(0, MOST_CHARACTERS), reason });
  };
}

/** One line per refused call: the rich reason here, the poor one on the wire. */
function logProblem(problem: Problem, path: string, c: AppContext): void {
  c.var.deployment.log(problem.status >= 500 ? "error" : "warn", "problem", {
    method: c.req.method,
    path,
    status: problem.status,
    code: problem.code,
    reason: problem.message,
    stack: problem.status >= 500 ? (problem.cause as Error | undefined)?.stack : undefined,
  });
}
