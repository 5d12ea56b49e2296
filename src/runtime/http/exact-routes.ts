/** Finds the endpoint that is called where all of them take the methods of the deployment. */
import type { Plan } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";

/** Paths are without their leading slash; `allowed` are the deployment's methods. */
export interface Routes {
  /**
   * Has the endpoint that is called answer; undefined where the path is none's.
   * @param run makes the endpoint's answer
   * @throws Problem `method_not_allowed`
   */
  readonly route: (
    path: string,
    request: Request,
    allowed: ReadonlySet<string>,
    run: (plan: Plan, request: Request) => Promise<Response>,
  ) => Promise<Response> | undefined;
  /** The endpoint that takes calls of the method at a path. */
  readonly planAt: (path: string, method: string, allowed: ReadonlySet<string>) => Plan | undefined;
  /** What the endpoints of a path take, as `Allow` lists it; undefined where there are none. */
  readonly methodsAt: (path: string, allowed: ReadonlySet<string>) => string | undefined;
}

export type Routing = (plans: readonly Plan[]) => Routes;

export const routeExactly: Routing = (plans) => {
  const routes = new Map(plans.flatMap((plan) => [[plan.resource, plan] as const, [plan.id, plan] as const]));
  return {
    route: (path, request, allowed, run) => {
      const plan = routes.get(path);
      if (plan === undefined) return undefined;
      if (!allowed.has(request.method)) throw methodNotAllowed(allowed);
      return run(plan, request);
    },
    planAt: (path, method, allowed) => (allowed.has(method) ? routes.get(path) : undefined),
    methodsAt: (path, allowed) => (routes.has(path) ? listMethods(allowed) : undefined),
  };
};

/** For `Allow`: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.1 */
export const listMethods = (methods: Iterable<string>): string => [...methods, "OPTIONS"].join(", ");

export const methodNotAllowed = (methods: Iterable<string>): Problem =>
  new Problem("method_not_allowed", { headers: { Allow: listMethods(methods) } });
