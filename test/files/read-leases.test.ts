import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { engine } from "../../src/database/d1/d1-engine.ts";
import { createLapse, endingReading, watchEndings } from "../../src/files/end-of-reading.ts";
import type { FileRecord, FileStatus } from "../../src/files/file-record.ts";
import { leaseRows, type HeldRows } from "../../src/files/read-leases.ts";
import { readObjectKey } from "../../src/storage/object-key.ts";

const LEASE_MS = 250;
const arrival = new Date("2026-10-20T12:00:00.500Z");
const later = (milliseconds: number) => new Date(arrival.getTime() + milliseconds);
const keyOf = (number: number) => readObjectKey(`users/42/${number}.png`)!;

/** A request at the moment, in the isolate that holds these rows, over a table where every key has this status. */
function requestAt(moment: Date, held: HeldRows, status: FileStatus | null = "stored", leaseMs = LEASE_MS) {
  const found = status === null ? null : { file: { status } as FileRecord, epoch: 3 };
  return leaseRows(held, async () => found, leaseMs, moment);
}

test.each([
  [0, true],
  [LEASE_MS - 1, true],
  [LEASE_MS, false],
  [-1, false],
])("a row is held for a lease: %i ms later %s", async (milliseconds, isHeld) => {
  const held: HeldRows = new Map();
  const found = await requestAt(arrival, held).find(keyOf(1));
  expect(requestAt(later(milliseconds), held).held(keyOf(1))).toBe(isHeld ? found : null);
  expect(requestAt(later(milliseconds), held).held(keyOf(2))).toBeNull();
});

test("a row that is looked up again is held anew", async () => {
  const held: HeldRows = new Map();
  await requestAt(arrival, held).find(keyOf(1));
  await requestAt(later(LEASE_MS), held).find(keyOf(1));
  expect(requestAt(later(2 * LEASE_MS - 1), held).held(keyOf(1))).not.toBeNull();
});

test.each(["pending", "deleted", "expired", "gone", null] as const)("what is %s is not held", async (status) => {
  const held: HeldRows = new Map();
  const found = await requestAt(arrival, held, status).find(keyOf(1));
  expect(found?.file.status ?? null).toBe(status);
  expect(held.size).toBe(0);
});

test("without a lease nothing is held", async () => {
  const held: HeldRows = new Map();
  await requestAt(arrival, held, "stored", 0).find(keyOf(1));
  expect(held.size).toBe(0);
});

test("of more than 1,000 rows the oldest goes", async () => {
  const held: HeldRows = new Map();
  const request = requestAt(arrival, held);
  for (let number = 0; number < 1000; number++) await request.find(keyOf(number));
  await request.find(keyOf(0));
  expect([held.size, request.held(keyOf(1)) === null]).toEqual([1000, false]);
  await request.find(keyOf(1000));
  expect([held.size, request.held(keyOf(0)) === null, request.held(keyOf(1))]).toEqual([1000, false, null]);
});

const statement = { sql: "SELECT 1 AS n", parameters: [], columns: {}, writes: false, mustReturn: false };
const ending = endingReading(statement);

/** The waits of a request that does this. */
async function waitsOf(work: (database: ReturnType<typeof watchEndings>) => Promise<unknown>, leaseMs = LEASE_MS) {
  const waits: number[] = [];
  const lapse = createLapse(leaseMs, async (milliseconds) => waits.push(milliseconds));
  await work(watchEndings(engine.open({ text: () => "", binding: () => env.DB }), lapse)).catch(() => undefined);
  await lapse.passed();
  return waits;
}

test("only what ends reading waits, for more than a lease", async () => {
  const [wait = 0, ...more] = await waitsOf((database) => database.batch([statement, ending]));
  expect([wait > LEASE_MS, more]).toEqual([true, []]);
  expect(await waitsOf((database) => database.batch([statement]))).toEqual([]);
  expect(await waitsOf((database) => database.batch([ending]), 0)).toEqual([]);
});

test("a batch that failed may be durable: it waits too", async () => {
  expect(await waitsOf((database) => database.batch([ending, { ...statement, sql: "nonsense" }]))).toHaveLength(1);
});

test("what is sent early waits from the commit on", async () => {
  const waits = await waitsOf(async (database) => {
    const session = database.begin();
    await session.send([ending]);
    await session.send([statement]);
    await session.commit([statement]);
  });
  expect(waits).toHaveLength(3);
});
