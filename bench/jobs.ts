/**
 * Measures what an upload's caller waits for, with its rows written in the request and in a job: the real app in workerd
 * on local R2, D1 and Queues. Run `node bench/jobs.ts`; prints a Markdown table.
 *
 * They take turns, with a pause after each in which the job can run: locally its consumer shares the processor.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { bundleWorker } from "./support/bundle.ts";
import { anyFreePort } from "../src/compiler/sql/postgres/free-port.ts";
import { d1Statements } from "../test/support/d1-migrations.ts";
import { secrets } from "../test/support/secrets.ts";

const ROUNDS = 80;
const WARM_UP_ROUNDS = 10;
const PAUSE_MS = 250;
const FILE_BYTES = 100_000;

const port = await anyFreePort();
const worker = {
  name: "measured",
  modules: true as const,
  script: await bundleWorker(new URL("jobs-worker.js", import.meta.url)),
  compatibilityDate: "2026-10-20",
  compatibilityFlags: ["nodejs_compat"],
  r2Buckets: ["BUCKET"],
  d1Databases: ["DB"],
  queueProducers: { JOBS: "normal" },
  queueConsumers: { normal: { maxBatchSize: 5, maxBatchTimeout: 0 } },
  bindings: secrets,
  unsafeDirectSockets: [{ host: "127.0.0.1", port }],
};
const miniflare = new Miniflare(
  convertV4MiniflareOptions({ handleStructuredLogs: () => undefined, workers: [worker] }),
);
await miniflare.ready;
const database = await miniflare.getD1Database("DB");
await database.batch(d1Statements().map((sql) => database.prepare(sql)));

const file = new Blob([randomBytes(FILE_BYTES)]);

/** Milliseconds until the whole answer is there. */
async function post(path: string, status: number): Promise<number> {
  const form = new FormData();
  form.set("file", file, "a.bin");
  const start = performance.now();
  const response = await fetch(`http://127.0.0.1:${String(port)}${path}`, { method: "POST", body: form });
  const text = await response.text();
  const milliseconds = performance.now() - start;
  if (response.status !== status) throw new Error(`${path} answered ${text}`);
  await sleep(PAUSE_MS);
  return milliseconds;
}

const ways = [
  { title: "one row, in the request", path: "/request", status: 200, times: [] as number[] },
  { title: "one row, in a job", path: "/job", status: 202, times: [] as number[] },
  { title: "three dependent statements, in the request", path: "/request-three", status: 200, times: [] as number[] },
  { title: "three dependent statements, in a job", path: "/job-three", status: 202, times: [] as number[] },
];
for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
  // Neither is always the first of a round.
  for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
    const milliseconds = await post(way.path, way.status);
    if (round >= 0) way.times.push(milliseconds);
  }
}

const at = (times: readonly number[], share: number) =>
  (times.toSorted((left, right) => left - right)[Math.floor(times.length * share)] ?? Number.NaN).toFixed(1);

console.log(`${String(ROUNDS)} uploads of ${String(FILE_BYTES / 1000)} kB each way, taking turns.\n`);
console.log("| the upload writes | median, ms | 90 %, ms |\n| --- | ---: | ---: |");
for (const { title, times } of ways) console.log(`| ${title} | ${at(times, 0.5)} | ${at(times, 0.9)} |`);
for (let look = 0; look < 100; look++) {
  const [row] = (
    await database.prepare("SELECT count(*) AS n FROM sluice_jobs WHERE state <> 'done'").all<{ n: number }>()
  ).results;
  if (row?.n === 0) break;
  await sleep(100);
}
const jobs = (await database.prepare("SELECT state, count(*) AS n FROM sluice_jobs GROUP BY state").all()).results;
console.log(`\nJobs afterwards: ${JSON.stringify(jobs)}. \`node bench/jobs.ts\``);
await miniflare.dispose();
