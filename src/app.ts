/**
 * The runtime as one Hono app: mounts plans and the runtime's own routes, makes the services of each request, and owns
 * what every answer carries: request id, CORS, one form of error.
 */
import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { cors } from "hono/cors";
import { createD1Database } from "./database/d1-database.ts";
import { createFileRegistry } from "./files/registry.ts";
import { sweepFiles } from "./files/sweep.ts";
import { serveFile } from "./http/download.ts";
import { fileUrl } from "./http/file-url.ts";
import { readHealth } from "./http/health.ts";
import { problemResponse, toProblem } from "./http/problem-response.ts";
import { signLink } from "./http/signed-link.ts";
import { createColorReader, type ColorReader } from "./image/images-binding.ts";
import { runPlan, type Answer } from "./pipeline/run.ts";
import type { Services, UploadGate } from "./pipeline/services.ts";
import { createUploadGate } from "./pipeline/upload-gate.ts";
import type { Plan } from "./plan.ts";
import { Problem } from "./problem.ts";
import { readNamed, readSettings, type Environment, type Settings } from "./settings.ts";
import { createR2Store } from "./storage/r2-store.ts";

interface AppTypes {
  Bindings: Env;
  Variables: { requestId: string; settings: Settings };
}
type AppContext = Context<AppTypes>;

/** The name in a link's credential; a second key would have another. */
const LINK_KEY_ID = "sluice";

export function createApp(plans: readonly Plan[]): Hono<AppTypes> {
  const routes = new Map(plans.flatMap((plan) => [[plan.resource, plan] as const, [plan.id, plan] as const]));
  const gateOf = createGateKeeper();
  const app = new Hono<AppTypes>();

  app.use(async (c, next) => {
    // An id from outside could forge log lines: always our own.
    c.set("requestId", crypto.randomUUID());
    c.header("X-Request-Id", c.get("requestId"));
    c.set("settings", readSettings(environmentOf(c)));
    await next();
  });
  app.use(
    cors({
      origin: (origin, c: AppContext) => allowedOrigin(origin, c.get("settings").allowedOrigins),
      allowMethods: ["GET", "HEAD", "POST", "OPTIONS"],
      exposeHeaders: [
        "Accept-Ranges",
        "Content-Disposition",
        "Content-Length",
        "Content-Range",
        "ETag",
        "Retry-After",
        "Server-Timing",
        "X-Request-Id",
      ],
      maxAge: 86_400,
    }),
  );
  app.get("/healthz", async (c) => {
    const health = await readHealth(createDatabase(c), createR2Store(c.env.BUCKET), plans.length);
    return c.json(health, health.status === "ok" ? 200 : 503, { "Cache-Control": "no-store" });
  });
  app.all("/files/*", (c) => {
    const registry = createFileRegistry(createDatabase(c));
    const store = createR2Store(c.env.BUCKET);
    return serveFile(c.req.raw, { find: (key) => registry.find(key), store, linkKey: linkKeyOf(c), now: new Date() });
  });
  app.all("/*", async (c) => {
    const plan = routes.get(new URL(c.req.url).pathname.slice(1));
    if (plan === undefined) throw new Problem("resource_not_found");
    allowMethod(c);
    return answer(c, await run(c, plan, gateOf(c.get("settings"))));
  });
  app.notFound(() => {
    throw new Problem("resource_not_found");
  });
  app.onError((error, c) => {
    const problem = toProblem(error);
    logProblem(problem, c);
    return problemResponse(problem, c.get("requestId"));
  });
  return app;
}

/** The scheduled part of the runtime: see files/sweep. */
export async function sweep(env: Env): Promise<void> {
  const registry = createFileRegistry(createD1Database(env.DB));
  const counts = await sweepFiles(registry, createR2Store(env.BUCKET), new Date());
  console.log(JSON.stringify({ event: "sweep", ...counts }));
}

/** Keeps the work alive when the client goes away, so that it can be undone: up to 30 s after the answer. */
async function run(c: AppContext, plan: Plan, gate: UploadGate): Promise<Answer> {
  const work = runPlan(plan, c.req.raw, createServices(c, gate));
  c.executionCtx.waitUntil(work.catch(() => undefined));
  return work;
}

function answer(c: AppContext, { data, timings }: Answer): Response {
  const timing = timings.map(({ name, milliseconds }) => `${name};dur=${milliseconds.toFixed(1)}`).join(", ");
  return c.json({ success: true, message: "OK", data }, 200, { "Cache-Control": "no-store", "Server-Timing": timing });
}

function allowMethod(c: AppContext): void {
  const { allowedMethods } = c.get("settings");
  if (allowedMethods.has(c.req.method)) return;
  throw new Problem("method_not_allowed", { headers: { Allow: [...allowedMethods, "OPTIONS"].join(", ") } });
}

function createServices(c: AppContext, gate: UploadGate): Services {
  const settings = c.get("settings");
  const origin = settings.publicBaseUrl ?? new URL(c.req.url).origin;
  const now = new Date();
  const database = createDatabase(c);
  return {
    store: createR2Store(c.env.BUCKET),
    database,
    registry: createFileRegistry(database),
    links: {
      fileUrl: (key) => fileUrl(origin, key),
      downloadUrl: (key) =>
        signLink(linkKeyOf(c), { origin, key, method: "GET", expiresSeconds: settings.downloadLinkSeconds, now }),
    },
    gate,
    limits: settings,
    imageLimits: { maxPixels: settings.imageMaxPixels, maxWork: settings.imageMaxWork },
    readColors: createColorReaderOf(c),
    environment: (name) => readNamed(environmentOf(c), name),
    now,
    clock: () => performance.now(),
    log: (event, details) => console.warn(JSON.stringify({ event, request_id: c.get("requestId"), ...details })),
  };
}

/** The binding is optional, so the generated types do not know it. */
function createColorReaderOf(c: AppContext): ColorReader | null {
  const images = environmentOf(c)["IMAGES"] as ImagesBinding | undefined;
  return images === undefined ? null : createColorReader(images);
}

const createDatabase = (c: AppContext) => createD1Database(c.env.DB);

const linkKeyOf = (c: AppContext) => ({ accessKeyId: LINK_KEY_ID, secret: c.get("settings").linkSecret });

/** Bindings are typed; variables and secrets are read by name. */
const environmentOf = (c: AppContext): Environment => ({ ...c.env });

function allowedOrigin(origin: string, allowed: ReadonlySet<string>): string | null {
  if (allowed.has("*")) return "*";
  return allowed.has(origin) ? origin : null;
}

/** One gate per isolate, made when its size is first known. */
function createGateKeeper(): (settings: Settings) => UploadGate {
  let gate: UploadGate | null = null;
  return (settings) => (gate ??= createUploadGate(settings.maxConcurrentUploads));
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
