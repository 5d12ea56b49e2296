/**
 * Measures a file in pieces against the same bytes in one form, end to end: the real app in workerd, with local R2, D1
 * and Durable Objects. Run `node bench/resumable.ts [all | speed | memory] [rounds] [MiB…]`; prints Markdown tables.
 *
 * Both ways take turns in one isolate, and the ratio is taken within each round. Memory is what the inspector says of
 * that isolate (heap, embedder and array buffers), in which Worker and Durable Objects are together, polled while the file
 * arrives, less what it was after a collection before. What the simulators of the storage hold is in other isolates.
 */
import { randomBytes } from "node:crypto";
import { readCpu } from "./support/processor-time.ts";
import { startIsolate, type Isolate } from "./support/isolate.ts";
import { blocksOf, exchange, postForm } from "./support/post-form.ts";

const MIB = 1024 * 1024;
const CHUNK_BYTES = 50 * MIB;
const ROUNDS = 5;
const block = randomBytes(MIB);

async function sendForm({ port }: Isolate, bytes: number): Promise<void> {
  const head = Buffer.alloc(0);
  const answer = await postForm(port, "/form", [
    { name: "film", type: "application/octet-stream", head, block, bytes },
  ]);
  if (!answer.includes(" 200 OK")) throw new Error(answer.slice(0, 300));
}

async function sendPieces({ port }: Isolate, bytes: number): Promise<void> {
  const version = "Tus-Resumable: 1.0.0";
  const created = await exchange(port, ["POST /tus HTTP/1.1", version, `Upload-Length: ${bytes}`], []);
  const [, path] = /^location: https?:\/\/[^/]+(\S+)/im.exec(created) ?? [];
  if (path === undefined) throw new Error(created.slice(0, 300));
  for (let offset = 0; offset < bytes; offset += CHUNK_BYTES) {
    const type = "Content-Type: application/offset+octet-stream";
    const head = [`PATCH ${path} HTTP/1.1`, version, type, `Upload-Offset: ${offset}`];
    const answer = await exchange(port, head, blocksOf(block, Math.min(CHUNK_BYTES, bytes - offset)));
    if (!answer.includes(" 204 ")) throw new Error(answer.slice(0, 300));
  }
}

const ways = [sendForm, sendPieces];

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Milliseconds of one transfer: by the clock, and of workerd's processor. */
interface Took {
  readonly clock: number;
  readonly processor: number;
}

async function timeOf(work: () => Promise<unknown>): Promise<Took> {
  const [start, cpu] = [performance.now(), await readCpu()];
  await work();
  return { clock: performance.now() - start, processor: (await readCpu()) - cpu };
}

const ratioOf = (kind: keyof Took, [form = [], pieces = []]: readonly Took[][]) => {
  const [above, below] = [form, pieces].map((times) => median(times.map((took) => took[kind])));
  const ratios = form.map((took, round) => took[kind] / (pieces[round]?.[kind] ?? Number.NaN));
  const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  return `${((above ?? Number.NaN) / (below ?? Number.NaN)).toFixed(2)} (${spread})`;
};

async function compareSpeed(isolate: Isolate, rounds: number, sizes: readonly number[]): Promise<void> {
  console.log("| file | one form, MiB/s | tus, MiB/s | tus ÷ form, by the clock | by processor time |");
  console.log("| --- | --: | --: | --: | --: |");
  for (const bytes of sizes) {
    const times: Took[][] = ways.map(() => []);
    const turns = bytes > 500 * MIB ? Math.ceil(rounds / 3) : rounds;
    for (let round = -1; round < turns; round++) {
      // Nobody is always the first.
      for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
        const took = await timeOf(async () => ways[index]?.(isolate, bytes));
        if (round >= 0) times[index]?.push(took);
      }
    }
    const speeds = times.map((took) => (bytes / MIB / (median(took.map(({ clock }) => clock)) / 1000)).toFixed(0));
    const cells = [`${bytes / MIB} MiB`, ...speeds, ratioOf("clock", times), ratioOf("processor", times)];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

async function measureMemory(isolate: Isolate, sizes: readonly number[]): Promise<void> {
  console.log("\n| uploads at once | of | isolate's peak over base, MiB | target |");
  console.log("| --: | --- | --: | --- |");
  // What compiling takes is no upload's.
  await sendPieces(isolate, 20 * MIB);
  for (const [uploads, bytes] of [...sizes.map((size) => [1, size] as const), [8, 64 * MIB] as const]) {
    const peak = await isolate.peakOver(() =>
      Promise.all(Array.from({ length: uploads }, () => sendPieces(isolate, bytes))),
    );
    console.log(`| ${uploads} | ${bytes / MIB} MiB | ${(peak / MIB).toFixed(1)} | ≤ ${16 * uploads} |`);
  }
}

const [what = "all", rounds = String(ROUNDS), ...mebibytes] = process.argv.slice(2);
const sizesOr = (standard: readonly number[]) =>
  (mebibytes.length === 0 ? standard : mebibytes).map((size) => Number(size) * MIB);
const isolate = await startIsolate(new URL("resumable-worker.js", import.meta.url), {
  MAX_REQUEST_BYTES: "2000000000",
});
if (what !== "memory") await compareSpeed(isolate, Number(rounds), sizesOr([100, 1024]));
if (what !== "speed") await measureMemory(isolate, sizesOr([64, 256, 1024]));
await isolate.stop();
console.log(`\n\`node bench/resumable.ts ${[what, rounds, ...mebibytes].join(" ")}\``);
process.exit();
