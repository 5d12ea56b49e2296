/** workerd with the crash Worker on storage that outlives it: started, killed and started again. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { resumableUploadClass, resumableUploadsBinding } from "../../../src/contract/bindings.ts";
import { d1Statements } from "../../support/d1-migrations.ts";
import { secrets } from "../../support/secrets.ts";

export interface CrashRuntime {
  /** Where the Worker answers now. */
  origin(): string;
  /** True from a kill until `restart`. */
  isDead(): boolean;
  restart(): Promise<void>;
  /** Rows of the Worker's database. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  objectKeys(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** @param settings of the Worker, besides those that it cannot do without */
export async function startCrashRuntime(
  storage: string,
  settings: Readonly<Record<string, string>>,
): Promise<CrashRuntime> {
  const script = await bundle();
  let isDead = false;
  const killer = createServer(() => {
    // No answer: the caller is gone.
    isDead = true;
    killWorkerd();
  }).listen(0, "127.0.0.1");
  await once(killer, "listening");
  const address = killer.address();
  if (address === null || typeof address === "string") throw new Error("The killer has no port");
  const worker = {
    name: "crash",
    modules: true as const,
    script,
    compatibilityDate: "2026-10-20",
    compatibilityFlags: ["nodejs_compat", "enable_request_signal"],
    r2Buckets: ["BUCKET"],
    d1Databases: ["DB"],
    durableObjects: { [resumableUploadsBinding]: { className: resumableUploadClass, useSQLite: true } },
    bindings: {
      ...secrets,
      FILE_API: "on",
      ALLOWED_HTTP_METHODS: "POST",
      RETENTION_SECONDS: "3600",
      ...settings,
      KILLER: `http://127.0.0.1:${String(address.port)}/`,
    },
  };
  const start = () =>
    new Miniflare({
      ...convertV4MiniflareOptions({ workers: [worker] }),
      resourcePersistencePath: storage,
      // The Worker logs every fault: hundreds of lines that nobody reads.
      handleStructuredLogs: () => undefined,
    });
  let miniflare = start();
  let url = await miniflare.ready;
  await migrate(miniflare);
  return {
    origin: () => url.origin,
    isDead: () => isDead,
    async restart() {
      await miniflare.dispose().catch(() => undefined);
      miniflare = start();
      url = await miniflare.ready;
      isDead = false;
    },
    async query(sql) {
      const database = await miniflare.getD1Database("DB");
      return (await database.prepare(sql).all()).results;
    },
    async objectKeys() {
      const bucket = await miniflare.getR2Bucket("BUCKET");
      const keys: string[] = [];
      for (let cursor: string | undefined, isLast = false; !isLast;) {
        const page = await bucket.list(cursor === undefined ? {} : { cursor });
        keys.push(...page.objects.map(({ key }) => key));
        isLast = !page.truncated;
        cursor = page.truncated ? page.cursor : undefined;
      }
      return keys.toSorted();
    },
    async stop() {
      killer.close();
      await miniflare.dispose().catch(() => undefined);
    },
  };
}

/** workerd is this process's only child of that name. */
function killWorkerd(): void {
  const children = readFileSync(`/proc/self/task/${String(process.pid)}/children`, "utf8")
    .trim()
    .split(" ");
  for (const child of children.filter((pid) => pid !== "")) {
    if (readFileSync(`/proc/${child}/comm`, "utf8").startsWith("workerd")) process.kill(Number(child), "SIGKILL");
  }
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("worker/crash-worker.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "import"],
    external: ["node:*", "cloudflare:*"],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

async function migrate(miniflare: Miniflare): Promise<void> {
  const database = await miniflare.getD1Database("DB");
  const drawers = "CREATE TABLE drawers (storage_key TEXT PRIMARY KEY NOT NULL)";
  // Nothing but the runtime keeps a row from being written twice.
  const films = "CREATE TABLE films (storage_key TEXT NOT NULL)";
  await database.batch([...d1Statements(), drawers, films].map((sql) => database.prepare(sql)));
}
