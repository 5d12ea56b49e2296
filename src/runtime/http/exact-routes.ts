/** Finds the endpoint that is called where all of them take the methods of the deployment. */
import type { Plan } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";

/**
 * Has the endpoint that is called answer; undefined where the path is none's.
 * @param path without leading slash
 * @param allowed the deployment's methods
 * @param run makes the endpoint's answer
 * @throws Problem `method_not_allowed`
 */
export type Route = (
  path: string,
  request: Request,
  allowed: ReadonlySet<string>,
  run: (plan: Plan, request: Request) => Promise<Response>,
) => Promise<Response> | undefined;

export type Routing = (plans: readonly Plan[]) => Route;

export const routeExactly: Routing = (plans) => {
  const routes = new Map(plans.flatMap((plan) => [[plan.resource, plan] as const, [plan.id, plan] as const]));
  return (path, request, allowed, run) => {
    const plan = routes.get(path);
    if (plan === undefined) return undefined;
    if (!allowed.has(request.method)) throw methodNotAllowed([...allowed]);
    return run(plan, request);
  };
};

export function methodNotAllowed(allowed: readonly string[]): Problem {
  return new Problem("method_not_allowed", { headers: { Allow: [...allowed, "OPTIONS"].join(", ") } });
}
