/** Uploads that are begun and never get a byte: what stops them, what each costs, and what is left of them. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, test, vi } from "vitest";
import { runSweep } from "../../../support/build.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { countReads, recordStatements } from "../../../support/statements.ts";
import { tableOf } from "./endpoints.ts";
import { createUploads, ring, storedIn } from "./harness.ts";

// Each upload's object has a database of its own, which takes its time to be removed.
vi.setConfig({ hookTimeout: 120_000 });
useFreshStorage();
beforeEach(async () => {
  await env.DB.prepare(tableOf("d1")).run();
});

const { clientOf, files, expectNothing } = createUploads();
const PAST = "2020-01-01T00:00:00.000Z";

/** As many at a time as one client has lines. */
async function inTurn<Result>(count: number, work: (at: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < count; start += 50) {
    const now = Array.from({ length: Math.min(50, count - start) }, (_, at) => work(start + at));
    results.push(...(await Promise.all(now)));
  }
  return results;
}

test("400 creations without a byte: each is a pending row, and what was told of it; all of it goes when it expires", async () => {
  const client = await clientOf("/any");
  const created = await inTurn(400, () => client.begin(1_000_000));
  expect(new Set(created).size).toBe(400);
  const rows = await files();
  expect(rows).toHaveLength(400);
  expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(["pending"]));
  // No id of a multipart upload: R2 has heard of none of them.
  const stored = await inTurn(400, (at) => storedIn(created[at] ?? ""));
  expect(new Set(stored.map((names) => names.join()))).toEqual(new Set(["creation,length"]));
  expect((await env.BUCKET.list()).objects).toEqual([]);

  await env.DB.prepare("UPDATE sluice_files SET resumable_until = ?1, updated_at = ?1").bind(PAST).run();
  expect(new Set(await inTurn(400, (at) => ring(created[at] ?? "")))).toEqual(new Set([true]));
  expect((await inTurn(400, (at) => storedIn(created[at] ?? ""))).flat()).toEqual([]);
  // Nor an alarm.
  expect(new Set(await inTurn(400, (at) => ring(created[at] ?? "")))).toEqual(new Set([false]));
  await expectNothing();
}, 300_000);

test.each([
  ["a quota of two files", "/pair", 413],
  ["a rate limit of two calls", "/limited", 429],
])(
  "of 100 creations %s lets two through",
  async (_, path, status) => {
    const client = await clientOf(path);
    const statuses = await inTurn(100, async () => (await client.create(100)).status);
    expect(Map.groupBy(statuses, (one) => one).get(201)).toHaveLength(2);
    expect(statuses.filter((one) => one === status)).toHaveLength(98);
    expect(await files()).toHaveLength(2);
  },
  120_000,
);

const ROWS = 12_000;

test("12,000 of them cost a sweep a bounded number of statements, and go within two", async () => {
  await (await clientOf("/any")).begin(1_000_000);
  const columns = Object.keys((await files())[0] ?? {});
  const copied = columns.map((name) => (name === "id" || name === "storage_key" ? `${name} || '-' || n` : name));
  await env.DB.prepare(
    `WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ${ROWS - 1})
     INSERT INTO sluice_files (${columns.join()}) SELECT ${copied.join()} FROM sluice_files, copies`,
  ).run();
  await env.DB.prepare("UPDATE sluice_files SET updated_at = ?1").bind(PAST).run();

  // The first compares bucket and registry, too, which it does once a week.
  await runSweep(env);
  const counting = countReads(env.DB);
  await runSweep({ ...env, DB: counting.database });
  expect(await left()).toBe(ROWS);
  // An entry of the index and a row for each.
  expect(counting.read()).toBeLessThan(2 * ROWS + 100);

  await env.DB.prepare("UPDATE sluice_files SET resumable_until = ?1").bind(PAST).run();
  const recorded = recordStatements(env.DB);
  await runSweep({ ...env, DB: recorded.database });
  expect(await left()).toBe(2000);
  expect(recorded.take().length).toBeLessThan(60);
  await runSweep(env);
  expect(await left()).toBe(0);
}, 120_000);

const left = () => env.DB.prepare("SELECT count(*) AS n FROM sluice_files").first<number>("n");
