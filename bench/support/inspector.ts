/** What an isolate holds in memory, by its inspector: heap, embedder and array buffers. */
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MILLISECONDS = 2;

export type Inspect = (method: string) => Promise<Record<string, number>>;

/** What of the protocol's protocol is needed: ask, and be answered. */
export async function openInspector(port: number, worker: string): Promise<Inspect> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/core:user:${worker}`);
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
