/** Files that the rows of a statement name, or a field beside an upload: they go with the commit, or stay with its failure. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, inject, test } from "vitest";
import type { Engine } from "../../../../../src/runtime/database/engine.ts";
import { callerOf, dataOf, expectProblem, token, upload, type FormPart } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { secrets } from "../../../../support/secrets.ts";

export interface DeletingHarness {
  readonly engine: Engine;
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly table: string;
}

type Row = Readonly<Record<string, string>>;

export function describeDeleting({ engine, bindings, run, table }: DeletingHarness): void {
  const call = callerOf(buildOf(inject("compiled").deleting, engine), { ...bindings, ...secrets });
  const headersOf = async (id: string, more: Record<string, string> = {}) => ({
    "x-access-token": await token({ id, email: "a@example.com" }, { secret: secrets.JWT_SECRET_KEY }),
    ...more,
  });
  const post = async (path: string, body: object = {}, id = "ann", more: Record<string, string> = {}) =>
    call(path, {
      method: "POST",
      headers: await headersOf(id, { "content-type": "application/json", ...more }),
      body: JSON.stringify(body),
    });
  const text = (index: number): FormPart => ({ fileName: `${index}.txt`, type: "text/plain", body: `text ${index}` });
  const send = async (path: string, parts: readonly FormPart[], id = "ann") =>
    upload(call, path, await headersOf(id), parts);
  const storing = async (count: number, id = "ann") =>
    (
      await dataOf<readonly Row[]>(
        await send(
          "/store",
          Array.from({ length: count }, (_, index) => text(index)),
          id,
        ),
      )
    ).map((row) => row["storage_key"] ?? "");
  const add = async (id: string, key: string | null, owner = "ann") =>
    run(
      `INSERT INTO letters (id, owner, file_key) VALUES ('${id}', '${owner}', ${key === null ? "NULL" : `'${key}'`})`,
    );
  const objects = async () => (await env.BUCKET.list()).objects.map(({ key }) => key).toSorted();
  const stored = async () =>
    (await run("SELECT storage_key FROM sluice_files ORDER BY storage_key")).map((row) => String(row["storage_key"]));
  const letters = async () => (await run("SELECT id FROM letters ORDER BY id")).map((row) => String(row["id"]));
  const expectLeft = async (keys: readonly string[]) => {
    expect(await stored()).toEqual(keys.toSorted());
    expect(await objects()).toEqual(keys.toSorted());
  };
  const deleted = (key: string) => ({ storage_key: key, status: "deleted" });
  const missing = (key: string) => ({ storage_key: key, status: "not_found" });

  beforeEach(async () => {
    await run("DELETE FROM sluice_files");
    await run("DROP TABLE IF EXISTS letters");
    await run(table);
  });

  describe("keys of a statement's rows", () => {
    test("one row's file goes with it; its address and links are 404 at once, and nobody else's row is touched", async () => {
      const [shown, other] = await dataOf<readonly Row[]>(await send("/store", [text(1), text(2)]));
      const { storage_key: first = "", download_url: link = "" } = shown ?? {};
      const { storage_key: second = "" } = other ?? {};
      const { pathname, search } = new URL(link);
      expect((await call(pathname + search)).status).toBe(200);
      await add("1", first);
      await add("2", second);
      expect(await dataOf(await post("/drop", { id: "1" }, "bob"))).toEqual([]);
      expect(await dataOf(await post("/drop", { id: "1" }))).toEqual([deleted(first)]);
      expect((await call(`/files/${first}`)).status).toBe(404);
      expect((await call(pathname + search)).status).toBe(404);
      expect((await call(`/files/${second}`)).status).toBe(200);
      expect(await letters()).toEqual(["2"]);
      await expectLeft([second]);
      expect(await dataOf(await post("/drop", { id: "1" }))).toEqual([]);
    });

    test("files of all rows go: others' too, each once; what is no file is said", async () => {
      const [first = "", second = "", kept = ""] = await storing(3);
      const [theirs = ""] = await storing(1, "bob");
      await add("a", first);
      await add("b", null);
      await add("c", theirs);
      await add("d", first);
      await add("e", "no/such.txt");
      await add("f", "../5");
      await add("g", second);
      const rows = await dataOf<readonly Row[]>(await post("/drop-all"));
      expect(
        rows.toSorted((left, right) => ((left["storage_key"] ?? "") < (right["storage_key"] ?? "") ? -1 : 1)),
      ).toEqual(
        [deleted(first), deleted(theirs), missing("no/such.txt"), missing("../5"), deleted(second)].toSorted(
          (left, right) => (left.storage_key < right.storage_key ? -1 : 1),
        ),
      );
      expect(await letters()).toEqual([]);
      await expectLeft([kept]);
    });

    test("the statement's own rows can be the answer", async () => {
      const [key = ""] = await storing(1);
      await add("a", key);
      expect(await dataOf(await post("/drop-all-rows"))).toEqual({ id: "a", file_key: key });
      await expectLeft([]);
    });

    test("a later failure keeps rows and files, and so does a statement that must find a row", async () => {
      const [key = ""] = await storing(1);
      await add("mine", key);
      await add("other", null);
      await add("taken", null, "bob");
      await expectProblem(await post("/drop-then-fail"), 409, "unique_violation");
      expect(await letters()).toEqual(["mine", "other", "taken"]);
      await expectLeft([key]);
      await expectProblem(await post("/drop-must", {}, "nobody"), 422, "row_missing");
      expect(await dataOf(await post("/drop-must"))).toEqual([deleted(key)]);
      await expectLeft([]);
    });

    test("of an UPDATE and a SELECT as well", async () => {
      const [first = "", second = "", third = ""] = await storing(3);
      await add("a", first);
      expect(await dataOf(await post("/archive"))).toEqual([deleted(first)]);
      expect(await run("SELECT other FROM letters")).toEqual([{ other: "gone" }]);
      await run("DELETE FROM letters");
      await add("b", second);
      await add("c", null);
      await post("/select-then-clear");
      expect(await run("SELECT DISTINCT file_key FROM letters")).toEqual([{ file_key: null }]);
      await expectLeft([third]);
      expect(await dataOf(await post("/drop-stored"))).toEqual([deleted(third)]);
      await expectLeft([]);
    });

    test("more than a thousand are refused, and nothing is done; a thousand are not", async () => {
      const [key = ""] = await storing(1);
      const many = (count: number) =>
        run(
          `INSERT INTO letters (id, owner, file_key) SELECT 'm' || n, 'ann', CASE WHEN n = 1 THEN '${key}' ELSE 'none/' || n END FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${count}) SELECT n FROM c) AS numbers`,
        );
      for (const count of [1001, 100_000]) {
        await run("DELETE FROM letters");
        await many(count);
        const problem = await expectProblem(await post("/drop-all"), 422, "row_rejected");
        expect(problem["detail"]).toBe(
          "The statement names more than 1000 files; at most 1000 can be deleted in one call.",
        );
        expect(await run("SELECT count(*) AS n FROM letters")).toEqual([{ n: count }]);
        await expectLeft([key]);
      }
      await run("DELETE FROM letters WHERE id NOT IN (SELECT id FROM letters ORDER BY id LIMIT 1000) OR id = 'm1'");
      await add("m1", key);
      const rows = await dataOf<readonly Row[]>(await post("/drop-all"));
      expect(rows.length).toBeGreaterThanOrEqual(1000);
      expect(rows.filter(({ status }) => status === "deleted")).toEqual([deleted(key)]);
      await expectLeft([]);
    });

    test("a value that is no key is not found", async () => {
      const [key = ""] = await storing(1);
      await add("a", key);
      await run("INSERT INTO letters (id, owner, other) VALUES ('n', 'ann', '5')");
      expect(await dataOf(await post("/cased"))).toEqual([deleted(key), missing("5")]);
    });

    test("a repeated call is the same call", async () => {
      const [key = ""] = await storing(1);
      await add("a", key);
      const keyed = { "idempotency-key": crypto.randomUUID() };
      const first = await dataOf(await post("/drop-all", {}, "ann", keyed));
      expect(await dataOf(await post("/drop-all", {}, "ann", keyed))).toEqual(first);
      expect(first).toEqual([deleted(key)]);
    });

    test("of fifty calls at once one deletes the file", async () => {
      const [key = ""] = await storing(1);
      await add("a", key);
      const answers = await Promise.all(Array.from({ length: 50 }, () => post("/drop-all")));
      const rows = (await Promise.all(answers.map((answer) => dataOf<readonly Row[]>(answer)))).flat();
      expect(rows).toEqual([deleted(key)]);
      await expectLeft([]);
    });
  });

  describe("an upload that deletes", () => {
    test("stores and deletes in one commit, by the rows of a statement", async () => {
      const [old = ""] = await storing(1);
      await add("a", old);
      const rows = await dataOf<readonly Row[]>(await send("/exchange", [text(5)]));
      expect(rows).toHaveLength(1);
      await expectLeft([rows[0]?.["file_key"] ?? ""]);
    });

    test("and by fields of its form: own files only, one or several", async () => {
      const [first = "", second = "", third = ""] = await storing(3);
      const [theirs = ""] = await storing(1, "bob");
      const remove = (body: string): FormPart => ({ name: "remove", body });
      expect(await dataOf(await send("/upload-and-drop", [text(1), remove(first)]))).toEqual([deleted(first)]);
      expect(await dataOf(await send("/upload-and-drop", [remove(second), text(1), remove(theirs)]))).toEqual([
        deleted(second),
        missing(theirs),
      ]);
      expect(await dataOf(await send("/upload-and-drop", [text(1)]))).toEqual([]);
      expect((await call(`/files/${third}`)).status).toBe(200);
      expect(await stored()).toContain(theirs);
    });

    test("a failure stores nothing and deletes nothing", async () => {
      const [key = ""] = await storing(1);
      await add("a", key);
      await run("INSERT INTO letters (id, owner) VALUES ('taken', 'bob')");
      const parts = [{ name: "remove", body: key }, text(1)];
      await expectProblem(await send("/upload-and-drop-then-fail", parts), 409, "unique_violation");
      await expectProblem(await send("/exchange-then-fail", [text(1)]), 409, "unique_violation");
      await expectProblem(
        await send("/upload-and-drop", [
          { name: "remove", body: key },
          { fileName: "a.png", type: "image/png", body: "x" },
        ]),
        415,
        "file_type_mismatch",
      );
      expect(await letters()).toEqual(["a", "taken"]);
      await expectLeft([key]);
    });

    test("a field of a JSON body names files, and must hold texts", async () => {
      const [key = ""] = await storing(1);
      for (const keys of [5, [5], [key, null], { key }, true]) {
        await expectProblem(await post("/drop-field", { keys }), 422, "payload_invalid");
      }
      expect(await dataOf(await post("/drop-field", {}))).toEqual([]);
      expect(await dataOf(await post("/drop-field", { keys: [] }))).toEqual([]);
      expect(await dataOf(await post("/drop-field", { keys: ["5", key] }))).toEqual([missing("5"), deleted(key)]);
      await expectLeft([]);
    });
  });
}
