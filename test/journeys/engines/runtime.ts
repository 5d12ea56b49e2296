/** workerd with the whole Worker on one engine, on a database and a bucket of its own, both empty. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import pg from "pg";
import type { DatabaseName } from "../../../src/contract/database-names.ts";
import { startLocalEndpoint } from "../../../src/cli/local/neon/local-endpoint.ts";
import { migrate } from "../../support/node/migrate.ts";
import { startCluster, type Cluster } from "../../../src/compiler/sql/postgres/throw-away-cluster.ts";
import { builtins } from "../../support/bundle-driver.ts";
import { d1Statements, toStatements } from "../../support/d1-migrations.ts";
import { withPostgresNames } from "../../support/postgres-names.ts";
import { secrets } from "../../support/secrets.ts";
import { call } from "./client.ts";
import { OBJECTS_PATH, SWEEP_PATH, type StoredObject } from "./door.ts";
import { compileEndpoints, ownTables } from "./endpoints.ts";
import { startLossyProxy, type LossyProxy } from "./lossy-proxy.ts";

export interface EngineRuntime {
  readonly engine: DatabaseName;
  readonly origin: string;
  /** The server behind the engine; null where there is none (D1). */
  readonly server: DatabaseServer | null;
  /** Rows, past the runtime. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  objects(): Promise<readonly StoredObject[]>;
  /** @throws Error when the sweep fails */
  sweep(): Promise<void>;
  stop(): Promise<void>;
}

/** What the database's own protocol goes through. */
export interface DatabaseServer {
  /** To be killed. */
  readonly cluster: Cluster;
  /** Between the Worker and the cluster. */
  readonly proxy: LossyProxy;
}

interface Means {
  /** What the Worker has beside the bindings that every engine needs. */
  readonly bindings: object;
  readonly server: DatabaseServer | null;
  query(miniflare: Miniflare, sql: string): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
}

const entries: Readonly<Record<DatabaseName, URL>> = {
  d1: new URL("worker/d1-worker.ts", import.meta.url),
  neon: new URL("worker/neon-worker.ts", import.meta.url),
  hyperdrive: new URL("worker/hyperdrive-worker.ts", import.meta.url),
};
/** More than are ever sent at once: nobody is refused. */
const UNLIMITED_UPLOADS = 1000;

/** @param maxUploads how many uploads may run at once; the others are refused */
export async function startRuntime(engine: DatabaseName, maxUploads = UNLIMITED_UPLOADS): Promise<EngineRuntime> {
  const script = await bundle(engine);
  const means = engine === "d1" ? kindOfD1 : await startPostgres(engine);
  const { bindings } = means;
  const worker = {
    name: engine,
    modules: true as const,
    script,
    compatibilityDate: "2026-10-20",
    compatibilityFlags: ["nodejs_compat", "enable_request_signal"],
    r2Buckets: ["BUCKET"],
    ...bindings,
    bindings: {
      ...secrets,
      FILE_API: "on",
      MAX_CONCURRENT_UPLOADS: String(maxUploads),
      ...("bindings" in bindings ? (bindings.bindings as object) : {}),
    },
  };
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({ workers: [worker] }),
    // Every refusal is a line; ENGINES_LOG=1 shows them.
    handleStructuredLogs: ({ message }) => {
      if (process.env["ENGINES_LOG"] === "1") console.error(message);
    },
  });
  const { origin } = await miniflare.ready;
  if (engine === "d1") await migrateD1(miniflare);
  return {
    engine,
    origin,
    server: means.server,
    query: (sql) => means.query(miniflare, sql),
    async objects() {
      const { status, body } = await call(origin + OBJECTS_PATH);
      if (status !== 200) throw new Error(`the bucket's list answered ${String(status)}`);
      return body as readonly StoredObject[];
    },
    async sweep() {
      const { status, body } = await call(origin + SWEEP_PATH);
      if (status !== 200) throw new Error(`the sweep answered ${String(status)} ${JSON.stringify(body)}`);
    },
    async stop() {
      await miniflare.dispose().catch(() => undefined);
      await means.close();
    },
  };
}

const kindOfD1: Means = {
  bindings: { d1Databases: ["DB"] },
  server: null,
  query: async (miniflare, sql) => (await (await miniflare.getD1Database("DB")).prepare(sql).all()).results,
  close: async () => undefined,
};

async function startPostgres(engine: "neon" | "hyperdrive"): Promise<Means> {
  const cluster = await startCluster();
  await migrate(cluster.url);
  const query = async (sql: string) => {
    // One connection a query: the server may have been killed since the last.
    const client = new pg.Client(cluster.url);
    await client.connect();
    try {
      // The role is called like the runtime's schema, where PostgreSQL would look first.
      await client.query("SET search_path = public");
      return (await client.query<Record<string, unknown>>(withPostgresNames(sql))).rows;
    } finally {
      await client.end();
    }
  };
  await query(ownTables(engine));
  const proxy = await startLossyProxy(cluster.port);
  const url = new URL(cluster.url);
  url.port = String(proxy.port);
  const means = { server: { cluster, proxy }, query: (_: Miniflare, sql: string) => query(sql) };
  const endpoint = engine === "neon" ? await startLocalEndpoint(url.href) : null;
  return {
    ...means,
    bindings:
      endpoint === null ? { hyperdrives: { HYPERDRIVE: url.href } } : { bindings: { DATABASE_URL: endpoint.url } },
    async close() {
      await endpoint?.close();
      await proxy.close();
      await cluster.stop();
    },
  };
}

async function bundle(engine: DatabaseName): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entries[engine])],
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "import"],
    external: ["node:*", "cloudflare:*"],
    plugins: [builtins],
    define: { PLANS: JSON.stringify(await compileEndpoints(engine)) },
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

async function migrateD1(miniflare: Miniflare): Promise<void> {
  const database = await miniflare.getD1Database("DB");
  const statements = [...d1Statements(), ...toStatements(ownTables("d1"))];
  await database.batch(statements.map((sql) => database.prepare(sql)));
}
