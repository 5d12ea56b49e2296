/**
 * What a signed link costs: signing and checking one, and downloading through one beside a bare read of the bucket, in
 * workerd. Run `node bench/links.ts`; prints Markdown tables.
 */
import { Agent, get } from "node:http";
import { cpus } from "node:os";
import { readCpu } from "./support/processor-time.ts";
import { startIsolate } from "./support/isolate.ts";

const CALLS = 1000;
const ROUNDS = 9;

interface Load {
  readonly title: string;
  readonly bytes: number;
  readonly rounds: number;
}

const loads: readonly Load[] = [
  { title: "64 KiB", bytes: 65_536, rounds: 300 },
  { title: "1 MiB", bytes: 1_048_576, rounds: 120 },
  { title: "8 MiB", bytes: 8_388_608, rounds: 48 },
];
/** Not counted: code that has run a few times only is slow. */
const warmUp: Load = { title: "1 byte", bytes: 1, rounds: 250 };
/** Of each comparison, not counted either: memory grows to what the size wants. */
const SETTLING_ROUNDS = 16;
/** What `prepare` answers with. */
const kinds = ["permanent address", "signed link", "counted link"];
/**
 * Ways of one download: the bucket alone, and what the header asks of bench/links-worker.js. The first opening has a link
 * that is new to the Worker; the others one that was opened before.
 */
const ways = ["bare", "again", "app", "first"] as const;
type Way = (typeof ways)[number];

const isolate = await startIsolate(new URL("links-worker.js", import.meta.url));
const origin = `http://127.0.0.1:${isolate.port}`;
/** One connection, so that none is opened while the clock runs. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** CPU milliseconds of one request that makes all calls, the middle of all rounds. */
async function timeCalls(name: string): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = await readCpu();
    const response = await fetch(`${origin}/call/${encodeURIComponent(name)}?count=${CALLS}`);
    if ((await response.text()) !== "done") throw new Error(`${name}: status ${response.status}`);
    rounds.push((await readCpu()) - start);
  }
  return median(rounds);
}

async function printCalls(): Promise<void> {
  const calls = (await (await fetch(`${origin}/calls`)).json()) as string[];
  await timeCalls("nothing");
  const overhead = await timeCalls("nothing");
  const processor = cpus()[0]?.model ?? "an unknown processor";
  console.log(`Median of ${ROUNDS} rounds of ${CALLS} calls in workerd, on ${processor}.\n`);
  console.log("| | CPU µs per call |\n| --- | ---: |");
  for (const name of calls) {
    const microseconds = ((await timeCalls(name)) - overhead) * (1000 / CALLS);
    console.log(`| ${name} | ${microseconds < 1 ? "< 1" : microseconds.toFixed(0)} |`);
  }
}

/** Milliseconds from the request to the last byte. */
function timeDownload(url: string, way: Way, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const request = get(url, { agent, headers: { "X-Bench": way } }, (response) => {
      let received = 0;
      response.on("data", (chunk: Buffer) => (received += chunk.length));
      response.on("end", () => {
        if (response.statusCode === 200 && received === bytes) resolve(performance.now() - start);
        else reject(new Error(`${way} of ${url}: ${response.statusCode}, ${received} bytes`));
      });
    });
    request.on("error", reject);
  });
}

/**
 * Medians of all ways. They take turns, forwards and backwards, so that whatever else the machine does, and whatever the one
 * leaves for the next to wait for, happens to all.
 */
async function compare(urls: readonly string[], bytes: number): Promise<Readonly<Record<Way, number>>> {
  const times: Record<Way, number[]> = { bare: [], again: [], app: [], first: [] };
  const bare = `${origin}/bare/bench/${bytes}.png`;
  const [usual = "", ...fresh] = urls;
  for (const [round, url] of fresh.entries()) {
    const turns = [...ways.slice(round % ways.length), ...ways.slice(0, round % ways.length)];
    for (const way of round % 8 < ways.length ? turns : turns.toReversed()) {
      const time = await timeDownload(way === "bare" ? bare : way === "first" ? url : usual, way, bytes);
      if (round >= SETTLING_ROUNDS) times[way].push(time);
    }
  }
  return { bare: median(times.bare), again: median(times.again), app: median(times.app), first: median(times.first) };
}

/** Addresses of a new file, of each kind one that is opened again and again and one for each round. */
async function prepare({ bytes, rounds }: Load): Promise<readonly (readonly string[])[]> {
  const prepared = await fetch(`${origin}/prepare?size=${bytes}&count=${1 + SETTLING_ROUNDS + rounds}`);
  return (await prepared.json()) as string[][];
}

async function printDownloads(): Promise<void> {
  const rounds = loads.map(({ rounds }) => rounds).join(", ");
  console.log(`\nMedians of ${rounds} downloads each, in turns, ms to the last byte.\n`);
  console.log("| file | through | bare R2 read | opened before | more | whole app | more | first opening | more |");
  console.log("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const urls of await prepare(warmUp)) await compare(urls, warmUp.bytes);
  for (const load of loads) {
    for (const [index, urls] of (await prepare(load)).entries()) {
      const { bare, ...others } = await compare(urls, load.bytes);
      const cells = Object.values(others).flatMap((time) => [
        time.toFixed(2),
        `${((time / bare - 1) * 100).toFixed(0)} %`,
      ]);
      console.log(`| ${[load.title, kinds[index] ?? "", bare.toFixed(2), ...cells].join(" | ")} |`);
    }
  }
  console.log("\n`node bench/links.ts`");
}

try {
  await printCalls();
  await printDownloads();
} finally {
  agent.destroy();
  await isolate.stop();
}
process.exit();
