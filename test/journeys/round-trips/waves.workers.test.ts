/**
 * What the counts of round trips rest on: each call takes one wave, whatever it does, and is the platform's call otherwise;
 * and what it is billed as.
 */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { useFreshStorage } from "../../support/database.ts";
import { billOf } from "../../support/round-trips/bill.ts";
import { createWaves } from "../../support/round-trips/waves.ts";
import { watchBucket, watchDatabase, watchQueue, type Watch } from "../../support/watched-bindings.ts";

useFreshStorage();

/** The waves that the work takes, and what it results in. */
async function wavesOf<Result>(work: (watch: Watch) => Promise<Result>) {
  const waves = createWaves();
  const working = work(waves.watch);
  while (await waves.settle()) waves.release();
  return { result: await working, waves: waves.count, calls: waves.calls };
}

test("calls that wait for each other take a wave each, those side by side one together", async () => {
  const { waves, calls } = await wavesOf(async (watch) => {
    const bucket = watchBucket(env.BUCKET, watch);
    await bucket.put("a", "1");
    const [object] = await Promise.all([bucket.get("a"), bucket.head("a"), bucket.list()]);
    await object?.text();
    await bucket.delete(["a"]);
  });
  expect(waves).toBe(3);
  expect(calls.map(({ wave, name }) => `${wave} ${name}`)).toEqual(["0 put", "1 get", "1 head", "1 list", "2 delete"]);
});

test("work between two calls takes no wave", async () => {
  const { waves } = await wavesOf(async (watch) => {
    const bucket = watchBucket(env.BUCKET, watch);
    await bucket.put("a", "1");
    for (let turn = 0; turn < 5; turn++) await scheduler.wait(0);
    await crypto.subtle.digest("SHA-256", new Uint8Array(1_000_000));
    await bucket.head("a");
  });
  expect(waves).toBe(2);
});

test("what fails fails as it does on the platform, a wave later", async () => {
  const missing = await wavesOf(async (watch) => {
    const database = watchDatabase(env.DB, watch);
    return database.batch([database.prepare("SELECT * FROM nowhere")]).catch(String);
  });
  expect(missing).toMatchObject({
    waves: 1,
    result: await env.DB.prepare("SELECT * FROM nowhere").all().catch(String),
  });
  expect(missing.calls[0]?.result).toBeUndefined();
  const wrong = await wavesOf((watch) => watchBucket(env.BUCKET, watch).put("a".repeat(2000), "1").catch(String));
  expect(wrong).toMatchObject({ waves: 1, result: await env.BUCKET.put("a".repeat(2000), "1").catch(String) });
});

test("every way of asking D1 is counted, and answers the same", async () => {
  const ask = async (database: Pick<D1Database, "prepare" | "batch">) => {
    const statement = database.prepare("SELECT ?1 AS one").bind("x");
    const [first] = await database.batch([statement, database.prepare("SELECT 2 AS two")]);
    const { results } = await statement.all();
    return [first?.results, results, await statement.raw(), await statement.first(), await statement.first("one")];
  };
  const expected = await ask(env.DB);
  expect(await wavesOf((watch) => ask(watchDatabase(env.DB, watch)))).toMatchObject({ waves: 5, result: expected });
  const session = await wavesOf((watch) => ask(watchDatabase(env.DB, watch).withSession("first-primary")));
  expect(session).toMatchObject({ waves: 5, result: expected });
  expect(await wavesOf((watch) => watchDatabase(env.DB, watch).exec("SELECT 1"))).toMatchObject({ waves: 1 });
});

test("so is every call of an upload in parts, and every message", async () => {
  const { waves, calls } = await wavesOf(async (watch) => {
    const bucket = watchBucket(env.BUCKET, watch);
    const upload = await bucket.createMultipartUpload("a");
    const part = await bucket.resumeMultipartUpload("a", upload.uploadId).uploadPart(1, "1");
    await upload.complete([part]);
    const other = await bucket.createMultipartUpload("b");
    await other.abort();
    const queue = watchQueue(env.JOBS, watch);
    await Promise.all([queue.send({}), queue.sendBatch([{ body: {} }])]);
  });
  expect(waves).toBe(6);
  const names = [
    "createMultipartUpload",
    "uploadPart",
    "complete",
    "createMultipartUpload",
    "abort",
    "send",
    "sendBatch",
  ];
  expect(calls.map(({ name }) => name)).toEqual(names);
  expect(await (await env.BUCKET.get("a"))?.text()).toBe("1");
});

test("a call whose stream waits for another call's answer does not hold that up", async () => {
  const { waves } = await wavesOf(async (watch) => {
    const bucket = watchBucket(env.BUCKET, watch);
    const { readable, writable } = new FixedLengthStream(1);
    const putting = bucket.put("a", readable);
    await bucket.head("b");
    const writer = writable.getWriter();
    await Promise.all([writer.write(Uint8Array.of(1)), writer.close()]);
    await putting;
  });
  expect(waves).toBe(2);
});

test("calls are billed by their kind, rows as D1 counts them", async () => {
  const { calls } = await wavesOf(async (watch) => {
    const [bucket, database] = [watchBucket(env.BUCKET, watch), watchDatabase(env.DB, watch)];
    await bucket.put("a", "1");
    const upload = await bucket.createMultipartUpload("b");
    await upload.complete([await upload.uploadPart(1, "1")]);
    await bucket.head("a");
    await bucket.delete(["a", "b"]);
    await database.batch([
      database.prepare("INSERT INTO sluice_job_steps (job_id, step, created_at) VALUES ('a', 1, '')"),
      database.prepare("SELECT * FROM sluice_job_steps"),
    ]);
    await database.prepare("SELECT * FROM sluice_job_steps").all();
    await watchQueue(env.JOBS, watch).sendBatch([{ body: {} }, { body: {} }]);
  });
  const r2 = { classA: 4, classB: 1, freeR2: 1, objects: 2 };
  expect(billOf(calls)).toEqual({ ...r2, d1Calls: 2, statements: 3, rowsRead: 2, rowsWritten: 2, messages: 2 });
  const untold = await wavesOf((watch) => watchDatabase(env.DB, watch).prepare("SELECT 1").first());
  expect(billOf(untold.calls)).toMatchObject({ d1Calls: 1, rowsRead: Number.NaN });
});
