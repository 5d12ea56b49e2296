/** A call's files take the place of those before: exactly then, only those, and whoever else is calling at the time. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, inject, test } from "vitest";
import type { Engine } from "../../../../../src/runtime/database/engine.ts";
import { callerOf, dataOf, expectProblem, token, upload, type FormPart } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { png } from "../../../../support/pictures.ts";
import { secrets } from "../../../../support/secrets.ts";

export interface ReplacingHarness {
  readonly engine: Engine;
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly table: string;
}

type Row = Readonly<Record<string, string>>;

export function describeReplacing({ engine, bindings, run, table }: ReplacingHarness): void {
  const call = callerOf(buildOf(inject("compiled").replacing, engine), { ...bindings, ...secrets });
  const headersOf = async (id: string, more: Record<string, string> = {}) => ({
    "x-access-token": await token({ id, email: "a@example.com" }, { secret: secrets.JWT_SECRET_KEY }),
    ...more,
  });
  const picture = (shade: number): FormPart => ({ fileName: `${shade}.png`, body: png([shade, 1, 1]) });
  const send = async (path: string, parts: readonly FormPart[], id = "ann", more: Record<string, string> = {}) =>
    upload(call, path, await headersOf(id, more), parts);
  const store = async (path: string, shades: readonly number[], id = "ann") =>
    dataOf<readonly Row[]>(await send(path, shades.map(picture), id));
  const objects = async () => (await env.BUCKET.list()).objects.map(({ key }) => key).toSorted();
  const keysOf = (rows: readonly Row[]) => rows.map((row) => row["storage_key"] ?? "").toSorted();
  const stored = async () =>
    (await run("SELECT storage_key FROM sluice_files WHERE status = 'stored'"))
      .map((row) => String(row["storage_key"]))
      .toSorted();
  const statusOf = async (row: Row | undefined) => (await call(new URL(row?.["url"] ?? "").pathname)).status;

  beforeEach(async () => {
    await run("DELETE FROM sluice_files");
    await run("DROP TABLE IF EXISTS replaced_things");
    await run(table);
  });

  describe("replaces", () => {
    test("what was there is gone at once, its object as well", async () => {
      const [first] = await store("/avatar", [1]);
      expect(await statusOf(first)).toBe(200);
      const second = await store("/avatar", [2, 3]);
      expect(await statusOf(first)).toBe(404);
      expect(await statusOf(second[1])).toBe(200);
      expect(await objects()).toEqual(keysOf(second));
      const third = await store("/avatar", [4]);
      expect(await stored()).toEqual(keysOf(third));
      expect(await objects()).toEqual(keysOf(third));
    });

    test("nobody else's, and no other endpoint's", async () => {
      const others = [
        ...(await store("/avatar", [1], "bob")),
        ...(await store("/banner", [2])),
        ...(await store("/photo", [3])),
      ];
      const [mine = {}] = await store("/avatar", [4]);
      const [photo = {}] = await store("/photo", [5]);
      expect(await stored()).toEqual(keysOf([...others, mine, photo]));
    });

    test("a call that fails replaces nothing", async () => {
      const kept = await dataOf<Row>(await send("/avatar-once", [{ name: "id", body: "1" }, picture(1)]));
      expect(kept).toEqual({ id: "1" });
      const before = await stored();
      await expectProblem(await send("/avatar-once", [{ name: "id", body: "1" }, picture(2)]), 409, "unique_violation");
      await expectProblem(
        await send("/avatar-once", [picture(3), { fileName: "x.png", type: "image/png", body: "no picture" }]),
        415,
        "file_type_mismatch",
      );
      expect(await stored()).toEqual(before);
      expect(await objects()).toEqual(before);
    });

    test("a repeated call is the same call", async () => {
      const keyed = { "idempotency-key": crypto.randomUUID() };
      const first = await dataOf<readonly Row[]>(await send("/avatar", [picture(1)], "ann", keyed));
      const again = await dataOf<readonly Row[]>(await send("/avatar", [picture(1)], "ann", keyed));
      expect(keysOf(again)).toEqual(keysOf(first));
      expect(await stored()).toEqual(keysOf(first));
    });

    test("of twenty at once exactly one stays, and no object is left without a row", async () => {
      await store("/avatar", [100]);
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => send("/avatar", [picture(index)])),
      );
      const rows = (await Promise.all(answers.map((answer) => dataOf<readonly Row[]>(answer)))).flat();
      const left = await stored();
      expect(left).toHaveLength(1);
      expect(keysOf(rows)).toContain(left[0]);
      expect(await objects()).toEqual(left);
    });
  });
}
