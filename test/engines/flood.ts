/** Two hundred uploads at the same moment, and load in the middle of which the database dies. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../scripts/postgres/throw-away-cluster.ts";
import { examineCalls, performCall, prepareCall, type LoadCall, type LoadReport, type Way } from "./load.ts";
import type { EngineRuntime } from "./runtime.ts";
import { findDisagreements, readWorld, sweepLater } from "./world.ts";

const CALLS_AT_ONCE = 200;
const CALLERS = 100;
/** How many calls of each outcome are waited for before the next thing happens to the server. */
const STEP_CALLS = 100;
/** What a refused caller waits before its next call. */
const PAUSE_MILLISECONDS = 100;

/** All at once, with nothing in their way. No sweep: nothing may be left to one. */
export async function flood(runtime: EngineRuntime, way: Way): Promise<LoadReport> {
  const users = Array.from({ length: CALLS_AT_ONCE }, (_, index) => `flood-${way}-${String(index)}`);
  const calls = await Promise.all(users.map((user) => prepareCall(user, way)));
  await Promise.all(calls.map((call) => performCall(runtime, call)));
  const report = await examine(runtime, calls);
  const lost = report.lost === 0 ? [] : [`${String(report.lost)} calls had no answer`];
  return { ...report, broken: [...report.broken, ...lost] };
}

/**
 * Callers that upload without pause, in both ways; the server is killed and started again so many times. Ends with calls
 * that succeed, and one sweep.
 */
export async function loadAndKill(runtime: EngineRuntime, cluster: Cluster, kills: number): Promise<LoadReport> {
  const calls: LoadCall[] = [];
  const counts = { done: 0, unavailable: 0, lost: 0, wrong: 0 };
  const stop = new AbortController();
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let turn = 0; !stop.signal.aborted; turn += 1) {
      const user = `kill-${String(caller)}-${String(turn)}`;
      const call = await prepareCall(user, (caller + turn) % 2 === 0 ? "batch" : "chain");
      calls.push(call);
      const { kind } = await performCall(runtime, call);
      counts[kind] += 1;
      if (kind !== "done") await sleep(PAUSE_MILLISECONDS);
      // What should never be answered need not be answered a thousand times.
      if (kind === "wrong" && counts.wrong > STEP_CALLS) stop.abort();
    }
  });
  const load = Promise.all(callers).finally(() => stop.abort());
  const more = async (kind: "done" | "unavailable") => {
    const before = counts[kind];
    while (counts[kind] < before + STEP_CALLS && !stop.signal.aborted) await sleep(5);
  };
  await more("done");
  for (let kill = 0; kill < kills && !stop.signal.aborted; kill += 1) {
    await cluster.kill();
    await more("unavailable");
    await cluster.start();
    await more("done");
  }
  stop.abort();
  await load;
  await sweepLater(runtime);
  return examine(runtime, calls);
}

async function examine(runtime: EngineRuntime, calls: readonly LoadCall[]): Promise<LoadReport> {
  const world = await readWorld(runtime);
  const report = examineCalls(calls, world);
  return { ...report, broken: [...report.broken, ...findDisagreements(world)] };
}
