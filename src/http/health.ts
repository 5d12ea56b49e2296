/** What `GET /healthz` tells: whether this deployment can reach what it is made of. Knows nothing of settings. */
import { version } from "../../package.json";
import { readObjectKey } from "../storage/object-key.ts";
import type { ObjectStore } from "../storage/object-store.ts";

type Reach = "ok" | "unreachable";

export interface Health {
  readonly status: "ok" | "degraded";
  readonly version: string;
  /** Number of endpoints that were compiled in. */
  readonly endpoints: number;
  readonly bindings: { readonly bucket: Reach; readonly database: Reach };
  /** Jobs by state; null when they cannot be counted. */
  readonly jobs: Readonly<Record<string, number>> | null;
}

/** @param countJobs by state, from the runtime's own table, so that a database without migrations shows */
export async function readHealth(
  store: ObjectStore,
  countJobs: () => Promise<Readonly<Record<string, number>>>,
  endpoints: number,
): Promise<Health> {
  const probe = readObjectKey("healthz");
  let jobs: Health["jobs"] = null;
  const [bucketReach, databaseReach] = await Promise.all([
    reach(async () => {
      const body = probe === null ? null : await store.get(probe);
      await body?.stream.cancel();
    }),
    reach(async () => {
      jobs = await countJobs();
    }),
  ]);
  const status = bucketReach === "ok" && databaseReach === "ok" ? "ok" : "degraded";
  return { status, version, endpoints, bindings: { bucket: bucketReach, database: databaseReach }, jobs };
}

async function reach(call: () => Promise<unknown>): Promise<Reach> {
  try {
    await call();
    return "ok";
  } catch {
    return "unreachable";
  }
}
