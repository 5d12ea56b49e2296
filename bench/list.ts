/**
 * Measures what it costs to list 20 of an owner's 1,000,000 files, near the beginning and far behind it: the file API in
 * workerd, rows in local D1. Run `node bench/list.ts`; prints a Markdown table.
 */
import { signToken } from "../src/cli/local/sign-token.ts";
import { startIsolate } from "./support/isolate.ts";
import { JWT_SECRET_KEY } from "../test/support/secrets.ts";

const FILES = 1_000_000;
const STRANGERS_FILES = 100_000;
const LIMIT = 20;
const ROUNDS = 201;
/** A page by number reads all that come before it. */
const ROUNDS_BY_NUMBER = 5;
const CHUNK = 100_000;
const TARGET = 1.2;

const isolate = await startIsolate(new URL("list-worker.js", import.meta.url));

/** One file each 31 seconds, of three types, every seventh private. */
async function seed(owner: string, count: number, firstNumber: number): Promise<void> {
  const columns =
    "id, owner, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, file_size, checksum_sha256, created_at, updated_at";
  for (let first = firstNumber; first < firstNumber + count; first += CHUNK) {
    const last = Math.min(first + CHUNK, firstNumber + count) - 1;
    const moment = "strftime('%Y-%m-%dT%H:%M:%fZ', 1700000000 + n * 31, 'unixepoch')";
    await isolate.execute(
      `WITH RECURSIVE numbers(n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${last}) ` +
        `INSERT INTO sluice_files (${columns}) SELECT printf('%024x', n), '${owner}', ` +
        `printf('public/${owner}/%08x-0000-4000-8000-%012x.png', n, n), 'stored', iif(n % 7, 'public', 'private'), ` +
        `'v1/upload', printf('picture %d.png', n), iif(n % 3, 'image/png', 'application/pdf'), 'png', 1000 + n % 999, ` +
        `printf('%064x', n), ${moment}, ${moment} FROM numbers`,
    );
  }
}

const authorization = `Bearer ${await signToken({ secret: JWT_SECRET_KEY, claims: { id: "ann" }, expiresSeconds: 3600 })}`;

interface Page {
  readonly data: {
    readonly data: readonly object[];
    readonly nextCursor: string | null;
    readonly count: number | null;
  };
}

async function list(query: string): Promise<Page["data"]> {
  const answer = await fetch(`http://127.0.0.1:${isolate.port}/v1/upload?limit=${LIMIT}&${query}`, {
    headers: { authorization },
  });
  const { data } = (await answer.json()) as Page;
  if (!answer.ok || data.data.length !== LIMIT) throw new Error(`${query}: ${answer.status}`);
  return data;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Milliseconds, each round asking everything once, so that a noisy moment meets all alike. */
async function measure(queries: readonly string[], rounds: number): Promise<number[]> {
  const times = queries.map((): number[] => []);
  for (const query of queries) await list(query);
  for (let round = 0; round < rounds; round++) {
    for (const [index, query] of queries.entries()) {
      const start = performance.now();
      await list(query);
      times[index]?.push(performance.now() - start);
    }
  }
  return times.map(median);
}

await seed("ann", FILES, 0);
await seed("ben", STRANGERS_FILES, FILES);
const pages = [2, 10_000, 49_999];
const cursors: string[] = [""];
for (const page of pages) cursors.push((await list(`page=${page - 1}`)).nextCursor ?? "");

const byCursor = await measure(
  cursors.map((cursor) => `cursor=${cursor}`),
  ROUNDS,
);
const filtered = await measure(["cursor=&visibility=private", "cursor=&type=image/*&to=2024-06-01"], ROUNDS);
const byNumber = await measure(
  [1, ...pages].map((page) => `page=${page}`),
  ROUNDS_BY_NUMBER,
);
const [base = Number.NaN] = byCursor;
const row = (way: string, milliseconds: number, must: string) =>
  console.log(`| ${way} | ${milliseconds.toFixed(1)} | ${(milliseconds / base).toFixed(2)} | ${must} |`);

console.log("| 20 of 1,000,000 files | ms, median | × first page by cursor | must reach |");
console.log("| --- | ---: | ---: | ---: |");
for (const [index, milliseconds] of byCursor.entries()) {
  const page = index === 0 ? 1 : (pages[index - 1] ?? 0);
  row(`by cursor, page ${page.toLocaleString("en")}`, milliseconds, index === 0 ? "" : `≤ ${TARGET}`);
}
row("by cursor, private ones only (1 in 7)", filtered[0] ?? Number.NaN, "");
row("by cursor, pictures before a day", filtered[1] ?? Number.NaN, "");
for (const [index, milliseconds] of byNumber.entries()) {
  row(`with count, page ${(index === 0 ? 1 : (pages[index - 1] ?? 0)).toLocaleString("en")}`, milliseconds, "");
}
console.log("\n`node bench/list.ts`");
const isFlat = byCursor.every((milliseconds) => milliseconds <= base * TARGET);
await isolate.stop();
process.exit(isFlat ? 0 : 1);
