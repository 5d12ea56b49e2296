/** Asks an isolate's inspector: what it holds in memory (heap, embedder and array buffers), or anything else. */
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MILLISECONDS = 2;

/** @param Result as the protocol describes it: https://chromedevtools.github.io/devtools-protocol/v8/ */
export type Inspect = <Result>(method: string, parameters?: object) => Promise<Result>;

/** What of the protocol's protocol is needed: ask, and be answered. */
export async function openInspector(port: number, worker: string): Promise<Inspect> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/core:user:${worker}`);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error("no inspector")));
  });
  let lastId = 0;
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (message.id !== undefined) waiting.get(message.id)?.(message.result ?? {});
  });
  return <Result>(method: string, params: object = {}) =>
    new Promise<Result>((resolve) => {
      waiting.set(++lastId, (result) => resolve(result as Result));
      socket.send(JSON.stringify({ id: lastId, method, params }));
    });
}

async function usedBytes(inspect: Inspect): Promise<number> {
  const usage = await inspect<Record<string, number>>("Runtime.getHeapUsage");
  const { usedSize = 0, embedderHeapUsedSize = 0, backingStorageSize = 0 } = usage;
  return usedSize + embedderHeapUsedSize + backingStorageSize;
}

/** The highest memory in use while `work` ran, less what was in use before. Bytes. */
export async function peakOver(inspect: Inspect, work: () => Promise<unknown>): Promise<number> {
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
