/** Two hundred uploads at the same moment, and load in the middle of which the database dies. */
import { setTimeout as sleep } from "node:timers/promises";
import { examineCalls, isSettled, performCall, prepareCall, type LoadCall, type LoadReport, type Way } from "./load.ts";
import type { DatabaseServer, EngineRuntime } from "./runtime.ts";
import { findDisagreements, readWorld, sweepLater } from "./world.ts";

const CALLS_AT_ONCE = 200;
const CALLERS = 100;
/** How many calls of each outcome are waited for before the next thing happens to the server. */
const STEP_CALLS = 100;
/** What a refused caller waits before its next call. */
const PAUSE_MILLISECONDS = 100;
/** Every so many-th commit's answer is lost: a call makes some five, so each of them is met. */
const LOST_COMMITS = 7;
/** Every so many calls there is one with an idempotency key. */
const KEYED_EVERY = 3;

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
 * that succeed, the repetition of those that have a key, and one sweep.
 */
export async function loadAndKill(
  runtime: EngineRuntime,
  { cluster }: DatabaseServer,
  kills: number,
): Promise<LoadReport> {
  const calls: LoadCall[] = [];
  const counts = { done: 0, unavailable: 0, lost: 0, wrong: 0 };
  const stop = new AbortController();
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let turn = 0; !stop.signal.aborted; turn += 1) {
      const user = `kill-${String(caller)}-${String(turn)}`;
      const key = turn % KEYED_EVERY === caller % KEYED_EVERY ? user : null;
      const call = await prepareCall(user, (caller + turn) % 2 === 0 ? "batch" : "chain", key);
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
  return examineLater(runtime, calls);
}

/** Two hundred uploads at once, both ways, of whose commits every seventh is made and never heard of. Then one sweep. */
export async function loseAnswers(runtime: EngineRuntime, { proxy }: DatabaseServer): Promise<LoadReport> {
  const calls = await Promise.all(
    Array.from({ length: CALLS_AT_ONCE }, (_, index) => {
      const user = `unheard-${String(index)}`;
      return prepareCall(user, index % 2 === 0 ? "batch" : "chain", index % KEYED_EVERY === 0 ? user : null);
    }),
  );
  proxy.loseEvery(LOST_COMMITS);
  await Promise.all(calls.map((call) => performCall(runtime, call)));
  proxy.loseEvery(null);
  console.log(`       answers to commits lost: ${String(proxy.lost())}`);
  return examineLater(runtime, calls);
}

/** Once keyed calls were repeated and the sweep has run. */
async function examineLater(runtime: EngineRuntime, calls: readonly LoadCall[]): Promise<LoadReport> {
  await repeat(runtime, calls);
  const before = await readWorld(runtime);
  await sweepLater(runtime);
  const { files, objects } = await readWorld(runtime);
  console.log(
    `       left to the sweep: ${String(before.files.length - files.length)} files, ` +
      `${String(before.objects.size - objects.size)} objects`,
  );
  return examine(runtime, calls);
}

/** What a client does with a call that was not done, later than any dead call holds its key. */
async function repeat(runtime: EngineRuntime, calls: readonly LoadCall[]): Promise<void> {
  const open = calls.filter((call) => call.key !== null && !isSettled(call));
  await runtime.query("UPDATE sluice_idempotency_keys SET claimed_at = '2020-01-01T00:00:00.000Z'");
  await Promise.all(open.map((call) => performCall(runtime, call)));
  console.log(`       repeated under their keys: ${String(open.length)} calls`);
}

async function examine(runtime: EngineRuntime, calls: readonly LoadCall[]): Promise<LoadReport> {
  const world = await readWorld(runtime);
  const report = examineCalls(calls, world);
  return { ...report, broken: [...report.broken, ...findDisagreements(world)] };
}
