/** One Worker in workerd with local R2 and D1, and its inspector: what the isolate holds in memory. */
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";

const NAME = "measured";
const POLL_MILLISECONDS = 2;

export interface Isolate {
  readonly port: number;
  /** The highest memory in use while the work ran, less what was in use before. Bytes. */
  peakOver(work: () => Promise<unknown>): Promise<number>;
  stop(): Promise<void>;
}

/** Bundles the entry, starts it and applies the migrations to its database. */
export async function startIsolate(entry: URL, migrations: readonly string[]): Promise<Isolate> {
  const [port, inspectorPort] = [await freePort(), await freePort()];
  const worker = {
    name: NAME,
    modules: true as const,
    script: await bundle(entry),
    compatibilityDate: "2026-10-20",
    compatibilityFlags: ["nodejs_compat"],
    r2Buckets: ["BUCKET"],
    d1Databases: ["DB"],
    bindings: { LINK_SECRET: "a-secret-for-measuring-of-32-bytes-or-more" },
    unsafeDirectSockets: [{ host: "127.0.0.1", port }],
  };
  const miniflare = new Miniflare(convertV4MiniflareOptions({ inspectorPort, workers: [worker] }));
  await miniflare.ready;
  const database = await miniflare.getD1Database("DB");
  for (const sql of migrations) {
    await database.exec(sql.replace(/--.*$/gm, "").replace(/\s+/g, " ").replace(/;\s*/g, ";\n").trim());
  }
  const inspect = await openInspector(inspectorPort);
  return { port, peakOver: (work) => peakOver(inspect, work), stop: () => miniflare.dispose() };
}

async function bundle(entry: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "import"],
    external: ["node:*"],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

type Inspect = (method: string) => Promise<Record<string, number>>;

/** What of the inspector's protocol is needed: ask, and be answered. */
async function openInspector(port: number): Promise<Inspect> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/core:user:${NAME}`);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error("no inspector")));
  });
  let lastId = 0;
  const waiting = new Map<number, (result: Record<string, number>) => void>();
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as { id?: number; result?: Record<string, number> };
    if (message.id !== undefined) waiting.get(message.id)?.(message.result ?? {});
  });
  return (method) =>
    new Promise((resolve) => {
      waiting.set(++lastId, resolve);
      socket.send(JSON.stringify({ id: lastId, method }));
    });
}

async function usedBytes(inspect: Inspect): Promise<number> {
  const { usedSize = 0, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await inspect("Runtime.getHeapUsage");
  return usedSize + embedderHeapUsedSize + backingStorageSize;
}

async function peakOver(inspect: Inspect, work: () => Promise<unknown>): Promise<number> {
  // Not awaited: it is carried out soon, but answered only when the isolate next has something to do.
  void inspect("HeapProfiler.collectGarbage");
  await sleep(300);
  const base = await usedBytes(inspect);
  const finished = new AbortController();
  let peak = 0;
  const poll = async (): Promise<void> => {
    while (!finished.signal.aborted) {
      peak = Math.max(peak, (await usedBytes(inspect)) - base);
      await sleep(POLL_MILLISECONDS);
    }
  };
  const polling = poll();
  await work();
  finished.abort();
  await polling;
  return peak;
}
