/** Passwords: stored as hashes, compared in like time, in nothing that leaves the statement, and never too many at once. */
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../src/contract/plan.ts";
import { argon2 } from "../../../../src/runtime/accounts/argon2.ts";
import { bcrypt } from "../../../../src/runtime/accounts/bcrypt.ts";
import type { PasswordHasher } from "../../../../src/runtime/call/features.ts";
import { dataOf, expectProblem } from "../../../support/app.ts";
import { useAccounts, type AccountsHarness } from "./harness.ts";

const email = "ann@example.com";
const password = "correct horse battery staple";
/** Made by glibc's crypt and by Node's argon2. */
const foreign = {
  bcrypt: ["U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  cyrillic: ["пароль", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.ZmikXNckJIFtyw3eRFsVvA5jb4CVpDu"],
  argon2: [
    "пароль-и-ключ",
    "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcyBvaw$ZkQOuzwS/Qiy4LhTZ0oRlm10wvIXnpcizj9LXmYbKSA",
  ],
  large: [
    "correct horse",
    "$argon2id$v=19$m=65536,t=3,p=4$c2l4dGVlbiBieXRlcyBvaw$eXnigS77mq3GGy8kBvGmzH5+ruZ3IbtGXuP8vB35yLg",
  ],
  argon2i: [
    "correct horse",
    "$argon2i$v=19$m=1024,t=3,p=1$c2l4dGVlbiBieXRlcyBvaw$zcPAZw0Hn2sgmjzxiC6SYBo1GF3C1i2R5P+YHhZYH2E",
  ],
} as const;

export function describeHashing(harness: AccountsHarness): void {
  let computed: string[] = [];
  const counted = (name: string, hasher: PasswordHasher): PasswordHasher => ({
    ...hasher,
    hash(text, cost) {
      computed.push(`${name} ${cost}`);
      return hasher.hash(text, cost);
    },
    read(stored) {
      const hash = hasher.read(stored);
      const cost = Number(/^\$2.\$(\d\d)|t=(\d+)/.exec(stored)?.slice(1).join(""));
      return hash && { ...hash, isOf: (text) => computed.push(`${name} ${cost}`) > 0 && hash.isOf(text) };
    },
  });
  const features = { bcrypt: counted("bcrypt", bcrypt), argon2: counted("argon2", argon2) };
  const { ask, bearer, run } = useAccounts({ ...harness, features });
  const signIn = (payload: Json, path = "/sign-in") => ask(path, payload);
  const store = (stored: string | null, address = email) =>
    run(
      `INSERT INTO people (id, email, password) VALUES ('${address}', '${address}', ${stored === null ? "NULL" : `'${stored}'`})`,
    );

  describe.each([
    ["bcrypt", "", /^\$2b\$04\$[./\w]{53}$/],
    ["argon2id", "-argon2", /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/],
  ])("passwords by %s", (_, suffix, form) => {
    test("sign up, sign in, and are seen nowhere", async () => {
      const up = await ask(`/sign-up${suffix}`, { email, password });
      const upText = await up.clone().text();
      expect(Object.keys(await dataOf<object>(up))).toEqual(["id", "email", "token"]);
      const [row] = await run("SELECT * FROM people");
      expect(String(row?.["password"])).toMatch(form);
      const into = await signIn({ email, password }, `/sign-in${suffix}`);
      const intoText = await into.clone().text();
      const { token = "" } = await dataOf<Record<string, string>>(into);
      expect((await ask("/who", null, bearer(token))).status).toBe(200);
      for (const text of [upText, intoText]) {
        expect(text).not.toContain(password);
        expect(text).not.toContain("$");
      }
    });

    test("a wrong one and an unknown user are answered alike, and cost as many hashes", async () => {
      await ask(`/sign-up${suffix}`, { email, password });
      const answers = [];
      for (const payload of [
        { email, password: `${password}!` },
        { email: "nobody@example.com", password },
      ]) {
        computed = [];
        const response = await signIn(payload, `/sign-in${suffix}`);
        const { request_id: _id, ...body } = await expectProblem(response.clone(), 401, "credentials_invalid");
        answers.push({ body, computed, headers: response.headers.get("www-authenticate") });
      }
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]?.computed).toEqual([suffix === "" ? "bcrypt 4" : "argon2 2"]);
    });

    test.skipIf(harness.isBrief).each<[string, unknown]>([
      ["nothing", undefined],
      ["null", null],
      ["a number", 12345678],
      ["a list", [password]],
      ["an object", { $ne: "" }],
      ["an empty text", ""],
      ["NUL", "secret\0"],
      ["half a surrogate pair", "secret\ud800"],
      ["a text that is too long", "x".repeat(suffix === "" ? 73 : 1025)],
      ["one that is too long in bytes", "é".repeat(suffix === "" ? 37 : 513)],
      ["500 KB", "x".repeat(500_000)],
    ])("%s is refused, signing up and in, before anything is computed", async (_name, sent) => {
      computed = [];
      const payload = { email, ...(sent === undefined ? {} : { password: sent as Json }) };
      await expectProblem(await ask(`/sign-up${suffix}`, payload), 422, "payload_invalid");
      await expectProblem(await signIn(payload, `/sign-in${suffix}`), 422, "payload_invalid");
      expect(computed).toEqual([]);
      expect(await run("SELECT id FROM people")).toEqual([]);
    });

    test.skipIf(harness.isBrief)("the longest, and those of every script, are hashed to their last byte", async () => {
      const longest = suffix === "" ? 72 : 1024;
      for (const text of ["x".repeat(longest - 1), "é".repeat(longest / 2 - 1), "密".repeat(8), "🔑".repeat(4)]) {
        const address = `${crypto.randomUUID()}@example.com`;
        expect((await ask(`/sign-up${suffix}`, { email: address, password: `${text}a` })).status).toBe(200);
        expect((await signIn({ email: address, password: `${text}a` }, `/sign-in${suffix}`)).status).toBe(200);
        expect((await signIn({ email: address, password: `${text}b` }, `/sign-in${suffix}`)).status).toBe(401);
      }
    });
  });

  describe.skipIf(harness.isBrief)("stored hashes", () => {
    test.each(Object.entries(foreign))("of others are verified: %s", async (name, [text, stored]) => {
      const suffix = name.match(/argon2|large/) === null ? "" : "-argon2";
      await store(stored);
      expect((await signIn({ email, password: text }, `/sign-in${suffix}`)).status).toBe(200);
      await expectProblem(
        await signIn({ email, password: `${text}x` }, `/sign-in${suffix}`),
        401,
        "credentials_invalid",
      );
    });

    const [, sound] = foreign.bcrypt;
    const [, argon] = foreign.argon2;
    test.each<[string, string, string | null]>([
      ["none", "", null],
      ["an empty text", "", ""],
      ["the password itself", "", password],
      ["another algorithm", "", argon],
      ["a cut hash", "", sound.slice(0, -1)],
      ["a longer hash", "", `${sound}a`],
      ["cost 31", "", sound.replace("$05$", "$31$")],
      ["cost 3", "", sound.replace("$05$", "$03$")],
      ["an unknown version", "", sound.replace("$2a$", "$2x$")],
      ["another algorithm", "-argon2", sound],
      ["1 GiB", "-argon2", argon.replace("m=19456", "m=1048576")],
      ["10 GiB", "-argon2", argon.replace("m=19456", "m=10485760")],
      ["a hundred passes", "-argon2", argon.replace("t=2", "t=100")],
      ["much of both", "-argon2", argon.replace("m=19456,t=2", "m=65536,t=31")],
      ["no passes", "-argon2", argon.replace("t=2", "t=0")],
      ["no memory", "-argon2", argon.replace("m=19456", "m=1")],
      ["64 lanes", "-argon2", argon.replace("p=1", "p=64")],
      ["a cut hash", "-argon2", argon.slice(0, -30)],
      ["argon2d", "-argon2", argon.replace("argon2id", "argon2d")],
    ])("that are %s%s count as another password's, at the usual cost", async (_, suffix, stored) => {
      await store(stored);
      computed = [];
      await expectProblem(await signIn({ email, password }, `/sign-in${suffix}`), 401, "credentials_invalid");
      expect(computed).toEqual([suffix === "" ? "bcrypt 4" : "argon2 2"]);
    });

    test("of two rows count as none", async () => {
      const [text, stored] = foreign.bcrypt;
      await store(stored);
      await run(`INSERT INTO people (id, email, password) VALUES ('twin', '${email}', '${stored}')`);
      computed = [];
      await expectProblem(await signIn({ email, password: text }), 401, "credentials_invalid");
      expect(computed).toEqual(["bcrypt 4"]);
    });
  });

  describe("statements with passwords", () => {
    test("answer no hash, whatever the column is called", async () => {
      const up = await dataOf<object>(await ask("/sign-up-bare", { email, password }));
      const into = await dataOf<object>(await ask("/sign-in-bare", { email, password }));
      expect(up).toEqual({ id: email, email, role: null, number: null, notes: null });
      expect(into).toEqual(up);
    });

    test("change a password only for who knows the old one", async () => {
      const { token = "" } = await dataOf<Record<string, string>>(await ask("/sign-up", { email, password }));
      const change = (old: string) =>
        ask("/change-password", { password: old, new_password: "another one" }, bearer(token));
      await expectProblem(await change("guessed"), 401, "credentials_invalid");
      expect((await signIn({ email, password })).status).toBe(200);
      const changed = await change(password);
      expect(await changed.text()).not.toContain("$2b$");
      expect((await signIn({ email, password })).status).toBe(401);
      expect((await signIn({ email, password: "another one" })).status).toBe(200);
    });

    test("keep no answer under an Idempotency-Key: the fingerprint of the body would be one of the password", async () => {
      const { token = "" } = await dataOf<Record<string, string>>(await ask("/sign-up", { email, password }));
      const headers = { ...bearer(token), "idempotency-key": "k1" };
      const payload = { password, new_password: "another one" };
      await expectProblem(await ask("/change-password", payload, headers), 422, "idempotency_key_invalid");
      expect(await run("SELECT key FROM sluice_idempotency_keys WHERE key = 'k1'")).toEqual([]);
    });

    test("leave no password in the job that reads the payload beside it", async () => {
      await run("DELETE FROM sluice_jobs");
      expect((await ask("/sign-up-later", { email, password, role: "admin" })).status).toBe(202);
      const [job] = await run("SELECT context FROM sluice_jobs");
      expect(String(job?.["context"])).toContain("admin");
      expect(String(job?.["context"])).not.toContain(password);
      expect(String(job?.["context"])).not.toContain("$2b$");
    });

    test.skipIf(harness.isBrief)("are not too many at once: the others are told to come again", async () => {
      await ask("/sign-up", { email, password });
      const responses = await Promise.all(Array.from({ length: 14 }, () => signIn({ email, password })));
      const statuses = responses.map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([200, 503]));
      expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(8);
      const refused = responses.find(({ status }) => status === 503);
      expect(refused?.headers.get("retry-after")).toBe("3");
      await expectProblem(refused ?? new Response(), 503, "overloaded");
      expect((await signIn({ email, password })).status).toBe(200);
    });

    test("wait for memory like uploads", async () => {
      const bindings = { ...harness.bindings, MAX_MEMORY_BYTES: "16777216", MAX_JSON_BYTES: "100000" };
      const small = useAccounts({ ...harness, bindings }, false);
      await expectProblem(await small.ask("/sign-up-argon2", { email, password }), 503, "overloaded");
      expect((await small.ask("/sign-up", { email, password })).status).toBe(200);
    });
  });
}
