/** Says more in an answer to a call that no endpoint takes: what there is, or why an ABI was not compiled. */
import type { Plan, Uncompiled } from "../../contract/plan.ts";
import { fileApiPath, fitsResource, isWithin } from "../../contract/routes.ts";
import { developmentProblems } from "../../contract/problem.ts";

export interface Compiled {
  readonly plans: readonly Pick<Plan, "id" | "resource" | "schedule" | "authentication">[];
  readonly uncompiled: readonly Uncompiled[];
  /** The candidate that is nearly the name; null where none is. */
  readonly nearest: (name: string, candidates: readonly string[]) => string | null;
}

type Members = Readonly<Record<string, unknown>>;

/** The answer itself, where there is nothing to say. */
export async function explainAnswer(answer: Response, request: Request, compiled: Compiled): Promise<Response> {
  const isProblem = answer.headers.get("content-type") === "application/problem+json";
  if ((answer.status !== 404 && answer.status !== 405) || !isProblem || request.method === "HEAD") return answer;
  // A problem is a few members of text; one that is no JSON is somebody's own.
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => null);
  const problem: Members = typeof body === "object" && body !== null ? { ...body } : {};
  const more = explain(problem["code"], answer.headers, request, compiled);
  return more === null ? answer : withMembers(answer, { ...problem, ...more });
}

function explain(code: unknown, headers: Headers, request: Request, compiled: Compiled): Members | null {
  const { pathname } = new URL(request.url);
  const isMethod = code === "method_not_allowed";
  // The file API has routes of its own.
  if (!isMethod && (code !== "resource_not_found" || isWithin(fileApiPath, pathname))) return null;
  const broken = compiled.uncompiled.find(({ routes }) => routes.some((route) => fits(route, pathname)));
  if (broken !== undefined) return notCompiled(broken);
  if (isMethod) {
    const allowed = headers.get("allow") ?? "";
    return told(`${request.method} ${pathname}: this route takes ${allowed}`);
  }
  const routes = [...new Set(compiled.plans.map(({ resource }) => `/${resource}`))].sort();
  const near = compiled.nearest(pathname, [...routes, ...compiled.plans.map(({ id }) => `/${id}`)]);
  const hint = near === null ? "" : ` Did you mean ${near}?`;
  const known = routes.length === 0 ? "abis/ has no endpoint" : `there are ${routes.join(", ")}`;
  return { ...told(`No ABI defines ${pathname}: ${known}.${hint}`), routes };
}

/** The app may be mounted at a path of its own. */
function fits(route: string, pathname: string): boolean {
  const names = route.split("/");
  return fitsResource(names, pathname.split("/").slice(-names.length));
}

const told = (detail: string): Members => ({ detail, message: detail });

function notCompiled({ file, fault }: Uncompiled): Members {
  const code = "not_compiled";
  const { status, title } = developmentProblems[code];
  // Of the Worker's own log lines' form, so that the terminal shows it as one of them.
  console.error(JSON.stringify({ event: "problem", code, reason: `${file} was not compiled: ${fault}` }));
  return { title, code, status, ...told(fault) };
}

/** With the headers that the Worker has set, such as those for other origins. */
function withMembers(answer: Response, members: Members): Response {
  const headers = new Headers(answer.headers);
  headers.delete("content-length");
  const status = typeof members["status"] === "number" ? members["status"] : answer.status;
  return new Response(JSON.stringify(members), { status, headers });
}
