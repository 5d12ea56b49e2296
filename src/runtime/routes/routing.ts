/** Finds the endpoint that is called where endpoints choose their methods, or have names in their resources. */
import type { Method, Plan } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { fitsResource, parametersOf } from "../../contract/routes.ts";
import { listMethods, methodNotAllowed, type Routes, type Routing } from "../http/exact-routes.ts";
import { answerReading } from "./reading.ts";

/**
 * A path is first the endpoint's whose resource has the fewest names: the compiler lets only resources pass of which then
 * one is meant. The next one is asked where that one does not take the method.
 */
export const routeByMethod: Routing = (plans) => {
  // What an endpoint says itself goes before what the deployment says for all.
  const inOrder = plans.toSorted(
    (one, other) => Number(one.methods === undefined) - Number(other.methods === undefined),
  );
  const routes = inOrder.flatMap((plan) => addressesOf(plan).map((address) => ({ address, plan })));
  const exact = Map.groupBy(routes, ({ address }) => address);
  const templates = inOrder
    .map((plan) => ({ plan, segments: plan.resource.split("/"), names: parametersOf(plan.resource).length }))
    .filter(({ names }) => names > 0)
    .sort((one, other) => one.names - other.names);
  const plansAt = (path: string) => {
    const segments = path.split("/");
    const fitting = templates.filter((template) => fitsResource(template.segments, segments));
    return [...(exact.get(path) ?? []), ...fitting].map(({ plan }) => plan);
  };
  const planAt: Routes["planAt"] = (path, method, allowed) =>
    plansAt(path).find(({ methods }) => takes(methods, method, allowed));
  return {
    planAt,
    route(path, request, allowed, run) {
      const found = plansAt(path);
      const plan = planAt(path, request.method, allowed);
      if (plan !== undefined) return answer(plan, request, parametersOf(plan.resource).length > 0 ? named(run) : run);
      if (found.length === 0) return undefined;
      throw methodNotAllowed(methodsOf(found, allowed));
    },
    methodsAt(path, allowed) {
      const found = plansAt(path);
      return found.length === 0 ? undefined : listMethods(methodsOf(found, allowed));
    },
  };
};

function methodsOf(plans: readonly Plan[], allowed: ReadonlySet<string>): readonly string[] {
  const methods = plans.flatMap((plan) => plan.methods?.flatMap(withHead) ?? [...allowed]);
  return [...new Set(methods)].sort();
}

type Run = (plan: Plan, request: Request) => Promise<Response>;

const answer = (plan: Plan, request: Request, run: Run): Promise<Response> =>
  plan.methods === undefined ? run(plan, request) : answerReading(plan, request, run);

/** Of a path that names a row: where the row is missing, nothing has that address. */
const named = (run: Run): Run => {
  return async (plan, request) => {
    try {
      return await run(plan, request);
    } catch (error) {
      if (!(error instanceof Problem && error.code === "row_missing")) throw error;
      throw new Problem("resource_not_found", { detail: "Nothing has this address.", cause: error });
    }
  };
};

/** A path with parameters is the endpoint's only one: its id alone would not say what they are. */
const addressesOf = ({ id, resource }: Plan): readonly string[] =>
  parametersOf(resource).length > 0 ? [] : [resource, id];

const takes = (methods: readonly Method[] | undefined, method: string, allowed: ReadonlySet<string>): boolean =>
  methods === undefined ? allowed.has(method) : methods.some((name) => withHead(name).includes(method));

/** RFC 9110 §9.3.2. */
const withHead = (method: Method): readonly string[] => (method === "GET" ? [method, "HEAD"] : [method]);
