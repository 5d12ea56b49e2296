/**
 * Uploads that leave jobs, while the Worker is killed again and again: in the end every job is done or dead, and nothing
 * was done twice or half.
 *
 *     npm run suite -- jobs [--jobs 2000] [--kills 10] [--seed 1]
 *
 * The seed decides which uploads are refused by their job and when the Worker is killed; what it was doing just then
 * differs from run to run.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createDice } from "../fuzz/mutations.ts";
import { abis, migrations } from "./endpoints.ts";
import { startServer, type KillableServer } from "./server.ts";
import { findFaults, summarise, type Dump } from "./verify.ts";

/** Of a job's batches; half of them fail after they were run. */
const FAULT_RATE = 0.05;
const UPLOADERS = 6;

function readOptions(): { jobs: number; kills: number; seed: number } {
  const { values } = parseArgs({
    options: {
      jobs: { type: "string", default: "2000" },
      kills: { type: "string", default: "10" },
      seed: { type: "string", default: "1" },
    },
  });
  return { jobs: Number(values.jobs), kills: Number(values.kills), seed: Number(values.seed) };
}

/** One in forty is refused by its last statement, one in forty misses a row again and again. */
function formOf(index: number, seed: number): { path: string; form: FormData } {
  const dice = createDice(seed, index);
  const fate = dice(40);
  const isBatch = dice(2) === 0;
  const form = new FormData();
  form.set("mark", fate === 0 ? "refused" : `m${String(index)}`);
  form.set("counter", fate === 1 && isBatch ? "none" : "batch");
  for (let file = isBatch ? dice(2) : 0; file >= 0; file--) {
    form.append("file", new Blob([`file ${String(index)} ${String(file)}`], { type: "text/plain" }), "a.txt");
  }
  return { path: isBatch ? "/batch" : "/chain", form };
}

/** Uploads until so many were accepted; a connection that breaks is tried again with the next file. */
async function uploadAll(server: KillableServer, jobs: number, seed: number, onAccepted: () => void): Promise<void> {
  let accepted = 0;
  let next = 0;
  const uploader = async () => {
    while (accepted < jobs) {
      const { path, form } = formOf(next++, seed);
      const origin = server.origin();
      const response = origin === null ? null : await post(origin + path, form);
      if (response === null) {
        await sleep(50);
      } else if (response.status === 202) {
        accepted += 1;
        onAccepted();
      } else if (response.status < 500) {
        throw new Error(`${path} answered ${String(response.status)} ${await response.text()}`);
      }
      await response?.body?.cancel().catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: UPLOADERS }, uploader));
}

const post = (url: string, body?: FormData): Promise<Response | null> =>
  fetch(url, { method: "POST", ...(body === undefined ? {} : { body }) }).catch(() => null);

async function read<Value>(server: KillableServer, path: string): Promise<Value | null> {
  const origin = server.origin();
  if (origin === null) return null;
  try {
    return (await (await fetch(origin + path)).json()) as Value;
  } catch {
    return null;
  }
}

const options = readOptions();
const began = performance.now();
const elapsed = () => `${((performance.now() - began) / 1000).toFixed(0)} s`;
const folder = await mkdtemp(join(tmpdir(), "sluice-jobs-"));
const server = await startServer(folder, {
  abis,
  migrations,
  entry: new URL("worker.js", import.meta.url),
  bindings: {
    FAULT_RATE: String(FAULT_RATE),
    JOB_LEASE_SECONDS: "3",
    JOB_RESEND_SECONDS: "2",
    JOB_BACKOFF_SECONDS: "1",
    MAX_CONCURRENT_UPLOADS: "100",
  },
  queueProducers: { JOBS: "jobs" },
  // One for all priorities: whoever is killed, the order of the others is not lost.
  queueConsumers: { jobs: { maxBatchSize: 5, maxBatchTimeout: 0, maxRetries: 100 } },
});
try {
  let accepted = 0;
  let isUploaded = false;
  const uploading = uploadAll(server, options.jobs, options.seed, () => (accepted += 1)).then(
    () => (isUploaded = true),
  );
  const dice = createDice(options.seed, 1_000_000);
  let kills = 0;
  for (;;) {
    const origin = server.origin();
    if (origin !== null) await post(`${origin}/__tick`);
    const counts = await read<Record<string, number>>(server, "/__counts");
    // Without an answer nobody knows that all is done.
    const { queued = 0, running = 0, done = 0, dead = 0 } = counts ?? { queued: 1 };
    if (isUploaded && queued + running === 0 && kills >= options.kills) break;
    // Spread over the whole way, from the first upload to the last job.
    const progress = (accepted + done + dead) / (2 * options.jobs);
    if (kills < options.kills && progress >= (kills + 0.5) / (options.kills + 0.5)) {
      await sleep(dice(300));
      kills += 1;
      await server.kill();
      console.log(
        `killed ${String(kills)} of ${String(options.kills)} at ${elapsed()}: ${String(accepted)} accepted, ${String(done)} done, ${String(dead)} dead`,
      );
    }
    await Promise.race([sleep(300), uploading.then(() => sleep(300))]);
  }
  await uploading;
  await post(`${server.origin() ?? ""}/__sweep`);
  const dump = await read<Dump>(server, "/__dump");
  if (dump === null) throw new Error("the server does not tell what it has");
  const faults = findFaults(dump);
  const { jobs, seed } = options;
  console.log(`${String(jobs)} uploads accepted, ${String(kills)} kills, seed ${String(seed)}, ${elapsed()}`);
  for (const line of summarise(dump)) console.log(line);
  for (const fault of faults.slice(0, 20)) console.error(fault);
  console.log(faults.length === 0 ? "nothing twice, nothing half" : `${String(faults.length)} faults`);
  process.exitCode = faults.length === 0 && dump.jobs.length >= jobs ? 0 : 1;
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
