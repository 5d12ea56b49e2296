/** Isolates that share the objects which count, each with a memory of its own, and the calls that reach those objects. */
import { env } from "cloudflare:workers";
import { beforeEach, inject } from "vitest";
import type { RateLimiter } from "../../../../src/runtime/rate-limits/rate-limiter.ts";
import { callerOf, type Call } from "../../../support/app.ts";
import { buildOf } from "../../../support/build.ts";
import { watchDatabase } from "../../../support/watched-bindings.ts";

type Take = RateLimiter["take"];

export interface Isolate {
  readonly call: Call;
  /** Calls of the object, and statements of the database. */
  readonly counts: { asked: number; statements: number };
}

let test = "";
/** Each test has objects of its own: emptying the storage can miss what an earlier one's last call still writes. */
export function useFreshObjects(): void {
  beforeEach(() => void (test = crypto.randomUUID()));
}

/** @param intercept stands between the isolate and its objects */
export function openIsolate(intercept: (take: Take) => Take = (take) => take, more: object = {}): Isolate {
  const counts = { asked: 0, statements: 0 };
  const objects = {
    getByName(name: string) {
      const stub = env.RATE_LIMITS.getByName(`${test} ${name}`);
      const take: Take = async (limit, length) => stub.take(limit, length);
      return {
        take(...parameters: Parameters<Take>) {
          counts.asked++;
          return intercept(take)(...parameters);
        },
      };
    },
  };
  const database = watchDatabase(env.DB, (_, make) => {
    counts.statements++;
    return make();
  });
  const build = buildOf(inject("compiled").rateLimits);
  return { call: callerOf(build, { RATE_LIMITS: objects, DB: database, ...more }), counts };
}

/** The statuses of calls made at once, and how many there are of each. */
export async function tally(calls: readonly Promise<Response>[]): Promise<Readonly<Record<number, number>>> {
  const answers = await Promise.all(calls);
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

export const post = (headers: Record<string, string> = {}): RequestInit => ({ method: "POST", headers });
export const from = (address: string, more: Record<string, string> = {}): RequestInit =>
  post({ "CF-Connecting-IP": address, ...more });
export const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index));
