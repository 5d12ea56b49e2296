/** What is stored stays within its quota, whoever calls at the same time, and what is gone no longer counts. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { d1 } from "../../../../src/databases/d1.ts";
import { createRecount } from "../../../../src/runtime/quotas/recount.ts";
import { dataOf, expectProblem, type FormPart } from "../../../support/app.ts";
import { runSweep } from "../../../support/build.ts";
import { secrets } from "../../../support/secrets.ts";
import { createQuotaClient, text, type QuotaHarness, type Row } from "./harness.ts";
import { tableOf } from "./endpoints.ts";

export function describeQuotas(harness: QuotaHarness): void {
  const { engine, run } = harness;
  const { call, headersOf, post, postUnmeasured, store, refused, remove, count, rows, objects, expectNoDrift } =
    createQuotaClient(harness);

  const sweepNow = () => runSweep({ ...env, ...harness.bindings, ...secrets }, engine);

  beforeEach(async () => {
    await run("DELETE FROM sluice_files");
    await run("DELETE FROM sluice_quotas");
    await run("DROP TABLE IF EXISTS quota_things");
    await run(tableOf());
  });
  afterEach(expectNoDrift);

  describe("a quota", () => {
    test("takes what fits exactly, and nothing more", async () => {
      await store("/box", [text(400)]);
      await store("/box", [text(600)]);
      expect(await count("box ann")).toEqual([1000, 2]);
      const { detail, ...problem } = await refused(await post("/box", [text(1)]));
      expect(problem).toMatchObject({ bytes_left: 0 });
      expect(problem).not.toHaveProperty("files_left");
      expect(detail).toBe("Of the quota 0 bytes are left.");
      expect([await rows(), await objects()]).toEqual([2, 2]);
    });

    test("of files", async () => {
      await store("/tray", [text(1), text(2)]);
      const problem = await refused(await post("/tray", [text(1), text(2)]));
      expect(problem).toMatchObject({
        files_left: 1,
        bytes_left: 997,
        detail: "Of the quota 1 file and 997 bytes are left.",
      });
      await store("/tray", [text(997)]);
      expect(await count("tray ann")).toEqual([1000, 3]);
      expect([await rows(), await objects()]).toEqual([3, 3]);
    });

    test("is whose the claim says, and no other endpoint's", async () => {
      await store("/box", [text(1000)]);
      await store("/box", [text(1000)], "bob");
      await store("/tray", [text(1000)]);
      await store("/free", [text(5000)]);
      await refused(await post("/box", [text(1)], "bob"));
      expect(await count("box bob")).toEqual([1000, 1]);
    });

    test("is shared by endpoints that give it one name", async () => {
      await store("/shared-one", [text(700)]);
      expect(await refused(await post("/shared-two", [text(301)]))).toMatchObject({ bytes_left: 300 });
      await store("/shared-two", [text(300)]);
      expect(await count("shared ann")).toEqual([1000, 2]);
    });

    test("of fields is of all of them", async () => {
      await store("/parts", [text(1, "one"), text(1, "two")]);
      expect(await refused(await post("/parts", [text(1, "one")]))).toMatchObject({ files_left: 0 });
    });

    test.each([
      ["with a length", post],
      ["without a length", postUnmeasured],
    ])("that ends within the third of five files leaves nothing of the call: a body %s", async (_, send) => {
      await store("/box", [text(500)]);
      // Text behind the files is none of them.
      const parts: FormPart[] = [text(200), text(200), text(200), { name: "note", body: "b".repeat(2000) }];
      expect(await refused(await send("/box", parts))).toMatchObject({ bytes_left: 500 });
      expect(await count("box ann")).toEqual([500, 1]);
      expect([await rows(), await objects()]).toEqual([1, 1]);
      await send("/box", [text(200), text(200), text(100), { name: "note", body: "b".repeat(2000) }]);
      expect(await count("box ann")).toEqual([1000, 4]);
    });

    test.each([
      ["with a length", post],
      ["without a length", postUnmeasured],
    ])("takes large files to the last byte: %s", async (_, send) => {
      await refused(await send("/large", [text(12_000_001)]));
      expect([await count("large"), await rows(), await objects()]).toEqual([[0, 0], 0, 0]);
      expect((await send("/large", [text(6_000_000), text(6_000_000)])).status).toBe(200);
      expect(await count("large")).toEqual([12_000_000, 2]);
      expect(await refused(await send("/large", [text(1)]))).toMatchObject({ bytes_left: 0 });
    });

    test("is not read for a body that can never fit", async () => {
      let pulled = 0;
      const body = new ReadableStream({ pull: () => void pulled++ }, { highWaterMark: 0 });
      const headers = { ...(await headersOf("ann")), "content-type": "multipart/form-data; boundary=x" };
      const announced = { ...headers, "content-length": "40000000" };
      const response = await call("/large", { method: "POST", headers: announced, body });
      expect(await refused(response)).toMatchObject({ bytes_left: 12_000_000 });
      expect(pulled).toBe(0);
    });
  });

  describe("gives back", () => {
    test("what is deleted", async () => {
      const [file] = await store("/box", [text(1000)]);
      await refused(await post("/box", [text(1)]));
      await remove([file?.["storage_key"]]);
      expect(await count("box ann")).toEqual([0, 0]);
      await remove([file?.["storage_key"]]);
      await store("/box", [text(1000)]);
    });

    test("what has expired, with the sweep", async () => {
      await store("/brief", [text(1)]);
      await run("UPDATE sluice_files SET expires_at = '2020-01-01T00:00:00.000Z'");
      await refused(await post("/brief", [text(1)]));
      await sweepNow();
      expect(await count("brief")).toEqual([0, 0]);
      await store("/brief", [text(1)]);
    });

    test("what was replaced; until then both need room", async () => {
      await store("/replacing", [text(1)]);
      await store("/replacing", [text(2)]);
      expect(await count("replacing ann")).toEqual([2, 1]);
      await store("/replacing", [text(3)]);
      await refused(await post("/replacing", [text(1), text(1)]));
      expect(await count("replacing ann")).toEqual([3, 1]);
    });

    test("what is deleted by the file API when it can no longer be restored", async () => {
      const [file] = await store("/managed", [text(1)]);
      const headers = { authorization: `Bearer ${(await headersOf("ann"))["x-access-token"]}` };
      expect((await call(`/v1/upload/${file?.["id"] ?? ""}`, { method: "DELETE", headers })).status).toBe(200);
      await refused(await post("/managed", [text(1)]));
      expect((await call(`/v1/upload/${file?.["id"] ?? ""}/restore`, { method: "POST", headers })).status).toBe(200);
      expect(await count("managed ann")).toEqual([1, 1]);
      await call(`/v1/upload/${file?.["id"] ?? ""}`, { method: "DELETE", headers });
      await run("UPDATE sluice_files SET purge_at = '2020-01-01T00:00:00.000Z'");
      await sweepNow();
      await store("/managed", [text(1)]);
    });

    test("what a call brought that failed", async () => {
      const withId = (id: string, ...parts: FormPart[]) => [{ name: "id", body: id }, ...parts];
      expect((await post("/with-row", withId("1", text(5)))).status).toBe(200);
      await expectProblem(await post("/with-row", withId("1", text(7))), 409, "unique_violation");
      await expectProblem(
        await post("/with-row", withId("2", text(7), { fileName: "b.txt", body: "\0\0" })),
        415,
        "file_type_not_allowed",
      );
      expect(await count("with-row ann")).toEqual([5, 1]);
      expect((await post("/with-row", withId("2", text(7)))).status).toBe(200);
      expect(await count("with-row ann")).toEqual([12, 2]);
    });

    test("what a Worker that died had reserved, with the sweep", async () => {
      await store("/box", [text(100)]);
      await run(
        `INSERT INTO sluice_files (id, owner, storage_key, status, visibility, endpoint, original_file_name, file_type,
           extension, file_size, created_at, updated_at, quota)
         VALUES ('dead', 'ann', 'box/dead.txt', 'pending', 'public', 'box', 'a', 'text/plain', 'txt', 900,
           '2020-01-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z', 'box ann')`,
      );
      expect(await count("box ann")).toEqual([1000, 2]);
      await sweepNow();
      expect(await count("box ann")).toEqual([100, 1]);
    });

    test("a row that somebody takes away", async () => {
      await store("/box", [text(100), text(200)]);
      await run("DELETE FROM sluice_files WHERE file_size = 200");
      expect(await count("box ann")).toEqual([100, 1]);
    });
  });

  describe("a window", () => {
    const back = (seconds: number) => new Date(Date.now() - 1000 * seconds).toISOString();

    test("counts what was deleted as well, and says when it ends", async () => {
      const files = await store("/daily", [text(1), text(1)]);
      await remove(files.map((file) => file["storage_key"]));
      const response = await post("/daily", [text(1)]);
      const seconds = Number(response.headers.get("retry-after"));
      expect(seconds).toBeGreaterThan(3590);
      expect(seconds).toBeLessThanOrEqual(3600);
      expect(await refused(response)).toMatchObject({ files_left: 0 });
      expect(await count("daily/3600 ann")).toEqual([2, 2]);
    });

    test("does not count what was never stored", async () => {
      await store("/daily", [text(1)]);
      await refused(await post("/daily", [text(1), text(1)]));
      await expectProblem(await post("/daily", [{ fileName: "b.txt", body: "\0\0" }]), 415, "file_type_not_allowed");
      expect(await count("daily/3600 ann")).toEqual([1, 1]);
      await store("/daily", [text(1)]);
    });

    test("ends, and the next upload begins another", async () => {
      await store("/daily-bytes", [text(900)]);
      await refused(await post("/daily-bytes", [text(200)]));
      await run(`UPDATE sluice_quotas SET ends_at = '${back(1)}'`);
      await store("/daily-bytes", [text(800)]);
      expect(await count("daily-bytes/3600 ann")).toEqual([800, 1]);
      expect(await refused(await post("/daily-bytes", [text(300)]))).toMatchObject({ bytes_left: 200 });
    });

    test("is not changed by a file of the one before", async () => {
      const [file] = await store("/daily-bytes", [text(900)]);
      await run("UPDATE sluice_files SET status = 'pending'");
      await run(`UPDATE sluice_quotas SET ends_at = '${back(1)}'`);
      await store("/daily-bytes", [text(100)]);
      await run(`DELETE FROM sluice_files WHERE id = '${file?.["id"] ?? ""}'`);
      expect(await count("daily-bytes/3600 ann")).toEqual([100, 1]);
    });

    test("is forgotten by the sweep when it is over", async () => {
      await store("/daily", [text(1)]);
      await store("/daily", [text(1)], "bob");
      await run(`UPDATE sluice_quotas SET ends_at = '${back(1)}' WHERE name = 'daily/3600 bob'`);
      await sweepNow();
      expect([await count("daily/3600 ann"), await count("daily/3600 bob")]).toEqual([[1, 1], null]);
    });
  });

  describe("whom it is of", () => {
    test("a network has one quota", async () => {
      const from = (address: string) => post("/of-network", [text(1)], "ann", { "cf-connecting-ip": address });
      expect((await from("2001:db8:1:2::1")).status).toBe(200);
      await refused(await from("2001:db8:1:2::2"));
      expect((await from("192.0.2.1")).status).toBe(200);
      const names = (await run("SELECT name FROM sluice_quotas")).map((row) => String(row["name"]));
      for (const name of names) expect(name).toMatch(/^of-network [\da-f]{64}$/);
    });

    test("who has no address, or no such claim, stores nothing", async () => {
      const without = await post("/of-network", [text(1)], "ann");
      await expectProblem(without, 400, "identifier_invalid");
      expect((await post("/of-team", [text(1)])).status).toBe(200);
      const { "x-access-token": _token, ...headers } = await headersOf("ann");
      expect((await call("/of-team", { method: "POST", headers, body: "" })).status).toBe(401);
      expect(await rows()).toBe(1);
    });
  });

  describe("a recount", () => {
    const recount = () => createRecount(harness.open(), engine.dialect, engine !== d1);
    const ofBox = { endpoint: "box", name: "box", isPerOwner: true };

    test("finds nothing where nothing has drifted", async () => {
      const [file] = await store("/box", [text(100), text(200)]);
      await remove([file?.["storage_key"]]);
      await store("/daily", [text(1)]);
      expect(await recount().findDrift()).toEqual([]);
      expect(await recount().findUncounted(ofBox)).toBe(0);
      await recount().settle();
      expect(await count("box ann")).toEqual([200, 1]);
    });

    test("tells what has, and sets it", async () => {
      await store("/box", [text(100)]);
      await store("/box", [text(200)], "bob");
      await store("/daily", [text(1)]);
      await run("UPDATE sluice_quotas SET bytes = 5, files = 7 WHERE name IN ('box ann', 'daily/3600 ann')");
      await run("DELETE FROM sluice_quotas WHERE name = 'box bob'");
      await run("INSERT INTO sluice_quotas (name, bytes, files) VALUES ('box carol', 9, 1)");
      expect(await recount().findDrift()).toEqual([
        { name: "box ann", counted: { bytes: 5, files: 7 }, found: { bytes: 100, files: 1 } },
        { name: "box bob", counted: { bytes: 0, files: 0 }, found: { bytes: 200, files: 1 } },
        { name: "box carol", counted: { bytes: 9, files: 1 }, found: { bytes: 0, files: 0 } },
      ]);
      await recount().settle();
      expect(await recount().findDrift()).toEqual([]);
      expect([await count("box ann"), await count("box bob"), await count("box carol")]).toEqual([
        [100, 1],
        [200, 1],
        [0, 0],
      ]);
      // Nobody knows what else was uploaded in the window.
      expect(await count("daily/3600 ann")).toEqual([5, 7]);
    });

    test("counts what was stored before the quota, and for another", async () => {
      await store("/box", [text(100)]);
      await store("/box", [text(200)], "bob");
      await store("/tray", [text(300)]);
      await run("UPDATE sluice_files SET quota = NULL WHERE owner = 'bob'");
      await run("UPDATE sluice_files SET quota_ends_at = '2026-01-01T00:00:00.000Z' WHERE file_size = 100");
      await run("DELETE FROM sluice_quotas");
      expect(await recount().findUncounted(ofBox)).toBe(2);
      await recount().adopt(ofBox);
      await recount().settle();
      expect(await count("box bob")).toEqual([200, 1]);
      expect(await refused(await post("/box", [text(901)]))).toMatchObject({ bytes_left: 900 });
      const all = { endpoint: "tray", name: "everything", isPerOwner: false };
      expect(await recount().findUncounted(all)).toBe(1);
      await recount().adopt(all);
      await recount().settle();
      expect(await count("everything")).toEqual([300, 1]);
    });

    test("is right whoever uploads and deletes meanwhile", async () => {
      const files = await store("/box", [text(50), text(50), text(50), text(50)]);
      await Promise.all([
        ...Array.from({ length: 8 }, () => post("/box", [text(10)])),
        ...Array.from({ length: 4 }, () => recount().settle()),
        ...files.map((file) => remove([file["storage_key"]])),
      ]);
      expect(await recount().findDrift()).toEqual([]);
    });
  });

  test("a repeated call counts once", async () => {
    const key = { "idempotency-key": crypto.randomUUID() };
    const [first] = await dataOf<readonly Row[]>(await post("/box", [text(900)], "ann", key));
    const [again] = await dataOf<readonly Row[]>(await post("/box", [text(900)], "ann", key));
    expect(again?.["storage_key"]).toBe(first?.["storage_key"]);
    expect(await count("box ann")).toEqual([900, 1]);
    const other = { "idempotency-key": crypto.randomUUID() };
    await refused(await post("/box", [text(900)], "ann", other));
    // What was refused holds no key.
    await remove([first?.["storage_key"]]);
    expect((await post("/box", [text(900)], "ann", other)).status).toBe(200);
  });

  test("of twenty at once as many pass as fit, of files and of bytes", async () => {
    const all = await Promise.all(
      Array.from(
        { length: 20 },
        async (_, index) => (await post(index % 2 === 0 ? "/tray" : "/box", [text(90)])).status,
      ),
    );
    const passed = (path: number) => all.filter((status, index) => index % 2 === path && status === 200).length;
    expect(passed(0)).toBe(3);
    expect(await count("tray ann")).toEqual([270, 3]);
    // What others are bringing counts with what stands between files: one that would just fit may have to come again.
    expect(passed(1)).toBeGreaterThanOrEqual(3);
    expect(await count("box ann")).toEqual([90 * passed(1), passed(1)]);
    expect(await objects()).toBe(3 + passed(1));
  });

  test("uploads and deletions at once leave the count of what is there", async () => {
    const files = await store("/box", [text(100), text(100), text(100), text(100)]);
    await Promise.all([
      ...files.map((file) => remove([file["storage_key"]])),
      ...files.map((file) => remove([file["storage_key"]])),
      ...Array.from({ length: 12 }, () => post("/box", [text(100)])),
    ]);
    const [[bytes = 0, held = 0] = []] = [(await count("box ann")) ?? undefined];
    expect(bytes).toBe(100 * held);
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThanOrEqual(10);
    expect(await objects()).toBe(held);
  });
}
