/** The whole runtime with bindings that fail where a request says so, and a sweep that can be asked for. */
import { createSluice } from "../../../../src/index.ts";
import { plans } from "../../../../.sluice/plans.ts";
import { buildOf, runSweep } from "../../../support/build.ts";
import { CALLS_HEADER, FAULTS_HEADER, type Fault } from "../fault.ts";
import { createFaultyBindings } from "./faulty-bindings.ts";

const app = createSluice(buildOf(plans));

interface CrashEnv extends Env {
  /** Whoever is asked there kills this process. */
  readonly KILLER: string;
}

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname === "/sweep-now") {
      await runSweep(env);
      return new Response("swept");
    }
    const faults = JSON.parse(request.headers.get(FAULTS_HEADER) ?? "[]") as readonly Fault[];
    const kill = async (): Promise<never> => {
      await fetch(env.KILLER);
      return new Promise<never>(() => undefined);
    };
    const { bucket, database, calls } = createFaultyBindings(env, faults, kill);
    const answer = await app.fetch(request, { ...env, BUCKET: bucket, DB: database } as Env, context);
    const counted = new Response(answer.body, answer);
    counted.headers.set(CALLS_HEADER, calls.join(","));
    return counted;
  },
} satisfies ExportedHandler<CrashEnv>;
