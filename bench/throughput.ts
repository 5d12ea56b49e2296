/**
 * Measures how many uploads a second the whole runtime takes, eight at a time, beside other ways to take the same photographs: Workers
 * written by hand, and express with multer and sharp. All in one run, taking turns; ratios are of the turns of one round, so that a
 * machine that is slower for a while is so for all. Run `node bench/throughput.ts [rounds]`; prints a Markdown table.
 *
 * "Put only" does nothing but store the body: there the simulated bucket is the limit.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { anyFreePort } from "../src/compiler/sql/postgres/free-port.ts";
import { startIsolate } from "./support/isolate.ts";
import { makePhotographs, type Photograph } from "./support/photographs.ts";
import { postForm } from "./support/post-form.ts";

const CONCURRENT = 8;
const TURN_MILLISECONDS = 1500;
const WARM_UP_ROUNDS = 1;
const rounds = Number(process.argv[2] ?? 7);

interface Way {
  readonly title: string;
  readonly path: string;
  readonly port: number;
  stop(): Promise<unknown>;
}

async function startWorker(title: string, entry: string, path: string): Promise<Way> {
  const isolate = await startIsolate(new URL(entry, import.meta.url));
  return { title, path, port: isolate.port, stop: () => isolate.stop() };
}

async function startExpress(title: string): Promise<Way> {
  const [port, folder] = [await anyFreePort(), await mkdtemp(join(tmpdir(), "sluice-express-"))];
  const script = fileURLToPath(new URL("express-server.js", import.meta.url));
  const server = spawn(process.execPath, [script, String(port), folder], { stdio: ["ignore", "pipe", "inherit"] });
  await once(server.stdout, "data");
  const stop = async () => {
    server.kill();
    await rm(folder, { recursive: true });
  };
  return { title, path: "/many", port, stop };
}

/** Uploads a second. */
async function takeTurn({ port, path }: Way, { file }: Photograph): Promise<number> {
  const start = performance.now();
  let uploads = 0;
  const sender = async () => {
    while (performance.now() - start < TURN_MILLISECONDS) {
      const answer = await postForm(port, path, [file]);
      if (!answer.includes(" 200 OK")) throw new Error(`${path} answered ${answer.slice(0, 300)}`);
      uploads++;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, sender));
  return uploads / ((performance.now() - start) / 1000);
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function compare(ways: readonly Way[], photograph: Photograph): Promise<readonly (readonly number[])[]> {
  const rates: number[][] = ways.map(() => []);
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (let turn = 0; turn < ways.length; turn++) {
      // Nobody always follows the same one.
      const index = (turn * (round % 2 === 0 ? 1 : ways.length - 1) + Math.abs(round)) % ways.length;
      const way = ways[index];
      if (way === undefined) continue;
      const rate = await takeTurn(way, photograph);
      if (round >= 0) rates[index]?.push(rate);
    }
  }
  return rates;
}

const ways = [
  await startWorker("Sluice", "upload-worker.js", "/many"),
  await startWorker("put only", "naive-worker.js", "/put"),
  await startWorker("`formData()` and one put", "naive-worker.js", "/form"),
  await startWorker("the same calls of bindings, unchecked", "naive-worker.js", "/calls"),
  await startExpress("express, multer, sharp"),
];
const [, ...others] = ways;

const titles = others.map(({ title }) => `÷ ${title}`);
console.log(`| photograph | Sluice, uploads/s | put only, uploads/s | ${titles.join(" | ")} |`);
console.log(`| --- | --: | --: |${" --: |".repeat(others.length)}`);
for (const photograph of await makePhotographs()) {
  const [ours = [], ...theirs] = await compare(ways, photograph);
  const [bucket = []] = theirs;
  const ratios = theirs.map((rates) => median(rates.map((rate, round) => (ours[round] ?? Number.NaN) / rate)));
  const cells = [median(ours).toFixed(0), median(bucket).toFixed(0), ...ratios.map((ratio) => ratio.toFixed(2))];
  console.log(`| ${[photograph.title, ...cells].join(" | ")} |`);
}
for (const way of ways) await way.stop();
console.log(`\n\`node bench/throughput.ts ${rounds}\``);
process.exit();
