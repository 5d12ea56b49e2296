/**
 * Measures what an upload costs end to end: the real app in workerd, streaming into local R2, with rows in local D1. Run
 * `node bench/upload.ts`; prints a Markdown table.
 *
 * Memory is what the inspector says of the runtime's own isolate (heap, embedder and array buffers; the storage
 * simulators live in others), polled while files arrive, less what it was before. The naive Worker takes the same
 * body with `request.formData()` and puts the file into the same bucket.
 */
import { randomBytes } from "node:crypto";
import { startIsolate, type Isolate } from "./support/isolate.ts";
import { postForm, type FormFile } from "./support/post-form.ts";

const MIB = 1024 * 1024;
const ROUNDS = 3;

interface Load {
  readonly title: string;
  readonly path: string;
  readonly concurrent: number;
  readonly file: FormFile;
  readonly targetMib: number;
}

/** Bytes that are a JPEG by their start and nothing known after it. */
function file(bytes: number): FormFile {
  return {
    name: "a.jpg",
    type: "image/jpeg",
    head: Buffer.from("ffd8ffe000104a46494600", "hex"),
    block: randomBytes(MIB),
    bytes,
  };
}

const loads: readonly Load[] = [
  { title: "1 × 95 MiB", path: "/large", concurrent: 1, file: file(95 * MIB), targetMib: 16 },
  { title: "8 × 20 MiB at once", path: "/many", concurrent: 8, file: file(20 * MIB), targetMib: 64 },
];

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function post(isolate: Isolate, load: Load): Promise<number> {
  const start = performance.now();
  const uploads = Array.from({ length: load.concurrent }, () => postForm(isolate.port, load.path, [load.file]));
  for (const answer of await Promise.all(uploads)) {
    if (!answer.includes(" 200 OK")) throw new Error(`${load.path} answered ${answer.slice(0, 300)}`);
  }
  return performance.now() - start;
}

async function measure(isolate: Isolate, way: string, load: Load): Promise<void> {
  await post(isolate, load);
  const times: number[] = [];
  const peak = await isolate.peakOver(async () => {
    for (let round = 0; round < ROUNDS; round++) times.push(await post(isolate, load));
  });
  const speed = (load.concurrent * load.file.bytes) / MIB / (median(times) / 1000);
  const target = way !== "Sluice" ? "" : `≤ ${load.targetMib}`;
  console.log(`| ${load.title} | ${way} | ${(peak / MIB).toFixed(1)} | ${target} | ${speed.toFixed(0)} |`);
}

console.log("| upload | way | isolate's peak over base, MiB | target | MiB/s (median) |");
console.log("|---|---|---:|---:|---:|");
for (const [way, entry] of [
  ["Sluice", "upload-worker.js"],
  ["naive `formData()` Worker", "naive-worker.js"],
] as const) {
  const isolate = await startIsolate(new URL(entry, import.meta.url));
  for (const load of loads) await measure(isolate, way, load);
  await isolate.stop();
}
console.log("\n`node bench/upload.ts`");
process.exit();
