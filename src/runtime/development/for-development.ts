/** What a development server puts around a Worker, and no deployment has. */
import { docsPath, showDocs } from "./docs-page.ts";
import { explainAnswer, type Compiled } from "./explained-answer.ts";
import { answerLate, type Fetch } from "./late-answer.ts";

type Worker = ExportedHandler;

interface DevelopmentBuild extends Compiled {
  /** Answers for `/openapi.json`. */
  readonly withOpenApi: (handlers: { readonly fetch: Fetch }) => { readonly fetch: Fetch };
}

/** The same Worker for development. One that is a class is left as it is. @param compiled what its plans.ts has */
export function forDevelopment(worker: Worker, { withOpenApi, ...compiled }: DevelopmentBuild): Worker {
  // The local runtime is silent about them.
  addEventListener("unhandledrejection", ({ reason }) => console.error(reason));
  if (worker.fetch === undefined) return worker;
  const fetch: Fetch = worker.fetch.bind(worker);
  const explained: Fetch = async (request, env, context) => {
    const answer = await fetch(request, withLocalOrigin(env, request), context);
    const isDocs = request.method === "GET" && new URL(request.url).pathname === docsPath;
    // An endpoint of that name goes before.
    return isDocs && answer.status === 404 ? showDocs() : explainAnswer(answer, request, compiled);
  };
  return { ...worker, ...withOpenApi({ fetch: answerLate(explained) }) };
}

/** A page that is being written is served by another server of this machine, on whichever port. */
const local = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

function withLocalOrigin<Env>(env: Env, request: Request): Env {
  const origin = request.headers.get("Origin") ?? "";
  if (!local.test(origin)) return env;
  const { ALLOWED_ORIGINS: allowed = "" } = env as { readonly ALLOWED_ORIGINS?: unknown };
  return { ...env, ALLOWED_ORIGINS: `${String(allowed)},${origin}` };
}
