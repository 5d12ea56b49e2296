/** A job as its owner may see it. */
import { checkedCaller } from "../auth/caller.ts";
import { authenticate, type Verifier } from "../auth/authenticate.ts";
import type { Call } from "../call/call.ts";
import type { Authentication } from "../../contract/plan/authentication.ts";
import type { Json, Plan } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import type { Job } from "./job.ts";
import { createJobRegistry } from "./registry.ts";

/** By way of authentication; null for a token that names nobody. */
type Callers = ReadonlyMap<string, string | null>;

/**
 * The job, for a token of its own endpoint that names its owner. An endpoint without authentication has no owners:
 * there the id, 128 random bits that only the caller was told, grants access.
 * @throws Problem `unauthorized` when the token is good for no endpoint at all, before anything is looked up;
 * `job_not_found` alike for a missing and a foreign job
 */
export async function showJob(id: string, headers: Headers, call: Call): Promise<Json> {
  const { plans, dialect } = call.deployment;
  const callers = await identify(headers, plans, call);
  const job = await createJobRegistry(call.deployment.database, dialect).find(id);
  if (job === null || !mayAsk(job, callers, plans)) throw new Problem("job_not_found");
  return toView(job, job.result === null ? null : ((await call.links.revive(job.result)) as Json));
}

/** What the token proves to each way of authentication that an endpoint with jobs has. */
async function identify(headers: Headers, plans: readonly Plan[], verifier: Verifier): Promise<Callers> {
  const ways = plans.filter(({ background }) => background !== undefined).map(({ authentication }) => authentication);
  const guarded = new Map(ways.flatMap((way) => (way === null ? [] : [[nameOf(way), way] as const])));
  const callers = new Map<string, string | null>();
  let refusal: Problem | null = null;
  for (const [name, way] of guarded) {
    try {
      callers.set(name, checkedCaller(await authenticate(way, headers, verifier)));
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "unauthorized") throw error;
      refusal = error;
    }
  }
  if (refusal !== null && callers.size === 0 && !ways.includes(null)) throw refusal;
  return callers;
}

const nameOf = (authentication: Authentication): string => JSON.stringify(authentication);

function mayAsk(job: Job, callers: Callers, plans: readonly Plan[]): boolean {
  const plan = plans.find(({ id }) => id === job.endpoint);
  // Only the endpoint's own rules can tell whose it was.
  if (plan === undefined || job.origin === "schedule") return false;
  if (plan.authentication === null) return job.owner === null;
  return callers.get(nameOf(plan.authentication)) === job.owner;
}

function toView({ id, state, attempts, createdAt, updatedAt, problem }: Job, result: Json): Json {
  return {
    job_id: id,
    state,
    attempts,
    created_at: createdAt,
    updated_at: updatedAt,
    result,
    problem: state === "dead" && problem !== null ? toPublic(problem) : null,
  };
}

function toPublic({ code, status, title, detail }: NonNullable<Job["problem"]>): Json {
  return { code, status, title, detail };
}
