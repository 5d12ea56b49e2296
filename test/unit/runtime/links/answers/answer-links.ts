/** Links in the rows of an answer: they open, cost one look-up and one row of the audit, and only lead to stored files. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, inject, test } from "vitest";
import type { Json } from "../../../../../src/contract/plan.ts";
import type { Database } from "../../../../../src/runtime/database/database.ts";
import type { Engine } from "../../../../../src/runtime/database/engine.ts";
import { callerOf, dataOf, expectProblem, token, upload } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { png } from "../../../../support/pictures.ts";
import { secrets } from "../../../../support/secrets.ts";

export interface AnswerLinksHarness {
  readonly engine: Engine;
  readonly bindings: Readonly<Record<string, unknown>>;
  /** Names of the runtime's tables as the engine has them. */
  readonly run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly table: string;
}

type Row = Record<string, string | null>;

export function describeAnswerLinks({ engine, run, table, ...harness }: AnswerLinksHarness): void {
  let batches = 0;
  let refusesLinks = false;
  const counted: Engine = {
    ...engine,
    open(environment) {
      const database: Database = engine.open(environment);
      return {
        ...database,
        batch: async (statements) => {
          if (refusesLinks && statements.some(({ sql }) => sql.includes("storage_keys"))) throw new Error("not now");
          batches += statements.length === 0 ? 0 : 1;
          return database.batch(statements);
        },
      };
    },
  };
  const call = callerOf(buildOf(inject("compiled").answerLinks, counted), { ...harness.bindings, ...secrets });
  const caller = async (id = "ann") => ({
    "x-access-token": await token({ id, email: "a@example.com" }, { secret: secrets.JWT_SECRET_KEY }),
  });
  const ask = async (path: string, payload: Json = null, more: Record<string, string> = {}, id = "ann") => {
    const headers = { ...(await caller(id)), "content-type": "application/json", ...more };
    return call(path, { method: "POST", headers, body: JSON.stringify(payload) });
  };
  const store = async (count: number, id = "ann") => {
    const parts = Array.from({ length: count }, (_, index) => ({ fileName: "r.png", body: png([index, 9, 9]) }));
    const rows = await dataOf<Row[]>(await upload(call, "/store-receipt", await caller(id), parts));
    return rows.map((row) => String(row["storage_key"]));
  };
  const insert = async (rows: readonly (readonly [id: string, key: string | null])[]) => {
    const values = rows.map(([id, key]) => `('${id}', 'ann', ${key === null ? "NULL" : `'${key}'`})`);
    await run(`INSERT INTO receipts (id, owner, file_key) VALUES ${values.join(", ")}`);
  };
  const audited = () => run("SELECT id, file_id, storage_keys FROM sluice_links ORDER BY issued_at");
  const statusOf = async (url: string | null | undefined) => (await call(url ?? "/none")).status;

  beforeEach(async () => {
    refusesLinks = false;
    await run("DROP TABLE IF EXISTS receipts");
    await run(table);
    await run("DELETE FROM sluice_links");
  });

  describe("links in answers", () => {
    test("thumbnails of fifty rows: one look-up, null where there is none, and a row of the audit for files alone", async () => {
      const keys = await store(50);
      await insert(
        [...keys, null, "nowhere/o95J8xE5C4IJ5WW5OFqg1.png"].map((key, index) => [String(index).padStart(2, "0"), key]),
      );
      const kept = [
        { name: "whole", width: 8, height: 8, size: null },
        { name: "small", width: 8, height: 8, size: 5 },
      ];
      const withThumbnails = keys.slice(0, 40);
      const list = withThumbnails.map((key) => `'${key}'`).join(", ");
      await run(`UPDATE sluice_files SET thumbnails = '${JSON.stringify(kept)}' WHERE storage_key IN (${list})`);
      await run(`UPDATE sluice_files SET visibility = 'public' WHERE storage_key = '${keys[1]}'`);
      for (const key of withThumbnails) await env.BUCKET.put(`${key}~2`, "12345");
      await run("DELETE FROM sluice_links");
      batches = 0;
      const previews = await dataOf<Row[]>(await ask("/previews"));
      expect(batches).toBeLessThanOrEqual(2);
      expect(await audited()).toEqual([]);
      expect(previews.map(({ small }) => small === null)).toEqual(previews.map((_, index) => index >= 40));
      expect(previews[1]?.["small"]).toMatch(/\?thumbnail=small$/);
      const texts = previews.slice(0, 4).map(async ({ small }) => (await call(small ?? "/none")).text());
      expect(await Promise.all(texts)).toEqual(Array(4).fill("12345"));
      batches = 0;
      const rows = await dataOf<Row[]>(await ask("/receipts-previewed"));
      expect(batches).toBeLessThanOrEqual(2);
      expect(await audited()).toHaveLength(1);
      expect(await statusOf(rows[0]?.["download_url"])).toBe(200);
      expect(await statusOf(rows[0]?.["whole"])).toBe(200);
      expect(new Set([rows[0]?.["small"], rows[0]?.["whole"], rows[0]?.["download_url"]]).size).toBe(3);
      await run(`UPDATE sluice_files SET link_epoch = 1 WHERE storage_key = '${keys[0]}'`);
      expect(await statusOf(rows[0]?.["small"])).toBe(410);
      const [again] = await dataOf<Row[]>(await ask("/previews"));
      expect(await statusOf(again?.["small"])).toBe(200);
    });

    test("fifty rows: one look-up, one row of the audit, and every link opens", async () => {
      const keys = await store(50);
      await insert(keys.map((key, index) => [String(index).padStart(2, "0"), key]));
      await run("DELETE FROM sluice_links");
      batches = 0;
      const rows = await dataOf<Row[]>(await ask("/receipts"));
      expect(batches).toBeLessThanOrEqual(2);
      expect(rows).toHaveLength(50);
      expect(Object.keys(rows[0] ?? {})).toEqual(["id", "download_url"]);
      expect(new Set(rows.map((row) => row["download_url"])).size).toBe(50);
      for (const row of rows.slice(0, 5)) expect(await statusOf(row["download_url"])).toBe(200);
      const [audit, ...more] = await audited();
      expect(more).toEqual([]);
      expect(JSON.parse(String(audit?.["storage_keys"]))).toEqual(keys);
    });

    test("whoever the file belongs to: the statement says what is shown", async () => {
      const [key = ""] = await store(1, "bob");
      await insert([["1", key]]);
      const row = await dataOf<Row>(await ask("/receipt", { id: "1" }));
      expect(row["file_key"]).toBe(key);
      expect(await statusOf(row["download_url"])).toBe(200);
    });

    test("null where there is no stored file", async () => {
      const [gone = "", expired = "", there = ""] = await store(3);
      await run(`UPDATE sluice_files SET status = 'deleted' WHERE storage_key = '${gone}'`);
      await run(`UPDATE sluice_files SET expires_at = '2020-01-01T00:00:00.000Z' WHERE storage_key = '${expired}'`);
      const keys = [gone, expired, there, null, "", "../x", "no/such.png", "x".repeat(2000)];
      await insert(keys.map((key, index) => [String(index), key]));
      const rows = await dataOf<Row[]>(await ask("/receipts"));
      expect(rows.map((row) => row["download_url"] === null)).toEqual([
        true,
        true,
        false,
        true,
        true,
        true,
        true,
        true,
      ]);
    });

    test("two columns, one file in several rows, no row at all", async () => {
      const [one = "", two = ""] = await store(2);
      await insert([
        ["1", one],
        ["2", one],
      ]);
      await run(`UPDATE receipts SET other_key = '${two}' WHERE id = '2'`);
      const rows = await dataOf<Row[]>(await ask("/receipts-both"));
      expect(rows[0]?.["file"]).toBe(rows[1]?.["file"]);
      expect([rows[0]?.["other"], await statusOf(rows[1]?.["other"])]).toEqual([null, 200]);
      await run("DELETE FROM receipts");
      await run("DELETE FROM sluice_links");
      expect(await dataOf(await ask("/receipts-both"))).toEqual([]);
      expect(await dataOf(await ask("/receipt", { id: "1" }))).toBeNull();
      expect(await audited()).toEqual([]);
    });

    test("of a row that the call writes, and again under its key", async () => {
      const [key = ""] = await store(1);
      const keyed = { "idempotency-key": crypto.randomUUID() };
      const first = await dataOf<Row>(await ask("/add-receipt", { id: "1", key }, keyed));
      const again = await dataOf<Row>(await ask("/add-receipt", { id: "1", key }, keyed));
      expect(again["id"]).toBe("1");
      for (const row of [first, again]) expect(await statusOf(row["download_url"])).toBe(200);
      const kept = await run("SELECT answer FROM sluice_idempotency_keys WHERE answer IS NOT NULL");
      expect(JSON.stringify(kept)).not.toContain("X-Amz-Signature");
    });

    test("what cannot be issued is null beside rows that are durable, and else fails the call", async () => {
      const [key = ""] = await store(1);
      refusesLinks = true;
      expect(await dataOf<Row>(await ask("/add-receipt", { id: "1", key }))).toEqual({
        id: "1",
        file_key: key,
        download_url: null,
      });
      await expectProblem(await ask("/receipt", { id: "1" }), 500, "internal");
    });

    test("a revocation ends them", async () => {
      const [key = ""] = await store(1);
      await insert([["1", key]]);
      const row = await dataOf<Row>(await ask("/receipt", { id: "1" }));
      await run("UPDATE sluice_files SET link_epoch = link_epoch + 1");
      expect(await statusOf(row["download_url"])).toBe(410);
    });

    test("more than a thousand are the author's fault", async () => {
      await insert(Array.from({ length: 1001 }, (_, index) => [String(index), `a/${index}.png`]));
      await expectProblem(await ask("/receipts"), 500, "misconfigured");
    });
  });
}
