/** Revoked tokens: refused at once, everywhere, until they would expire; and nobody fills the table who has none. */
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../src/contract/plan.ts";
import { dataOf, expectProblem, token as sign } from "../../../support/app.ts";
import { OTHER_JWT_SECRET_KEY, secrets } from "../../../support/secrets.ts";
import { countingEngine, useAccounts, type AccountsHarness } from "./harness.ts";

export function describeRevoking(harness: AccountsHarness): void {
  const { engine, counts } = countingEngine(harness.engine);
  const { ask, bearer, run, call } = useAccounts({
    ...harness,
    engine,
    bindings: { ...harness.bindings, FILE_API: "on" },
  });
  const enter = async (id = "ann") => {
    const response = await ask("/register", { id, email: `${id}@example.com` });
    return (await dataOf<Record<string, string>>(response))["token"] ?? "";
  };
  const again = async (id = "ann") => {
    const response = await ask("/enter", { email: `${id}@example.com` });
    return (await dataOf<Record<string, string>>(response))["token"] ?? "";
  };
  const isGood = async (token: string) => (await ask("/who", null, bearer(token))).status === 200;
  const rows = () => run("SELECT digest, expires_at FROM sluice_revoked_tokens ORDER BY digest");
  const emptied = () => run("DELETE FROM sluice_revoked_tokens");
  const signed = (claims: Record<string, Json>, options = {}) =>
    sign({ id: "ann", ...claims }, { secret: secrets.JWT_SECRET_KEY, ...options });

  describe("revoked tokens", () => {
    test("a caller leaves: that token is refused at once, another one of theirs is not", async () => {
      await emptied();
      const [one, other] = [await enter(), await again()];
      const left = await ask("/leave", null, bearer(one));
      expect(await dataOf(left)).toBeNull();
      await expectProblem(await ask("/who", null, bearer(one)), 401, "unauthorized");
      await expectProblem(await ask("/refresh", null, bearer(one)), 401, "unauthorized");
      await expectProblem(await ask("/leave", null, bearer(one)), 401, "unauthorized");
      expect(await isGood(other)).toBe(true);
      expect(await isGood(await again())).toBe(true);
      expect(JSON.stringify(await rows())).not.toContain(one.split(".")[2]);
    });

    test("by another isolate's app as well, and by the file API", async () => {
      const token = await enter();
      const files = () => call("/v1/upload", { headers: bearer(token) });
      expect((await files()).status).toBe(200);
      await ask("/leave", null, bearer(token));
      const elsewhere = useAccounts(harness, false);
      await expectProblem(await elsewhere.ask("/who", null, bearer(token)), 401, "unauthorized");
      expect((await files()).status).toBe(401);
    });

    test("one look-up for a call with a token, none for one without, one batch to revoke", async () => {
      const token = await enter();
      counts.batches = 0;
      await ask("/who", null, bearer(token));
      expect(counts.batches).toBe(2);
      counts.batches = 0;
      await ask("/leave", null, bearer(token));
      expect(counts.batches).toBe(2);
      counts.batches = 0;
      await ask("/enter", { email: "ann@example.com" });
      expect(counts.batches).toBe(1);
    });

    test("the old one for a new one", async () => {
      const old = await enter();
      const answer = await dataOf<Record<string, string>>(await ask("/exchange", null, bearer(old)));
      expect([await isGood(old), await isGood(answer["token"] ?? "")]).toEqual([false, true]);
    });

    test("a list, also of those that have expired or are revoked already", async () => {
      await emptied();
      const [one, other] = [await enter(), await again()];
      const over = await signed({}, { expires: -10 });
      expect((await ask("/leave-all", { tokens: [one, over, `Bearer ${other}`] })).status).toBe(200);
      expect([await isGood(one), await isGood(other)]).toEqual([false, false]);
      expect((await ask("/leave-all", { tokens: one })).status).toBe(200);
      expect(await rows()).toHaveLength(2);
    });

    test("together with the row, or not at all", async () => {
      const [one, other] = [await enter(), await again()];
      const left = await ask("/leave-with-row", { refresh_token: other }, bearer(one));
      expect(await dataOf(left)).toEqual({ role: "left" });
      expect([await isGood(one), await isGood(other)]).toEqual([false, false]);
      const third = await again();
      await run("DELETE FROM people");
      await expectProblem(await ask("/leave-with-row", { refresh_token: third }, bearer(third)), 422, "row_missing");
      await run("INSERT INTO people (id, email) VALUES ('ann', 'ann@example.com')");
      expect(await isGood(third)).toBe(true);
    });

    test.each<[string, () => unknown]>([
      ["nothing", () => undefined],
      ["null", () => null],
      ["an empty list", () => []],
      ["numbers", () => [1]],
      ["a list in a list", () => [["a.b.c"]]],
      ["no token", () => ["hello"]],
      ["a token of another key", () => signed({}, { secret: OTHER_JWT_SECRET_KEY })],
      [
        "a token of another algorithm",
        () => signed({}, { algorithm: "HS512", secret: secrets.JWT_SECRET_KEY.repeat(2) }),
      ],
      ["one bad token among good ones", async () => [await signed({}), "a.b.c"]],
      ["a token that is respelled", async () => `${await signed({})}=`],
      ["101 tokens", async () => Array.from({ length: 101 }, () => "a.b.c")],
      ["100,000 tokens", async () => Array.from({ length: 100_000 }, () => "a.b.c")],
    ])("%s revokes nothing: 422", async (_, make) => {
      await emptied();
      const tokens = (await make()) as Json | undefined;
      await expectProblem(await ask("/leave-all", tokens === undefined ? {} : { tokens }), 422, "payload_invalid");
      expect(await rows()).toEqual([]);
    });

    test("a million tokens are more than a body may have", async () => {
      await expectProblem(
        await ask("/leave-all", { tokens: Array.from({ length: 1_000_000 }, () => "a") }),
        413,
        "body_too_large",
      );
    });

    test("tokens without an end that anybody takes are not remembered", async () => {
      await emptied();
      for (const exp of [undefined, "soon", 1e15]) {
        const tokens = await signed(exp === undefined ? {} : { exp }, { expires: null });
        expect((await ask("/leave-all", { tokens })).status).toBe(200);
      }
      expect(await rows()).toEqual([]);
    });

    test("used and revoked at once: whoever comes after the answer is refused", async () => {
      const token = await enter();
      const calls = Array.from({ length: 8 }, () => ask("/who", null, bearer(token)));
      await Promise.all([...calls, ask("/leave", null, bearer(token)), ask("/leave", null, bearer(token))]);
      const after = await Promise.all(Array.from({ length: 8 }, () => ask("/who", null, bearer(token))));
      expect(new Set(after.map(({ status }) => status))).toEqual(new Set([401]));
    });

    test("are remembered until they expire, and as long as the ABI says at least, then swept", async () => {
      await emptied();
      const now = Date.now();
      const token = await signed({}, { expires: 600 });
      await ask("/leave", null, bearer(token));
      const untilOf = async () => new Date(String((await rows())[0]?.["expires_at"])).getTime();
      expect(Math.abs((await untilOf()) - now - 600_000)).toBeLessThan(10_000);
      await emptied();
      await ask("/leave-all", { tokens: token });
      expect(Math.abs((await untilOf()) - now - 86_400_000)).toBeLessThan(10_000);
      await harness.sweep();
      expect(await rows()).toHaveLength(1);
      harness.setClock(now + 86_500_000);
      await harness.sweep();
      expect(await rows()).toEqual([]);
    });

    test("nobody gets in while the table cannot be read", async () => {
      const token = await enter();
      await run("DROP TABLE sluice_revoked_tokens");
      try {
        expect((await ask("/who", null, bearer(token))).status).toBeGreaterThanOrEqual(500);
      } finally {
        for (const statement of harness.revokedTable) await run(statement);
      }
    });
  });
}
