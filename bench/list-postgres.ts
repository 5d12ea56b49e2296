/**
 * Measures what it costs to list 20 of an owner's 1,000,000 files on PostgreSQL: the registry's own statements through the
 * Hyperdrive hyperdrive, on a throw-away server. Run `node bench/list-postgres.ts`; prints a Markdown table and the plan.
 */
import { epochAbove } from "../src/runtime/links/registry.ts";
import { hyperdrive } from "../src/databases/hyperdrive.ts";
import { createStatements } from "../src/runtime/database/statements.ts";
import { pageOf, type FileFilter, type ListPosition } from "../src/runtime/files/list.ts";
import { migrate } from "../test/support/node/migrate.ts";
import { startCluster } from "../src/compiler/sql/postgres/throw-away-cluster.ts";

const FILES = 1_000_000;
const LIMIT = 20;
const ROUNDS = 201;
const TARGET = 1.2;
const NOW = "2026-06-01T00:00:00.000Z";
const filter: FileFilter = {
  type: null,
  visibility: null,
  prefix: null,
  name: null,
  from: null,
  to: null,
  status: "stored",
  now: NOW,
};

const cluster = await startCluster();
await migrate(cluster.url);
// One connection for all, as a request has it after its first statement.
const database = hyperdrive.open({
  text: () => "",
  binding: (name) => (name === "HYPERDRIVE" ? { connectionString: cluster.url } : undefined),
});
const run = async (sql: string) =>
  (await database.batch([{ sql, parameters: [], columns: {}, writes: true }]))[0] ?? [];

const columns =
  "id, owner, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, file_size, created_at, updated_at";
const chunk = FILES / 20;
for (let first = 0; first < FILES * 1.1; first += chunk) {
  await run(
    `INSERT INTO sluice.files (${columns}) SELECT lpad(n::text, 24, '0'), CASE WHEN n < ${FILES} THEN 'ann' ELSE 'ben' END, 'key ' || n, ` +
      `'stored', 'public', 'e', 'a.png', 'image/png', 'png', n, timestamptz '2014-01-01' + n * interval '5 minutes', now() ` +
      `FROM generate_series(${first}, ${first + chunk - 1}) AS n`,
  );
}
await run("ANALYZE sluice.files");

const { reading } = createStatements(database, hyperdrive.dialect);
const statementOf = (position: ListPosition) =>
  reading(pageOf(hyperdrive.dialect, "ann", filter, "newest", position, LIMIT, epochAbove("ann")));

async function list(position: ListPosition) {
  const [rows = []] = await database.batch([statementOf(position)]);
  if (rows.length !== LIMIT) throw new Error(`${rows.length} rows`);
  return rows;
}

/** The position behind this many pages. */
async function positionBehind(pages: number): Promise<ListPosition> {
  const last = (await list({ skip: pages * LIMIT - LIMIT })).at(-1);
  return { value: last?.["created_at"] as string, id: last?.["id"] as string };
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const pages = [2, 10_000, 49_999];
const positions: ListPosition[] = [{ skip: 0 }];
for (const page of pages) positions.push(await positionBehind(page - 1));
const times = positions.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [index, position] of positions.entries()) {
    const start = performance.now();
    await list(position);
    times[index]?.push(performance.now() - start);
  }
}
const [base = Number.NaN, ...others] = times.map(median);
console.log("| 20 of 1,000,000 files, PostgreSQL | ms, median | × first page | must reach |");
console.log("| --- | ---: | ---: | ---: |");
console.log(`| page 1 | ${base.toFixed(2)} | 1.00 | |`);
for (const [index, milliseconds] of others.entries()) {
  const title = `by cursor, page ${(pages[index] ?? 0).toLocaleString("en")}`;
  console.log(`| ${title} | ${milliseconds.toFixed(2)} | ${(milliseconds / base).toFixed(2)} | ≤ ${TARGET} |`);
}
const last = statementOf(positions.at(-1) ?? { skip: 0 });
const [plan = []] = await database.batch([{ ...last, sql: `EXPLAIN ${last.sql}` }]);
console.log(`\n${plan.map((row) => row["QUERY PLAN"] as string).join("\n")}\n\n\`node bench/list-postgres.ts\``);
await cluster.stop();
// The client is never closed: in the Worker the request's end does that.
process.exit(others.every((milliseconds) => milliseconds <= base * TARGET) ? 0 : 1);
