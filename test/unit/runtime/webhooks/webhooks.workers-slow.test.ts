import { env } from "cloudflare:workers";
import { generateKeyPairSync, sign as signWithKey } from "node:crypto";
import { SignJWT } from "jose";
import { beforeEach, describe, expect, inject, test } from "vitest";
import { as, callerOf, dataOf, expectProblem } from "../../../support/app.ts";
import { buildOf } from "../../../support/build.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { describeWebhooks } from "./contract.ts";
import { tableOf } from "./endpoints.ts";
import { form, hookSecrets, jsonOf, sendTo, sign } from "./senders.ts";

useFreshStorage();
beforeEach(() => env.DB.exec(`DROP TABLE IF EXISTS events; ${tableOf()}`));

const pem = (key: { export: (options: { type: "spki"; format: "pem" }) => string | Buffer }) =>
  String(key.export({ type: "spki", format: "pem" }));
const secretPem = (key: { export: (options: { type: "pkcs8"; format: "pem" }) => string | Buffer }) =>
  String(key.export({ type: "pkcs8", format: "pem" }));
const pairs = {
  ED25519: generateKeyPairSync("ed25519"),
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  RS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
} as const;
const keys = {
  ED25519_KEY: pem(pairs.ED25519.publicKey),
  ES256_KEY: pem(pairs.ES256.publicKey),
  RS256_KEY: pem(pairs.RS256.publicKey),
  PS256_KEY: pem(pairs.RS256.publicKey),
};
const bindings = { ...hookSecrets, ...keys };
const build = () => buildOf(inject("compiled").webhooks);
const call = callerOf(build(), bindings);
const send = sendTo(call);
const rows = async () => (await env.DB.prepare("SELECT count(*) AS rows FROM events").first<number>("rows")) ?? -1;
const objects = async () => (await env.BUCKET.list()).objects.length;

describeWebhooks({ call, rows, objects });

const refused = async (answer: Response) => {
  await expectProblem(answer, 401, "webhook_unverified");
  expect(await rows()).toBe(0);
};
const seconds = (ahead = 0) => String(Math.floor(Date.now() / 1000) + ahead);
const body = jsonOf("a");

test.each<[string, Record<string, string>]>([
  ["/signed-as-github", { "x-signature": `sha256=${sign(body)}` }],
  ["/signed-512", { "x-signature": sign(body, "sha512", "base64") }],
  ["/signed-384", { "x-signature": sign(body, "sha384") }],
])("%s takes its own way of writing, and no other", async (path, headers) => {
  expect(await dataOf(await send(path, body, headers))).toEqual({ id: "a" });
  await env.DB.exec("DELETE FROM events");
  await refused(await send(path, body, { "x-signature": sign(body) }));
});

describe("a signed moment, as Stripe writes it", () => {
  const header = (at: string, ...signatures: string[]) => ({
    "x-signature": [`t=${at}`, ...signatures.map((text) => `v1=${text}`)].join(","),
  });
  const of = (at: string) => sign(`${at}.${body}`);

  test.each<[string, () => Record<string, string>, boolean]>([
    ["now", () => header(seconds(), of(seconds())), true],
    ["beside another key's", () => header(seconds(), "00".repeat(32), of(seconds())), true],
    ["too old", () => header(seconds(-62), of(seconds(-62))), false],
    ["too far ahead", () => header(seconds(62), of(seconds(62))), false],
    ["changed", () => header(seconds(1), of(seconds())), false],
    ["twice", () => ({ "x-signature": `t=1,${header(seconds(), of(seconds()))["x-signature"] ?? ""}` }), false],
    ["missing", () => ({ "x-signature": `v1=${sign(body)}` }), false],
    ["no number", () => header("now", of("now")), false],
    ["without a signature", () => header(seconds()), false],
    ["of too many signatures", () => header(seconds(), ...Array.from({ length: 9 }, () => of(seconds()))), false],
  ])("%s", async (_, headersOf, isTaken) => {
    const answer = await send("/signed-as-stripe", body, headersOf());
    if (isTaken) expect(await dataOf(answer)).toEqual({ id: "a" });
    else await refused(answer);
  });
});

describe("Standard Webhooks", () => {
  const key = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
  const headers = (id: string, at: string, of = `${id}.${at}.${body}`) => ({
    "webhook-id": id,
    "webhook-timestamp": at,
    "webhook-signature": `v1,bm9uZQ== v1,${sign(of, "sha256", "base64", key)}`,
  });

  test("are taken by id, moment and body", async () => {
    expect(await dataOf(await send("/signed-as-standard", body, headers("msg_1", seconds())))).toEqual({ id: "a" });
  });

  test.each<[string, () => Record<string, string>]>([
    ["another id", () => ({ ...headers("msg_1", seconds()), "webhook-id": "msg_2" })],
    ["another moment", () => ({ ...headers("msg_1", seconds()), "webhook-timestamp": seconds(1) })],
    ["an old moment", () => headers("msg_1", seconds(-302))],
    ["no id", () => ({ ...headers("msg_1", seconds()), "webhook-id": "" })],
    ["two ids", () => headers("msg_1, msg_1", seconds())],
    ["another version", () => ({ ...headers("msg_1", seconds()), "webhook-signature": "v2,bm9uZQ==" })],
  ])("with %s are refused", async (_, headersOf) => refused(await send("/signed-as-standard", body, headersOf())));
});

describe("by headers alone", () => {
  const address = (ip: string) => ({ "CF-Connecting-IP": ip });
  const jwt = (claims: object, key: string = hookSecrets.HOOK_JWT) =>
    new SignJWT({ iss: "sender", ...claims })
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime("1m")
      .sign(Buffer.from(key));

  test("a token is compared as a whole", async () => {
    expect((await send("/tokened", body, { "x-hook-token": hookSecrets.HOOK_TOKEN })).status).toBe(200);
    await env.DB.exec("DELETE FROM events");
    for (const wrong of [
      "",
      "x",
      hookSecrets.HOOK_TOKEN.slice(1),
      `${hookSecrets.HOOK_TOKEN}, ${hookSecrets.HOOK_TOKEN}`,
    ]) {
      await refused(await send("/tokened", body, { "x-hook-token": wrong }));
    }
  });

  test.each([
    ["192.0.2.127", true],
    ["192.0.2.128", false],
    ["198.51.100.7", true],
    ["198.51.100.8", false],
    ["::ffff:192.0.2.1", true],
    ["2001:db8::1", true],
    ["2001:db8:7fff::", true],
    ["2001:db8:8000::", false],
    ["", false],
    ["192.0.2.1, 10.0.0.1", false],
  ])("the address %s", async (ip, isTaken) => {
    const answer = await send("/listed", body, { ...address(ip), "X-Forwarded-For": "192.0.2.1" });
    if (isTaken) expect(answer.status).toBe(200);
    else await refused(answer);
  });

  test("a token of the sender's", async () => {
    expect((await send("/jwt", body, { authorization: `Bearer ${await jwt({})}` })).status).toBe(200);
    await env.DB.exec("DELETE FROM events");
    const others = [await jwt({ iss: "another" }), await jwt({}, "another-key-0123456789abcdefghijklmnop"), "x"];
    for (const other of others) await refused(await send("/jwt", body, { authorization: `Bearer ${other}` }));
    await refused(await send("/jwt", body));
  });

  test("before a byte of the body is read", async () => {
    let pulled = 0;
    const stream = new ReadableStream({ pull: () => void (pulled += 1) }, { highWaterMark: 0 });
    for (const path of ["/tokened", "/listed", "/jwt", "/signed", "/all-of-them", "/any-of-them"]) {
      await refused(
        await call(path, { method: "POST", headers: { "content-type": "application/json" }, body: stream }),
      );
    }
    expect(pulled).toBe(0);
  });

  test("ALL wants each, ANY wants one", async () => {
    const proofs = [{ "x-signature": sign(body) }, { "x-hook-token": hookSecrets.HOOK_TOKEN }, address("192.0.2.1")];
    const all = Object.assign({}, ...proofs) as Record<string, string>;
    expect((await send("/all-of-them", body, all)).status).toBe(200);
    for (const name of Object.keys(all)) {
      await env.DB.exec("DELETE FROM events");
      const { [name]: _, ...others } = all;
      await refused(await send("/all-of-them", body, others));
    }
    for (const proof of proofs) {
      await env.DB.exec("DELETE FROM events");
      expect((await send("/any-of-them", body, proof as unknown as Record<string, string>)).status).toBe(200);
    }
    await env.DB.exec("DELETE FROM events");
    await refused(await send("/any-of-them", body, { "x-signature": sign("x"), "x-hook-token": "x" }));
    expect(
      (await send("/any-of-them", body, { "x-signature": sign("x"), "x-hook-token": hookSecrets.HOOK_TOKEN })).status,
    ).toBe(200);
  });
});

describe("a private key's signature", () => {
  // workerd's node:crypto has no salt of the hash's length.
  const signPss = async (text: string) => {
    const secret = Buffer.from(secretPem(pairs.RS256.privateKey).replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64");
    const way = { name: "RSA-PSS", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("pkcs8", secret, way, false, ["sign"]);
    return Buffer.from(await crypto.subtle.sign({ name: "RSA-PSS", saltLength: 32 }, key, Buffer.from(text))).toString(
      "base64",
    );
  };
  const signed = async (path: string, text: string): Promise<string> => {
    if (path === "/key-ed25519")
      return signWithKey(null, Buffer.from(text), pairs.ED25519.privateKey).toString("base64");
    if (path === "/key-es256") {
      return signWithKey("sha256", Buffer.from(text), {
        key: secretPem(pairs.ES256.privateKey),
        dsaEncoding: "ieee-p1363",
      }).toString("base64");
    }
    if (path === "/key-ps256") return signPss(text);
    return signWithKey("sha256", Buffer.from(text), secretPem(pairs.RS256.privateKey)).toString("base64");
  };

  test.each(["/key-ed25519", "/key-es256", "/key-rs256", "/key-ps256"])("%s", async (path) => {
    await refused(await send(path, body, { "x-signature": await signed(path, `${body} `) }));
    await refused(await send(path, body, { "x-signature": "AAAA" }));
    await refused(await send(path, body));
    expect(await dataOf(await send(path, body, { "x-signature": await signed(path, body) }))).toEqual({ id: "a" });
  });

  test("with a moment before the body, as Discord writes it", async () => {
    const headers = (at: string) => ({
      "x-timestamp": at,
      "x-signature": signWithKey(null, Buffer.from(at + body), pairs.ED25519.privateKey).toString("hex"),
    });
    await refused(await send("/key-as-discord", body, headers(seconds(-302))));
    await refused(await send("/key-as-discord", body, { ...headers(seconds()), "x-timestamp": seconds(1) }));
    expect((await send("/key-as-discord", body, headers(seconds()))).status).toBe(200);
  });

  test("over more than is kept is refused", async () => {
    const long = jsonOf("a", "x".repeat(1_100_000));
    await expectProblem(await send("/key-ed25519", long, { "x-signature": "AAAA" }), 413, "body_too_large");
  });

  test("with what is no key the deployment is misconfigured", async () => {
    const broken = sendTo(callerOf(build(), { ...bindings, ED25519_KEY: "no key" }));
    await expectProblem(await broken("/key-ed25519", body, { "x-signature": "AAAA" }), 500, "misconfigured");
  });
});

test.each(["HOOK_SECRET", "HOOK_TOKEN"])(
  "without %s the deployment is misconfigured, whatever is sent",
  async (name) => {
    for (const value of [undefined, "short"]) {
      const broken = sendTo(callerOf(build(), { ...bindings, [name]: value }));
      await expectProblem(await broken("/all-of-them", body, { "x-signature": sign(body) }), 500, "misconfigured");
    }
  },
);

test("while a secret is being replaced, the one before is taken as well", async () => {
  const replaced = sendTo(
    callerOf(build(), {
      ...bindings,
      HOOK_SECRET: "n3w-".repeat(3) + "abcdefghij",
      HOOK_SECRET_PREVIOUS: hookSecrets.HOOK_SECRET,
    }),
  );
  expect((await replaced("/signed", body, { "x-signature": sign(body) })).status).toBe(200);
});

test("beside a token of the caller both are asked for, and no Idempotency-Key gets round the signature", async () => {
  const headers = await as("ann");
  const signature = { "x-signature": sign(body) };
  await expectProblem(await send("/protected-too", body, signature), 401, "unauthorized");
  const both = { "x-access-token": headers["x-access-token"] ?? "", ...signature };
  await expectProblem(
    await send("/protected-too", body, { ...both, "idempotency-key": "k" }),
    422,
    "idempotency_key_invalid",
  );
  expect((await send("/protected-too", body, both)).status).toBe(200);
});

test("a body that is encoded or of another type is refused as ever", async () => {
  const signature = { "x-signature": sign(body) };
  await expectProblem(
    await send("/signed", body, { ...signature, "content-encoding": "gzip" }),
    415,
    "content_type_unsupported",
  );
  await expectProblem(
    await send("/signed", body, { ...signature, "content-type": "text/plain" }),
    415,
    "content_type_unsupported",
  );
});

test("a call without a body signs nothing", async () => {
  const answer = await call("/signed", { method: "POST", headers: { "x-signature": sign("") } });
  expect(answer.status).toBe(422);
  await refused(await call("/signed", { method: "POST", headers: { "x-signature": sign("x") } }));
});

test("95 MB with a wrong signature pass through, and nothing of them stays", async () => {
  const { headers, body: small } = form([{ fileName: "a.bin", body: "@" }]);
  const text = new TextDecoder().decode(small);
  const at = text.indexOf("@");
  const piece = new Uint8Array(1_000_000).fill(64);
  let left = 95;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(small.slice(0, at)),
    pull(controller) {
      if (left-- > 0) return controller.enqueue(piece.slice());
      controller.enqueue(small.slice(at));
      controller.close();
    },
  });
  await refused(
    await call("/signed-files", { method: "POST", headers: { ...headers, "x-signature": sign("x") }, body: stream }),
  );
  expect(await objects()).toBe(0);
  expect(await env.DB.prepare("SELECT count(*) AS rows FROM sluice_files").first("rows")).toBe(0);
});
