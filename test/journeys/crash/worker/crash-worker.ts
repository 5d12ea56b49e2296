/** The whole runtime with bindings that fail where a request says so, and a sweep that can be asked for. */
import { createSluice } from "../../../../src/index.ts";
import { plans } from "../../../../.sluice/plans.ts";
import { buildOf, runSweep } from "../../../support/build.ts";
import { COURSE_PATH, FAULTS_HEADER, type Course, type Fault } from "../fault.ts";
import { plansWithQuotas } from "./crash-plans.ts";
import { createFaultyBindings } from "./faulty-bindings.ts";

const app = createSluice(buildOf(plansWithQuotas(plans)));

/** Of the last call: the runs follow each other. */
let calls: readonly string[] = [];
let underWay = new Set<Promise<unknown>>();

interface CrashEnv extends Env {
  /** Whoever is asked there kills this process. */
  readonly KILLER: string;
}

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/sweep-now") {
      await runSweep(env);
      return new Response("swept");
    }
    if (pathname === COURSE_PATH) return Response.json({ calls, isOver: underWay.size === 0 } satisfies Course);
    const faults = JSON.parse(request.headers.get(FAULTS_HEADER) ?? "[]") as readonly Fault[];
    const kill = async (): Promise<never> => {
      await fetch(env.KILLER);
      return new Promise<never>(() => undefined);
    };
    const bindings = createFaultyBindings(env, faults, kill);
    const tasks = new Set<Promise<unknown>>();
    ({ calls } = bindings);
    underWay = tasks;
    const watched = new Proxy(context, {
      get: (target, name: keyof ExecutionContext) =>
        name !== "waitUntil"
          ? target[name]
          : (task: Promise<unknown>) => {
              tasks.add(task);
              target.waitUntil(task.finally(() => tasks.delete(task)));
            },
    });
    return app.fetch(request, { ...env, BUCKET: bindings.bucket, DB: bindings.database } as Env, watched);
  },
} satisfies ExportedHandler<CrashEnv>;
