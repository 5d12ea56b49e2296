/**
 * The runtime as one Hono app: mounts plans and the runtime's own routes, makes the services of each request, and owns
 * what every answer carries: request id, `nosniff`, CORS, one form of error.
 */
import type { Context } from "hono";
import { Hono } from "hono/tiny";
import type { Build, Features } from "./build.ts";
import { createLedger, type CallAccount, type Ledger } from "./admission/ledger.ts";
import { ownerKey } from "./admission/owner-key.ts";
import { FILE_API_PATH, isFileApiPath } from "./file-api/paths.ts";
import { createLinkRegistry } from "./links/registry.ts";
import { clientAddress } from "./client-address.ts";
import { preflight, share } from "./http/cors.ts";
import { serveFile } from "./http/download.ts";
import { servePage } from "./http/gallery-page.ts";
import { readHealth } from "./http/health.ts";
import { problemResponse, toProblem } from "./http/problem-response.ts";
import { builtIn } from "./call/features.ts";
import { runPlan, type Answer } from "./pipeline/run.ts";
import type { Services } from "./call/services.ts";
import type { Plan } from "../contract/plan.ts";
import { probesOf } from "./probes.ts";
import { Problem } from "../contract/problem.ts";
import { createServices, environmentOf, linkKeyOf, openDatabase, originOf, type RequestIdentity } from "./services.ts";
import { readSettings, type Settings } from "./settings.ts";
import { createR2Store } from "./storage/r2/store.ts";

interface AppTypes {
  Bindings: Env;
  Variables: { requestId: string; settings: Settings };
}
type AppContext = Context<AppTypes>;

export function createApp(build: Build): Hono<AppTypes> {
  const { plans, engine, features } = build;
  const callable = plans.filter(({ schedule, authentication }) => schedule === undefined || authentication !== null);
  const routes = new Map(callable.flatMap((plan) => [[plan.resource, plan] as const, [plan.id, plan] as const]));
  const ledgerOf = createLedgerKeeper();
  const app = new Hono<AppTypes>();

  app.use(async (c, next) => {
    // An id from outside could forge log lines: always our own.
    c.set("requestId", crypto.randomUUID());
    await next();
    // Only now: headers that are set before there is a response make Hono copy it.
    c.res.headers.set("X-Request-Id", c.get("requestId"));
    // No answer is to be read as another type than it says.
    c.res.headers.set("X-Content-Type-Options", "nosniff");
  });
  // Before the settings are read: that they are wrong is one of the things it tells.
  app.get("/healthz", async (c) => {
    const health = await readHealth(probesOf(c.env, build), (probe, reason) => {
      console.error(JSON.stringify({ event: "degraded", request_id: c.get("requestId"), probe, reason }));
    });
    return c.json(health, health.status === "ok" ? 200 : 503, { "Cache-Control": "no-store" });
  });
  app.use(async (c, next) => {
    const settings = readSettings(environmentOf(c.env));
    c.set("settings", settings);
    if (c.req.method === "OPTIONS") c.res = preflight(c.req.raw);
    else await next();
    share(c.res, c.req.raw, settings.allowedOrigins);
  });
  app.all("/files/*", (c) => {
    return serveFile(c.req.raw, {
      links: createLinkRegistry(openDatabase(c.env, engine), engine.dialect),
      store: createR2Store(c.env.BUCKET),
      linkKey: linkKeyOf(c.get("settings")),
      now: new Date(),
    });
  });
  const fileApi = (c: AppContext) => {
    const settings = c.get("settings");
    const answerFileApi = chooseFileApi(features.fileApi, settings);
    return answering(c, build, ledgerOf(settings), (services) => answerFileApi(c.req.raw, services, settings));
  };
  app.all(FILE_API_PATH, fileApi);
  app.all(`${FILE_API_PATH}/*`, fileApi);
  app.on(["GET", "HEAD"], "/jobs/:id", async (c) => {
    // Without background work no endpoint has jobs, so no token opens one.
    const { background } = features;
    if (background === null) throw new Problem("job_not_found");
    const data = await answering(c, build, ledgerOf(c.get("settings")), (services) =>
      background.show(services, build, c.req.param("id"), c.req.raw.headers),
    );
    return c.json({ success: true, message: "OK", data }, 200, { "Cache-Control": "no-store" });
  });
  app.all("/jobs/:id", () => {
    throw new Problem("method_not_allowed", { headers: { Allow: "GET, HEAD, OPTIONS" } });
  });
  app.all("/*", async (c) => {
    const plan = routes.get(new URL(c.req.url).pathname.slice(1));
    if (plan === undefined) return showPage(c, features);
    allowMethod(c);
    return answer(c, await run(c, plan, build, ledgerOf(c.get("settings"))));
  });
  app.notFound(() => {
    throw new Problem("resource_not_found");
  });
  app.onError((error, c) => {
    const problem = toProblem(error);
    logProblem(problem, c);
    const envelope = features.fileApi !== null && isFileApiPath(new URL(c.req.url).pathname) ? "file-api" : "abi";
    return problemResponse(problem, c.get("requestId"), envelope);
  });
  return app;
}

/** What was built in, if FILE_API still says so. @throws Problem `misconfigured`; `resource_not_found` where it is off */
function chooseFileApi(built: Features["fileApi"], { fileApi }: Settings): NonNullable<Features["fileApi"]> {
  if (fileApi.isOn !== (built !== null)) {
    throw new Problem("misconfigured", { reason: "FILE_API is not what the Worker was built with: deploy it again" });
  }
  if (built === null) throw new Problem("resource_not_found");
  return built;
}

/** @throws Problem `resource_not_found`, also for every page of a deployment without GALLERY, or without the file API */
function showPage(c: AppContext, { fileApi }: Features): Promise<Response> {
  if (fileApi === null || !c.get("settings").servesPage) throw new Problem("resource_not_found");
  // The binding is optional, so the generated types need not know it.
  return servePage(environmentOf(c.env)["ASSETS"] as Fetcher | undefined, c.req.raw);
}

function identityOf(c: AppContext): RequestIdentity {
  return { id: c.get("requestId"), url: c.req.url, clientIp: clientAddress(c.req.raw.headers) };
}

/**
 * Does what a caller is to be answered, with services of its own. Keeps the work alive when the client goes away, so that
 * it can be undone: up to 30 s after the answer.
 */
function answering<Result>(
  c: AppContext,
  build: Build,
  ledger: Ledger,
  work: (services: Services) => Promise<Result>,
): Promise<Result> {
  const identity = identityOf(c);
  const accounts: CallAccount[] = [];
  const openAccount: Services["openAccount"] = (caller) => {
    const account = ledger.open(ownerKey(caller, identity.clientIp));
    accounts.push(account);
    return account;
  };
  const services = createServices(c.env, build, c.get("settings"), identity, openAccount);
  const done = async () => {
    try {
      return await work(services);
    } finally {
      for (const account of accounts) account.close();
    }
  };
  const answer = done();
  c.executionCtx.waitUntil(answer.catch(() => undefined).then(() => services.documents?.close()));
  return answer;
}

async function run(c: AppContext, plan: Plan, build: Build, ledger: Ledger): Promise<Answer> {
  const answer = await answering(c, build, ledger, (services) => runPlan(plan, c.req.raw, services));
  if (answer.job !== null && !answer.isReplay) c.executionCtx.waitUntil(announce(c, plan, build, answer.job));
  return answer;
}

/** The job is durable: its message need not hold up the answer. */
async function announce(c: AppContext, { background }: Plan, build: Build, { id }: { id: string }): Promise<void> {
  if (background === undefined) return;
  // The answer goes first.
  await scheduler.wait(0);
  const { priority, delaySeconds } = background;
  await builtIn(build.features.background, "run_in_background").announce(c.env, build, { id, priority, delaySeconds });
}

const replayed = { "Idempotent-Replayed": "true" };

function answer(c: AppContext, { data, isReplay, job, timings }: Answer): Response {
  const timing = timings.map(({ name, milliseconds }) => `${name};dur=${milliseconds.toFixed(1)}`).join(", ");
  const headers = { "Cache-Control": "no-store", "Server-Timing": timing, ...(isReplay ? replayed : {}) };
  if (job === null) return c.json({ success: true, message: "OK", data }, 200, headers);
  const ticket = { job_id: job.id, status_url: `${originOf(c.get("settings"), c.req.url)}/jobs/${job.id}` };
  return c.json({ success: true, message: "Accepted", data, ...ticket }, 202, headers);
}

function allowMethod(c: AppContext): void {
  const { allowedMethods } = c.get("settings");
  if (allowedMethods.has(c.req.method)) return;
  throw new Problem("method_not_allowed", { headers: { Allow: [...allowedMethods, "OPTIONS"].join(", ") } });
}

/** One ledger per isolate, made when its limits are first known. */
function createLedgerKeeper(): (settings: Settings) => Ledger {
  let ledger: Ledger | null = null;
  return ({ admission }) => (ledger ??= createLedger(admission, () => performance.now()));
}

/** One line per refused call: the rich reason here, the poor one on the wire. */
function logProblem(problem: Problem, c: AppContext): void {
  const line = JSON.stringify({
    event: "problem",
    request_id: c.get("requestId"),
    method: c.req.method,
    path: new URL(c.req.url).pathname,
    status: problem.status,
    code: problem.code,
    reason: problem.message,
    ...(problem.status >= 500 && problem.cause instanceof Error ? { stack: problem.cause.stack } : {}),
  });
  if (problem.status >= 500) console.error(line);
  else console.warn(line);
}
