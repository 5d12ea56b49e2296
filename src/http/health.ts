/** What `GET /healthz` tells: whether this deployment can reach what it is made of. Knows nothing of settings. */
import { version } from "../../package.json";
import type { Database } from "../database/database.ts";
import { readObjectKey } from "../storage/object-key.ts";
import type { ObjectStore } from "../storage/object-store.ts";

type Reach = "ok" | "unreachable";

export interface Health {
  readonly status: "ok" | "degraded";
  readonly version: string;
  /** Number of endpoints that were compiled in. */
  readonly endpoints: number;
  readonly bindings: { readonly bucket: Reach; readonly database: Reach };
}

export async function readHealth(database: Database, store: ObjectStore, endpoints: number): Promise<Health> {
  const probe = readObjectKey("healthz");
  const [bucketReach, databaseReach] = await Promise.all([
    reach(async () => {
      const body = probe === null ? null : await store.get(probe);
      await body?.stream.cancel();
    }),
    // The runtime's own table, so that a database without migrations shows.
    reach(() =>
      database.batch([
        { sql: "SELECT count(*) FROM row_guard", parameters: [], columns: {}, writes: false, mustReturn: false },
      ]),
    ),
  ]);
  const status = bucketReach === "ok" && databaseReach === "ok" ? "ok" : "degraded";
  return { status, version, endpoints, bindings: { bucket: bucketReach, database: databaseReach } };
}

async function reach(call: () => Promise<unknown>): Promise<Reach> {
  try {
    await call();
    return "ok";
  } catch {
    return "unreachable";
  }
}
