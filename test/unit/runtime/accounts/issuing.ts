/** Issued tokens: they are in the answer, this runtime takes them, and nothing else is issued. */
import { decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../src/contract/plan.ts";
import { dataOf, expectProblem } from "../../../support/app.ts";
import { useAccounts, type AccountsHarness } from "./harness.ts";

export function describeIssuing(harness: AccountsHarness): void {
  const { ask, bearer, run } = useAccounts(harness);
  const tokenOf = async (path: string, payload: Json) => {
    const row = await dataOf<Record<string, string>>(await ask(path, payload));
    return row["token"] ?? row["jwt"] ?? "";
  };
  const ann = { id: "ann", email: "ann@example.com" };

  describe("issued tokens", () => {
    test("stand in the answer of a row that was stored, and are taken", async () => {
      const answer = await dataOf<Record<string, string>>(await ask("/register", ann));
      expect(Object.keys(answer)).toEqual(["id", "token"]);
      const { token = "" } = answer;
      expect(decodeProtectedHeader(token)).toEqual({ alg: "HS256", typ: "JWT" });
      const { iat = 0, exp = 0, jti, ...claims } = decodeJwt(token);
      expect(claims).toEqual(ann);
      expect(exp - iat).toBe(3600);
      expect(jti).toMatch(/^[\da-f-]{36}$/);
      expect(await dataOf(await ask("/who", null, bearer(token)))).toEqual(ann);
    });

    test("stand beside the actionable's fields where the endpoint's list names them", async () => {
      await ask("/register", ann);
      const answer = await dataOf<Record<string, string>>(await ask("/enter", { email: ann.email }));
      expect(answer).toEqual({ ...ann, token: expect.any(String) });
    });

    test("two of one second are two", async () => {
      await ask("/register", ann);
      const payload = { email: ann.email };
      const [one, other] = await Promise.all([tokenOf("/enter", payload), tokenOf("/enter", payload)]);
      expect(one).not.toBe(other);
    });

    test("are renewed for their caller, whose claims they keep", async () => {
      const first = await tokenOf("/register", ann);
      const { token: second = "" } = await dataOf<Record<string, string>>(await ask("/refresh", null, bearer(first)));
      expect(decodeJwt(second)["id"]).toBe("ann");
      expect(await dataOf(await ask("/who", null, bearer(second)))).toEqual(ann);
      await expectProblem(await ask("/refresh", null, {}), 401, "unauthorized");
    });

    test("carry other types, and are taken by the algorithm, audience and issuer that they say", async () => {
      const notes = { list: [1, "two", null], nested: { deep: true } };
      await ask("/register", { ...ann, role: "admin", number: 9_007_199_254_740_991, notes });
      const claims = decodeJwt(await tokenOf("/enter-as", { email: ann.email }));
      expect(claims).toMatchObject({ id: "ann", role: "admin", number: 9_007_199_254_740_991, notes });
      const long = await tokenOf("/enter-512", { email: ann.email });
      expect(await dataOf(await ask("/who-512", null, bearer(long)))).toEqual({ id: "ann" });
      const bound = await tokenOf("/enter-for", { email: ann.email });
      expect(decodeJwt(bound)).toMatchObject({ aud: "gallery", iss: "https://issuer.example" });
      expect(await dataOf(await ask("/who-for", null, bearer(bound)))).toEqual({ id: "ann" });
      await expectProblem(await ask("/who-for", null, bearer(await tokenOf("/enter", ann))), 401, "unauthorized");
      await expectProblem(await ask("/who", null, bearer(long)), 401, "unauthorized");
    });

    test("need a row, exactly one", async () => {
      await expectProblem(await ask("/enter", { email: "nobody@example.com" }), 422, "row_missing");
      await ask("/register", ann);
      await ask("/register", { ...ann, id: "ann-2" });
      await expectProblem(await ask("/enter", { email: ann.email }), 500, "misconfigured");
    });

    test("need a row that names somebody, and fits", async () => {
      await run("INSERT INTO people (id, email) VALUES ('', 'empty@example.com')");
      await expectProblem(await ask("/enter", { email: "empty@example.com" }), 500, "misconfigured");
      await run(`INSERT INTO people (id, email) VALUES ('${"x".repeat(256)}', 'long@example.com')`);
      await expectProblem(await ask("/enter", { email: "long@example.com" }), 500, "misconfigured");
      await ask("/register", { id: "eve", email: "eve@example.com", notes: ["x".repeat(9000)] });
      await expectProblem(await ask("/enter-as", { email: "eve@example.com" }), 500, "misconfigured");
      const deep = `${"[".repeat(100)}${"]".repeat(100)}`;
      await run(`INSERT INTO people (id, email, notes) VALUES ('bob', 'bob@example.com', '${deep}')`);
      await expectProblem(await ask("/enter-as", { email: "bob@example.com" }), 500, "misconfigured");
    });

    test("leave no trace under an Idempotency-Key", async () => {
      const first = await tokenOf("/register", ann);
      const headers = { ...bearer(first), "idempotency-key": "k1" };
      await expectProblem(await ask("/refresh", null, headers), 422, "idempotency_key_invalid");
    });

    test("are refused by a clock that is set back too far, and by one after their end", async () => {
      const now = Date.now();
      const token = await tokenOf("/register", ann);
      harness.setClock(now - 4000);
      expect((await ask("/who", null, bearer(token))).status).toBe(200);
      harness.setClock(now - 60_000);
      await expectProblem(await ask("/who", null, bearer(token)), 401, "unauthorized");
      harness.setClock(now + 3_601_000);
      await expectProblem(await ask("/who", null, bearer(token)), 401, "unauthorized");
    });

    test("are signed with no weak or borrowed key", async () => {
      await ask("/register", ann);
      const weak = useAccounts({ ...harness, bindings: { ...harness.bindings, LONG_KEY: "short" } }, false);
      await expectProblem(await weak.ask("/enter-512", { email: ann.email }), 500, "misconfigured");
    });
  });
}
