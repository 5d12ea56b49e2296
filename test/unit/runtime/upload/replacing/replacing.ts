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

    test.each([
      ["of any value", "/avatar", (): FormPart[] => []],
      ["of one value", "/cover", (): FormPart[] => [{ name: "album", body: "a" }]],
    ])("of fifty at once exactly one stays, and no object is left without a row: %s", async (_, path, fields) => {
      await send(path, [...fields(), picture(100)]);
      const answers = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => send(path, [...fields(), picture(index)])),
      );
      const rows = (await Promise.all(answers.map((answer) => dataOf<readonly Row[]>(answer)))).flat();
      const left = await stored();
      expect(left).toHaveLength(1);
      expect(keysOf(rows)).toContain(left[0]);
      expect(await objects()).toEqual(left);
      expect(await run("SELECT id FROM sluice_files")).toHaveLength(1);
    });

    const storeWith = async (path: string, fields: Record<string, string>, parts: readonly FormPart[], id = "ann") => {
      const texts = Object.entries(fields).map(([name, body]): FormPart => ({ name, body }));
      return dataOf<readonly Row[]>(await send(path, [...parts, ...texts], id));
    };

    test("of a value, only what was stored with the same one, by the same caller", async () => {
      const [a = {}] = await storeWith("/cover", { album: "a" }, [picture(1)]);
      const [b = {}] = await storeWith("/cover", { album: "b" }, [picture(2)]);
      const [theirs = {}] = await storeWith("/cover", { album: "a" }, [picture(3)], "bob");
      const [again = {}] = await storeWith("/cover", { album: "a" }, [picture(4)]);
      expect(await statusOf(a)).toBe(404);
      expect(await stored()).toEqual(keysOf([b, theirs, again]));
      const [logo = {}] = await store("/team-logo", [5]);
      expect(await stored()).toEqual(keysOf([b, theirs, again, logo]));
    });

    test.each([
      ["none", []],
      ["an empty one", [{ name: "album", body: "" }]],
      ["one too long", [{ name: "album", body: "a".repeat(256) }]],
      [
        "two",
        [
          { name: "album", body: "a" },
          { name: "album", body: "b" },
        ],
      ],
    ] as const)("a value is needed: not %s", async (_, fields) => {
      const [kept = {}] = await storeWith("/cover", { album: "a" }, [picture(1)]);
      const problem = await expectProblem(await send("/cover", [picture(2), ...fields]), 422, "payload_invalid");
      expect(problem["detail"]).toBe(
        'The field "album" says which files are replaced: expected a text of 1 to 255 bytes without control characters.',
      );
      expect(await stored()).toEqual(keysOf([kept]));
      expect(await objects()).toEqual(keysOf([kept]));
    });

    test("of named fields, each its own: one that is not sent stays, and one that says so keeps all", async () => {
      const named = (name: string, shade: number): FormPart => ({ ...picture(shade), name });
      const first = await storeWith("/papers", {}, [named("document", 1), named("selfie", 2), named("extra", 3)]);
      const second = await storeWith("/papers", {}, [named("selfie", 4), named("extra", 5)]);
      const [document = {}, selfie = {}, extra = {}] = first;
      expect(await statusOf(selfie)).toBe(404);
      expect(await stored()).toEqual(keysOf([document, extra, ...second]));
      const third = await storeWith("/papers", {}, [named("document", 6)]);
      expect(await stored()).toEqual(keysOf([extra, ...second, ...third]));
      expect(await objects()).toEqual(await stored());
    });

    test("and of a value in them", async () => {
      const named = (name: string, shade: number): FormPart => ({ ...picture(shade), name });
      const ones = await storeWith("/papers-of", { team: "1" }, [named("document", 1), named("extras", 2)]);
      const twos = await storeWith("/papers-of", { team: "2" }, [named("document", 3)]);
      const [document = {}] = ones;
      const news = await storeWith("/papers-of", { team: "1" }, [named("extras", 4), named("extras", 5)]);
      expect(await stored()).toEqual(keysOf([document, ...twos, ...news]));
      await expectProblem(await send("/papers-of", [named("document", 6)]), 422, "payload_invalid");
    });

    test("a write that goes ahead replaces nothing before the call succeeds", async () => {
      await send("/avatar-early", [{ name: "id", body: "first" }, picture(1)]);
      const [kept = ""] = await stored();
      await run("INSERT INTO replaced_things (id) VALUES ('taken')");
      const failed = await send("/avatar-early", [{ name: "id", body: "taken" }, picture(2)]);
      await expectProblem(failed, 409, "unique_violation");
      expect(await stored()).toContain(kept);
      const before = await stored();
      expect((await send("/avatar-early", [{ name: "id", body: "free" }, picture(3)])).status).toBe(200);
      const after = await stored();
      expect(after).not.toContain(kept);
      expect(after).toHaveLength(before.length);
      expect(await objects()).toEqual(after);
    });
  });
}
