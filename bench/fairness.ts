/**
 * Measures what hostile pictures cost everybody else: how long `/healthz` takes while one is uploaded, and while twelve are, by one
 * owner and by four. The real app in workerd. Run `node bench/fairness.ts`; prints a Markdown table.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { bombs } from "./image-bombs.ts";
import { startIsolate, type Isolate } from "./support/isolate.ts";
import { postForm, type FormFile } from "./support/post-form.ts";

const MANY = 12;
const PAUSE_MILLISECONDS = 10;
/** One owner may have two thirds of the places and of the memory; here all twelve are to come in. */
const settings = { MAX_CONCURRENT_UPLOADS: "18", MAX_MEMORY_BYTES: String(128 * 1024 * 1024) };

interface Load {
  readonly uploads: number;
  readonly owners: number;
}

const loads: readonly Load[] = [
  { uploads: 1, owners: 1 },
  { uploads: MANY, owners: 1 },
  { uploads: MANY, owners: 4 },
];

/** What the bytes alone cost: a PNG's beginning, and then nothing that could be read. */
function noPicture(): Uint8Array {
  const bytes = Buffer.alloc(13_000_000, "no picture");
  bytes.write("\x89PNG\r\n\x1a\n\0\0\0\0IHDR", "latin1");
  return bytes;
}

async function makeBomb(beginning: string): Promise<Uint8Array> {
  const bomb = bombs.find(({ name }) => name.startsWith(beginning));
  if (bomb === undefined) throw new Error(`no bomb ${beginning}`);
  return bomb.make();
}

const kinds = [
  { name: "no picture, 13 MB", type: "image/png", make: async () => noPicture() },
  {
    name: "PNG of 100 MP, all Paeth, 13 MB",
    type: "image/png",
    make: () => makeBomb("PNG 10,000 × 10,000 RGBA, all Paeth"),
  },
  {
    name: "PNG, pixels between empty blocks, 17 MB",
    type: "image/png",
    make: () => makeBomb("PNG, 16 MiB of such blocks"),
  },
  { name: "GIF of 100 MP, 39 KB", type: "image/gif", make: () => makeBomb("GIF 10,000 × 10,000") },
];

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function timeHealth({ port }: Isolate): Promise<number> {
  const start = performance.now();
  await (await fetch(`http://127.0.0.1:${port}/healthz`)).text();
  return performance.now() - start;
}

/** The milliseconds of calls made one after the other until the work was done. */
async function pollDuring(isolate: Isolate, work: Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  const ended = new AbortController();
  const done = work.finally(() => ended.abort());
  while (!ended.signal.aborted) {
    times.push(await timeHealth(isolate));
    await sleep(PAUSE_MILLISECONDS);
  }
  await done;
  return times;
}

/** How many of the uploads got a colour; all must be stored. */
async function upload(isolate: Isolate, file: FormFile, { uploads, owners }: Load): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: uploads }, (_, index) =>
      postForm(isolate.port, "/many", [file], `203.0.113.${1 + (index % owners)}`),
    ),
  );
  for (const answer of answers) if (!answer.includes(" 200 OK")) throw new Error(`answered ${answer.slice(0, 300)}`);
  return answers.filter((answer) => answer.includes('"dominant_color":"#')).length;
}

const isolate = await startIsolate(new URL("upload-worker.js", import.meta.url), settings);

console.log("| file | at once | owners | seconds | colours | `/healthz`, median ms | longest ms | × one |");
console.log("| --- | --: | --: | --: | --: | --: | --: | --: |");
const idle = await pollDuring(isolate, sleep(2000));
console.log(`| none | | | | | ${median(idle).toFixed(0)} | ${Math.max(...idle).toFixed(0)} | |`);
for (const { name, type, make } of kinds) {
  const head = Buffer.from(await make());
  const file: FormFile = { name: "a", type, head, block: head, bytes: head.length };
  let ofOne = Number.NaN;
  for (const load of loads) {
    const start = performance.now();
    const uploading = upload(isolate, file, load);
    const times = await pollDuring(isolate, uploading);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const middle = median(times);
    if (load.uploads === 1) ofOne = middle;
    const ratio = load.uploads === 1 ? "" : (middle / ofOne).toFixed(2);
    const cells = [name, load.uploads, load.owners, seconds, await uploading];
    console.log(`| ${[...cells, middle.toFixed(0), Math.max(...times).toFixed(0), ratio].join(" | ")} |`);
  }
}
await isolate.stop();
console.log("\n`node bench/fairness.ts`");
process.exit();
