/** One Worker in workerd with local R2, D1 and a queue, and its inspector: what the isolate holds, and what it does. */
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { bundleWorker } from "./bundle.ts";
import { anyFreePort } from "../../src/compiler/sql/postgres/free-port.ts";
import { resumableUploadClass, resumableUploadsBinding } from "../../src/contract/bindings.ts";
import { openInspector, peakOver } from "./inspector.ts";
import { profileOver, type SelfTime } from "./profile.ts";
import { d1Statements } from "../../test/support/d1-migrations.ts";
import { secrets } from "../../test/support/secrets.ts";

const NAME = "measured";
const durableObjects = { [resumableUploadsBinding]: { className: resumableUploadClass, useSQLite: true } };
/** A binding of a class that a module lacks is a fault. */
const exportsUploads = (script: string) =>
  new RegExp(String.raw`export\s*\{[^}]*\b${resumableUploadClass}\b`).test(script);

export interface Isolate {
  readonly port: number;
  /** The highest memory in use while the work ran, less what was in use before. Bytes. */
  peakOver(work: () => Promise<unknown>): Promise<number>;
  /** What its CPU time went into while the work ran. */
  profileOver(work: () => Promise<unknown>): Promise<readonly SelfTime[]>;
  /** Runs one statement in its database. */
  execute(sql: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Bundles the entry, starts it and makes its database.
 * @param settings of the runtime
 * @param minify a profile can only name functions where it is false
 */
export async function startIsolate(
  entry: URL,
  settings: Readonly<Record<string, string>> = {},
  minify = true,
): Promise<Isolate> {
  const [port, inspectorPort] = [await anyFreePort(), await anyFreePort()];
  const script = await bundleWorker(entry, { minify });
  const worker = {
    name: NAME,
    modules: true as const,
    script,
    compatibilityDate: "2026-10-20",
    compatibilityFlags: ["nodejs_compat"],
    r2Buckets: ["BUCKET"],
    d1Databases: ["DB"],
    queueProducers: { JOBS: "jobs" },
    ...(exportsUploads(script) ? { durableObjects } : {}),
    bindings: { ...secrets, FILE_API: "on", ...settings },
    unsafeDirectSockets: [{ host: "127.0.0.1", port }],
  };
  const miniflare = new Miniflare(convertV4MiniflareOptions({ inspectorPort, workers: [worker] }));
  await miniflare.ready;
  const database = await miniflare.getD1Database("DB");
  await database.batch(d1Statements().map((sql) => database.prepare(sql)));
  const inspect = await openInspector(inspectorPort, NAME);
  return {
    port,
    peakOver: (work) => peakOver(inspect, work),
    profileOver: (work) => profileOver(inspect, script, work),
    async execute(sql) {
      await database.prepare(sql).run();
    },
    stop: () => miniflare.dispose(),
  };
}
