/**
 * Serves the bundled worker until it is killed: `node host.ts <bundle> <storage folder> <port> <fault rate>`. Tells its
 * parent when it listens.
 */
import { readFile } from "node:fs/promises";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { toStatements } from "../../support/d1-migrations.ts";
import { secrets } from "../../support/secrets.ts";

const [bundle = "", folder = "", port = "", faultRate = ""] = process.argv.slice(2);

/** One for all priorities: whoever is killed, the order of the others is not lost. */
const queueConsumers = { jobs: { maxBatchSize: 5, maxBatchTimeout: 0, maxRetries: 100 } };
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    resourcePersistencePath: `${folder}/state`,
    workers: [
      {
        name: "jobs",
        modules: true,
        script: await readFile(bundle, "utf8"),
        compatibilityDate: "2026-10-20",
        compatibilityFlags: ["nodejs_compat"],
        r2Buckets: ["BUCKET"],
        d1Databases: ["DB"],
        queueProducers: { JOBS: "jobs" },
        queueConsumers,
        bindings: {
          ...secrets,
          FAULT_RATE: faultRate,
          JOB_LEASE_SECONDS: "3",
          JOB_RESEND_SECONDS: "2",
          JOB_BACKOFF_SECONDS: "1",
          MAX_CONCURRENT_UPLOADS: "100",
        },
        unsafeDirectSockets: [{ host: "127.0.0.1", port: Number(port) }],
      },
    ],
  }),
);
await miniflare.ready;
const database = await miniflare.getD1Database("DB");
const isNew = (await database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'counters'").first()) === null;
const migrations = JSON.parse(await readFile(`${folder}/migrations.json`, "utf8")) as readonly {
  readonly sql: string;
}[];
if (isNew) {
  const statements = migrations.flatMap(({ sql }) => toStatements(sql));
  await database.batch(statements.map((sql) => database.prepare(sql)));
}
process.send?.("listening");
