/** What a token may look like and say, one spelling and one second at a time. */
import { base64url } from "jose";
import { describe, expect, test } from "vitest";
import { verifyToken } from "../../../../src/runtime/auth/authenticate.ts";
import type { Authentication } from "../../../../src/contract/plan/authentication.ts";
import { Problem } from "../../../../src/contract/problem.ts";
import { JWT_SECRET_KEY, OTHER_JWT_SECRET_KEY } from "../../../support/secrets.ts";
import { authentication } from "../../../support/plans.ts";

const now = new Date("2026-10-20T12:00:00.000Z");
const seconds = now.getTime() / 1000;
const settings: Readonly<Record<string, string>> = {
  JWT_SECRET_KEY,
  AUDIENCE: "uploads",
  ISSUER: "https://id.example",
};
const environment = (name: string, otherwise?: string): string => {
  const value = settings[name] ?? otherwise;
  if (value === undefined) throw new Problem("misconfigured", { reason: `${name} is not set` });
  return value;
};

async function signatureOf(input: string, secret = JWT_SECRET_KEY): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["sign"]);
  return base64url.encode(new Uint8Array(await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(input))));
}

const HEADER = '{"alg":"HS256","typ":"JWT"}';

/** A token with these texts, byte for byte. */
async function tokenOf(claims: string, header = HEADER, secret = JWT_SECRET_KEY): Promise<string> {
  const input = `${base64url.encode(header)}.${base64url.encode(claims)}`;
  return `${input}.${await signatureOf(input, secret)}`;
}

/** What it says, or the code and the logged reason of its refusal. */
async function outcomeOf(value: string, change: Partial<Authentication> = {}, moment = now): Promise<unknown> {
  const way = { ...authentication, ...change };
  try {
    return await verifyToken(way, new Headers({ [way.header]: value }), {
      deployment: { text: environment },
      now: moment,
      isRevoked: async () => false,
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

const bearer = { header: "authorization", bearer: true };
const good = { id: "u", exp: seconds + 60 };
const MISSPELT = "unauthorized: The token is not three segments of base64url in their one spelling";

describe("a token has one spelling", async () => {
  /** Segments with `-` and `_` in them, and bits to spare in the last character of each. */
  const header = base64url.encode('{"alg":"HS256","x":"???~~~"}');
  const claims = (nonce: number) => base64url.encode(JSON.stringify({ ...good, x: "???~~~", nonce }));
  const nonces = Array.from({ length: 200 }, (_, at) => 1000 + at);
  const signed = await Promise.all(
    nonces.map(async (nonce) => [header, claims(nonce), await signatureOf(`${header}.${claims(nonce)}`)] as const),
  );
  const segments = signed.find((token) => token.every((text) => /-/.test(text) && /_/.test(text)));
  if (segments === undefined) throw new Error("No token has all characters in all segments");

  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const respellings: readonly (readonly [string, (text: string) => string])[] = [
    ["padded", (text) => text.padEnd(Math.ceil(text.length / 4) * 4, "=")],
    ["with one =", (text) => `${text}=`],
    ["with a space in it", (text) => `${text.slice(0, 4)} ${text.slice(4)}`],
    ["with a tab in it", (text) => `${text.slice(0, 4)}\t${text.slice(4)}`],
    ["with + for -", (text) => text.replaceAll("-", "+")],
    ["with / for _", (text) => text.replaceAll("_", "/")],
    [
      "with a bit behind its last byte",
      (text) => text.replace(/.$/, (last) => alphabet.charAt(alphabet.indexOf(last) + 1)),
    ],
    [
      "with all bits behind its last byte",
      (text) =>
        text.replace(/.$/, (last) => alphabet.charAt(alphabet.indexOf(last) + (text.length % 4 === 2 ? 15 : 3))),
    ],
    ["with a character too many", (text) => text + "A".repeat((5 - (text.length % 4)) % 4 || 4)],
    ["percent-encoded", (text) => text.replace("-", "%2D")],
  ];

  test("that one passes, as a bare token and as Bearer", async () => {
    expect(segments.map((text) => text.length % 4)).not.toContain(0);
    expect(await outcomeOf(segments.join("."))).toMatchObject(good);
    expect(await outcomeOf(`Bearer ${segments.join(".")}`, bearer)).toMatchObject(good);
  });

  const cases = ["header", "claims", "signature"].flatMap((name, at) =>
    respellings.map(([kind, respell]) => ({ name, at, kind, respell })),
  );
  test.each(cases)("a $name $kind is refused, though it is signed", async ({ name, at, respell }) => {
    const texts = segments.map((text, index) => (index === at ? respell(text) : text));
    const input = texts.slice(0, 2).join(".");
    const token = `${input}.${name === "signature" ? texts[2] : await signatureOf(input)}`;
    expect(await outcomeOf(token)).toBe(MISSPELT);
  });

  test.each<[string, (token: string) => string]>([
    ["two segments", (token) => token.replace(/\.[^.]*$/, "")],
    ["four segments", (token) => `${token}.`],
    ["the same token twice, as a repeated header", (token) => `${token}, ${token}`],
    ["a list of one", (token) => `${token},`],
    ["a space before a dot", (token) => token.replace(".", " .")],
    ["a space behind a dot", (token) => token.replace(".", ". ")],
    ["quotes", (token) => `"${token}"`],
    ["nothing", () => ""],
  ])("%s is no token", async (_, change) => {
    expect(await outcomeOf(change(segments.join(".")))).toBe(MISSPELT);
  });

  test.each([".", "..", "A..", "..A"])("nor are empty segments: %j", async (text) => {
    expect(await outcomeOf(text)).toMatch(/^unauthorized: /);
  });

  test("what surrounds the header's value is no part of it: RFC 9110 §5.5", async () => {
    expect(await outcomeOf(` ${segments.join(".")}\t`)).toMatchObject(good);
  });

  test.each(["Bearer ", "bearer ", "BEARER    "])("Authorization is %j and the token", async (scheme) => {
    expect(await outcomeOf(`${scheme}${segments.join(".")}`, bearer)).toMatchObject(good);
  });

  test.each<(token: string) => string>([
    (token) => token,
    (token) => `Bearer\t${token}`,
    (token) => `Bearer${token}`,
    (token) => `Bearer ${token} `.concat("x"),
    (token) => `Bearer ${token}, Bearer ${token}`,
    (token) => `Bearer, Bearer ${token}`,
    (token) => `Basic ${token}`,
    (token) => `Bearer "${token}"`,
    (token) => `Bearer token=${token}`,
    () => "Bearer",
    () => "Bearer  ",
  ])("and nothing else (%#)", async (write) => {
    expect(await outcomeOf(write(segments.join(".")), bearer)).toMatch(/^unauthorized: /);
  });
});

test.each<[string, string, string]>([
  ["no JSON", "x", HEADER],
  ["a list", "[]", HEADER],
  ["a text", '"u"', HEADER],
  ["null", "null", HEADER],
  ["a byte order mark", `\ufeff${JSON.stringify(good)}`, HEADER],
  ["too deep", `{"exp":${seconds + 60},"x":${"[".repeat(100)}${"]".repeat(100)}}`, HEADER],
  ["unencoded", JSON.stringify(good), '{"alg":"HS256","b64":false,"crit":["b64"]}'],
])("claims that are %s are refused", async (_, claims, header) => {
  expect(await outcomeOf(await tokenOf(claims, header))).toMatch(/^unauthorized: /);
});

const YEARS = 3_155_760_000;
const moments: readonly (readonly [string, string, number | null])[] = [
  ["exp", `${seconds}`, 401],
  ["exp", `${seconds + 1}`, null],
  ["exp", `${seconds + 0.5}`, null],
  ["exp", `${seconds + YEARS}`, null],
  ["exp", `${seconds + YEARS + 1}`, 401],
  ["exp", `${(seconds + 60) * 1000}`, 401],
  ["exp", "1e400", 401],
  ["exp", "-1e400", 401],
  ["exp", `"${seconds + 60}"`, 401],
  ["exp", "true", 401],
  ["exp", "null", 401],
  ["exp", `[${seconds + 60}]`, 401],
  ["nbf", `${seconds + 5}`, null],
  ["nbf", `${seconds + 6}`, 401],
  ["nbf", "0", null],
  ["nbf", "1e400", 401],
  ["nbf", "-1e400", 401],
  ["nbf", "null", 401],
  ["nbf", `"${seconds}"`, 401],
  ["iat", `${seconds + 5}`, null],
  ["iat", `${seconds + 6}`, 401],
  ["iat", "0", null],
  ["iat", "1e400", 401],
  ["iat", "-1e400", 401],
  ["iat", "null", 401],
  ["iat", `"${seconds}"`, 401],
];
test.each(moments)('"%s": %s', async (name, value, status) => {
  const others = name === "exp" ? "" : `"exp":${seconds + 60},`;
  const outcome = await outcomeOf(await tokenOf(`{"id":"u",${others}"${name}":${value}}`));
  if (status === null) expect(outcome).toMatchObject({ id: "u" });
  // Such a number is no claim's, whatever its name.
  else expect(outcome).toMatch(`unauthorized: ${value.endsWith("1e400") ? "The token's claims" : `"${name}"`}`);
});

test.each([
  [8192, true],
  [8193, false],
])("a token of %d characters: %s", async (length, passes) => {
  const bare = await tokenOf(JSON.stringify({ ...good, x: "" }));
  const longer = Array.from({ length: 4 }, (_, more) => Math.floor((3 * (length - bare.length)) / 4) - 2 + more);
  const tokens = await Promise.all(longer.map((count) => tokenOf(JSON.stringify({ ...good, x: "x".repeat(count) }))));
  const outcome = await outcomeOf(tokens.find((token) => token.length === length) ?? "none");
  if (passes) expect(outcome).toMatchObject(good);
  else expect(outcome).toBe("unauthorized: The token is too long");
});

test("a token needs an end", async () => {
  expect(await outcomeOf(await tokenOf('{"id":"u"}'))).toBe('unauthorized: "exp" is missing');
});

describe("max_age", () => {
  test.each([
    [{ iat: seconds - 60 }, 0, null],
    [{ iat: seconds - 60 }, 1, '"iat" is longer ago'],
    [{ iat: seconds - 61 }, 0, '"iat" is longer ago'],
    [{ iat: seconds + 5 }, 0, null],
    [{ iat: seconds + 6 }, 0, '"iat" lies ahead'],
    [{}, 0, '"iat" is missing'],
  ])("of a minute and %j, %d ms later", async (claims, later, fault) => {
    const token = await tokenOf(JSON.stringify({ ...good, ...claims }));
    const outcome = await outcomeOf(token, { maxAgeSeconds: 60 }, new Date(now.getTime() + later));
    if (fault === null) expect(outcome).toMatchObject(claims);
    else expect(outcome).toMatch(`unauthorized: ${fault}`);
  });
});

const literal = (value: string) => ({ from: "literal", value }) as const;
const env = (name: string) => ({ from: "env", name }) as const;

test.each<[Partial<Authentication>, object, boolean]>([
  [{}, { aud: "others", iss: "others" }, true],
  [{ audience: [literal("uploads")] }, { aud: "uploads" }, true],
  [{ audience: [literal("uploads")] }, { aud: ["mail", "uploads"] }, true],
  [{ audience: [literal("uploads"), literal("files")] }, { aud: ["mail", "files"] }, true],
  [{ audience: [env("AUDIENCE")] }, { aud: "uploads" }, true],
  [{ audience: [env("AUDIENCE")] }, { aud: "AUDIENCE" }, false],
  [{ audience: [literal("uploads")] }, {}, false],
  [{ audience: [literal("uploads")] }, { aud: "mail" }, false],
  [{ audience: [literal("uploads")] }, { aud: "Uploads" }, false],
  [{ audience: [literal("uploads")] }, { aud: "uploads2" }, false],
  [{ audience: [literal("uploads")] }, { aud: [] }, false],
  [{ audience: [literal("uploads")] }, { aud: [["uploads"]] }, false],
  [{ audience: [literal("uploads")] }, { aud: { 0: "uploads" } }, false],
  [{ audience: [literal("uploads")] }, { aud: null }, false],
  [{ audience: [literal("1")] }, { aud: 1 }, false],
  [{ issuer: literal("https://id.example") }, { iss: "https://id.example" }, true],
  [{ issuer: env("ISSUER") }, { iss: "https://id.example" }, true],
  [{ issuer: literal("https://id.example") }, { iss: "https://id.example/" }, false],
  [{ issuer: literal("https://id.example") }, { iss: ["https://id.example"] }, false],
  [{ issuer: literal("https://id.example") }, {}, false],
  [{ audience: [literal("uploads")], issuer: env("ISSUER") }, { aud: "uploads", iss: "x" }, false],
])("%j and %j: %s", async (expected, claims, passes) => {
  const outcome = await outcomeOf(await tokenOf(JSON.stringify({ ...good, ...claims })), expected);
  if (passes) expect(outcome).toMatchObject(claims);
  else expect(outcome).toMatch(/^unauthorized: "(?:aud|iss)" is /);
});

test("an audience that the deployment has not set is its fault, not the caller's", async () => {
  const token = await tokenOf(JSON.stringify({ ...good, aud: "uploads" }));
  expect(await outcomeOf(token, { audience: [env("MISSING")] })).toBe("misconfigured: MISSING is not set");
});

test("nothing is told before the signature is right", async () => {
  const late = await tokenOf(JSON.stringify({ ...good, exp: 1 }), HEADER, OTHER_JWT_SECRET_KEY);
  expect(await outcomeOf(late)).toBe("unauthorized: signature verification failed");
});
