/** Forged, stretched and respelled tokens at every door that asks for one. All are answered alike. */
import { env } from "cloudflare:workers";
import { base64url, SignJWT } from "jose";
import { expect } from "vitest";
import { token } from "../../support/app.ts";
import { signOutDoor } from "./support/accounts.ts";
import { guardedDoors, type Door } from "./support/doors.ts";
import { tusDoors } from "./support/pieces.ts";
import { across, suite } from "./support/suite.ts";
import { expectRefused } from "./support/verdicts.ts";
import { carry, knock, openWorld } from "./support/world.ts";

const world = openWorld();
const doors = [...guardedDoors("narrow"), ...tusDoors, signOutDoor];

const secret = new TextEncoder().encode(env.JWT_SECRET_KEY);
const seconds = (fromNow: number) => Math.floor(Date.now() / 1000) + fromNow;
const good = () => token({ id: "ann" });
const encode = (value: unknown) => base64url.encode(typeof value === "string" ? value : JSON.stringify(value));

/** Signed with the right key over whatever the two halves say, which no library would write. */
async function signRaw(header: unknown, payload: unknown, hash = "SHA-256", key = secret): Promise<string> {
  const text = `${encode(header)}.${encode(payload)}`;
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash }, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", imported, new TextEncoder().encode(text));
  return `${text}.${base64url.encode(new Uint8Array(mac))}`;
}

const hs256 = { alg: "HS256" };
const claims = () => ({ id: "ann", exp: seconds(600) });

/** The token's three parts, changed. */
const respelled =
  (change: (header: string, payload: string, signature: string) => string): Variant =>
  async () => {
    const [header = "", payload = "", signature = ""] = (await good()).split(".");
    return change(header, payload, signature);
  };

const withHeader =
  (header: object): Variant =>
  () =>
    signRaw({ ...hs256, ...header }, claims());
const withClaims =
  (more: object): Variant =>
  () =>
    signRaw(hs256, { ...claims(), ...more });

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** The same bytes with other unused bits in the last character. */
const trailingBits = (text: string) => {
  const last = alphabet.indexOf(text.at(-1) ?? "A");
  return text.slice(0, -1) + (alphabet[last ^ 1] ?? "");
};

type Variant = () => Promise<string> | string;

const forged: readonly (readonly [string, Variant])[] = [
  ["alg none", () => `${encode({ alg: "none" })}.${encode(claims())}.`],
  ["alg None", () => `${encode({ alg: "None" })}.${encode(claims())}.`],
  ["alg NONE with the right signature", () => signRaw({ alg: "NONE" }, claims())],
  ["alg none with the right signature", () => signRaw({ alg: "none" }, claims())],
  ["alg empty", () => signRaw({ alg: "" }, claims())],
  ["alg missing", () => signRaw({ typ: "JWT" }, claims())],
  ["alg a list", () => signRaw({ alg: ["HS256"] }, claims())],
  ["alg in lower case", () => signRaw({ alg: "hs256" }, claims())],
  ["alg HS384, its own hash", () => signRaw({ alg: "HS384" }, claims(), "SHA-384")],
  ["alg HS512, its own hash", () => signRaw({ alg: "HS512" }, claims(), "SHA-512")],
  ["alg HS256, another hash", () => signRaw(hs256, claims(), "SHA-512")],
  ["alg RS256 signed with the secret", () => signRaw({ alg: "RS256" }, claims())],
  ["alg ES256 signed with the secret", () => signRaw({ alg: "ES256" }, claims())],
  ["alg EdDSA", () => signRaw({ alg: "EdDSA" }, claims())],
  ["alg dir", () => signRaw({ alg: "dir", enc: "A256GCM" }, claims())],
  ["another key", () => token({ id: "ann" }, { secret: "another-secret-of-at-least-32-bytes!!!" })],
  ["the empty key's guess", () => token({ id: "ann" }, { secret: "\0".repeat(32) })],
  ["the key cut short", () => token({ id: "ann" }, { secret: env.JWT_SECRET_KEY.slice(0, 32) })],
  ["the key with a line break", () => token({ id: "ann" }, { secret: `${env.JWT_SECRET_KEY}\n` })],
  ["the link secret", () => token({ id: "ann" }, { secret: env.LINK_SECRET })],
  ["the key's name", () => token({ id: "ann" }, { secret: "JWT_SECRET_KEY".padEnd(32) })],
  ["crit unknown", withHeader({ crit: ["x"], x: 1 })],
  ["crit empty", withHeader({ crit: [] })],
  ["crit exp", withHeader({ crit: ["exp"], exp: 1 })],
  ["crit a text", withHeader({ crit: "b64" })],
  ["b64 false", withHeader({ b64: false, crit: ["b64"] })],
  [
    "a key in the header",
    () =>
      signRaw(
        { ...hs256, jwk: { kty: "oct", k: base64url.encode(new Uint8Array(32)) } },
        claims(),
        "SHA-256",
        new Uint8Array(32),
      ),
  ],
  [
    "jku of the attacker",
    () => signRaw({ ...hs256, jku: "https://evil.example/jwks" }, claims(), "SHA-256", new Uint8Array(32)),
  ],
  [
    "x5u of the attacker",
    () => signRaw({ ...hs256, x5u: "https://evil.example/x5" }, claims(), "SHA-256", new Uint8Array(32)),
  ],
  ["kid /dev/null", () => signRaw({ ...hs256, kid: "/dev/null" }, claims(), "SHA-256", new Uint8Array(32))],
  ["kid ../../secret", () => signRaw({ ...hs256, kid: "../../secret" }, claims(), "SHA-256", new Uint8Array(32))],
  [
    "kid ' UNION SELECT 'x",
    () =>
      signRaw({ ...hs256, kid: "' UNION SELECT 'x" }, claims(), "SHA-256", new TextEncoder().encode("x".padEnd(32))),
  ],
  [
    "an encrypted token",
    () => `${encode({ alg: "dir", enc: "A256GCM" })}..${encode("iv")}.${encode("text")}.${encode("tag")}`,
  ],
];

const stretched: readonly (readonly [string, Variant])[] = [
  ["no exp", () => signRaw(hs256, { id: "ann" })],
  ["exp null", withClaims({ exp: null })],
  ["exp as text", withClaims({ exp: String(seconds(600)) })],
  ["exp as a list", withClaims({ exp: [seconds(600)] })],
  ["exp true", withClaims({ exp: true })],
  ["exp an object", withClaims({ exp: { valueOf: 1 } })],
  ["exp negative", withClaims({ exp: -1 })],
  ["exp 0", withClaims({ exp: 0 })],
  ["exp an hour ago", withClaims({ exp: seconds(-3600) })],
  ["exp 1e400", () => signRaw(hs256, `{"id":"ann","exp":1e400}`)],
  ["exp -1e400", () => signRaw(hs256, `{"id":"ann","exp":-1e400}`)],
  ["exp in milliseconds", withClaims({ exp: Date.now() + 600_000 })],
  ["exp in 200 years", withClaims({ exp: seconds(200 * 365 * 86_400) })],
  ["exp 1e300", withClaims({ exp: 1e300 })],
  ["exp twice, the good one first", () => signRaw(hs256, `{"id":"ann","exp":${seconds(600)},"exp":1}`)],
  ["EXP in capitals", () => signRaw(hs256, { id: "ann", EXP: seconds(600) })],
  ["nbf in an hour", withClaims({ nbf: seconds(3600) })],
  ["nbf in 100 years", withClaims({ nbf: seconds(100 * 365 * 86_400) })],
  ["nbf as text", withClaims({ nbf: "0" })],
  ["nbf 1e400", () => signRaw(hs256, `{"id":"ann","exp":${seconds(600)},"nbf":1e400}`)],
  ["nbf null", withClaims({ nbf: null })],
  ["iat in an hour", withClaims({ iat: seconds(3600) })],
  ["iat as text", withClaims({ iat: "now" })],
  ["no claims", () => signRaw(hs256, {})],
  ["claims that are a list", () => signRaw(hs256, [{ id: "ann", exp: seconds(600) }])],
  ["claims that are null", () => signRaw(hs256, "null")],
  ["claims that are text", () => signRaw(hs256, '"ann"')],
  ["claims that are no JSON", () => signRaw(hs256, "{id:ann}")],
  ["claims behind JSON", () => signRaw(hs256, `{"id":"ann","exp":${seconds(600)}}{}`)],
  ["claims in no UTF-8", () => respellBytes()],
  ["claims in the header", () => signRaw({ ...hs256, ...claims() }, {})],
  ["claims of a prototype", () => signRaw(hs256, `{"__proto__":{"id":"ann"},"exp":${seconds(600)}}`)],
];

async function respellBytes(): Promise<string> {
  const payload = base64url.encode(
    Uint8Array.from([...new TextEncoder().encode(`{"exp":${seconds(600)},"id":"`), 0xff, 0xfe, 0x22, 0x7d]),
  );
  const text = `${encode(hs256)}.${payload}`;
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return `${text}.${base64url.encode(new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text))))}`;
}

const misspelt: readonly (readonly [string, Variant])[] = [
  ["padding behind the signature", respelled((h, p, s) => `${h}.${p}.${s}=`)],
  ["two characters of padding", respelled((h, p, s) => `${h}.${p}.${s}==`)],
  ["trailing bits of the signature", respelled((h, p, s) => `${h}.${p}.${trailingBits(s)}`)],
  ["the standard alphabet", async () => standardAlphabet()],
  ["a blank in the signature", respelled((h, p, s) => `${h}.${p}.${s.slice(0, 9)} ${s.slice(9)}`)],
  ["a tab in the signature", respelled((h, p, s) => `${h}.${p}.${s.slice(0, 9)}\t${s.slice(9)}`)],
  ["a blank before a dot", respelled((h, p, s) => `${h} .${p}.${s}`)],
  ["a blank after a dot", respelled((h, p, s) => `${h}. ${p}.${s}`)],
  ["a comma and more", respelled((h, p, s) => `${h}.${p}.${s},x`)],
  ["itself twice, as repeated headers arrive", respelled((h, p, s) => `${h}.${p}.${s}, ${h}.${p}.${s}`)],
  ["in quotes", respelled((h, p, s) => `"${h}.${p}.${s}"`)],
  ["a dot behind", respelled((h, p, s) => `${h}.${p}.${s}.`)],
  ["a dot before", respelled((h, p, s) => `.${h}.${p}.${s}`)],
  ["a fourth part", respelled((h, p, s) => `${h}.${p}.${s}.${s}`)],
  ["two parts", respelled((h, p) => `${h}.${p}`)],
  ["no signature", respelled((h, p) => `${h}.${p}.`)],
  ["half a signature", respelled((h, p, s) => `${h}.${p}.${s.slice(0, 21)}`)],
  ["a signature and a byte", respelled((h, p, s) => `${h}.${p}.${s.slice(0, -1)}AAA`)],
  ["a flipped bit", respelled((h, p, s) => `${h}.${p}.${s.startsWith("A") ? "B" : "A"}${s.slice(1)}`)],
  ["the signature in capitals", respelled((h, p, s) => `${h}.${p}.${s.toUpperCase()}`)],
  ["header and claims swapped", respelled((h, p, s) => `${p}.${h}.${s}`)],
  ["percent-encoded", respelled((h, p, s) => `${h}%2E${p}%2E${s}`)],
  ["9,000 characters", respelled((h, p, s) => `${h}.${p}.${s}${"A".repeat(9000)}`)],
  ["a thousand dots", () => ".".repeat(1000)],
  ["nothing", () => ""],
  ["the word null", () => "null"],
  ["the word undefined", () => "undefined"],
];

/** Of claims whose base64url has letters that the standard alphabet writes otherwise. */
async function standardAlphabet(): Promise<string> {
  const text = await signRaw(hs256, { ...claims(), note: "???>>>~~~" });
  const [header = "", payload = "", signature = ""] = text.split(".");
  return `${header}.${payload.replaceAll("-", "+").replaceAll("_", "/")}.${signature.replaceAll("-", "+").replaceAll("_", "/")}`;
}

async function expectUnauthorized(door: Door, headers: Readonly<Record<string, string>>): Promise<void> {
  const answer = await knock(world, door, headers);
  expectRefused(door, answer, "unauthorized");
  expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  const { request_id: id, ...body } = answer.json;
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  // No word of what was wrong.
  expect(Object.keys(body).toSorted()).toEqual(
    ["code", "data", "message", "status", "title", "type", ...(door.envelope === "abi" ? ["success"] : [])].toSorted(),
  );
}

const refused = async (door: Door, variant: Variant) => expectUnauthorized(door, carry(door.tokenIn, await variant()));

suite("10 forged tokens", across(doors, forged, refused), { leavesNothing: true });
suite("10 tokens out of time or without claims", across(doors, stretched, refused), { leavesNothing: true });
suite("28 tokens respelled", across(doors, misspelt, refused), { leavesNothing: true });

type Placing = (door: Door, proof: string) => Record<string, string>;
const other = ({ tokenIn }: Door, proof: string): Record<string, string> =>
  tokenIn === "authorization" ? { "x-access-token": proof } : { authorization: `Bearer ${proof}` };

const placings: readonly (readonly [string, Placing])[] = [
  ["no token at all", () => ({})],
  ["the other header", other],
  ["a cookie", (_, proof) => ({ cookie: `token=${proof}; x-access-token=${proof}; authorization=Bearer ${proof}` })],
  ["Proxy-Authorization", (_, proof) => ({ "proxy-authorization": `Bearer ${proof}` })],
  ["X-Authorization", (_, proof) => ({ "x-authorization": `Bearer ${proof}` })],
  ["Token", ({ tokenIn }, proof) => ({ [tokenIn ?? ""]: `Token ${proof}` })],
  ["Basic", ({ tokenIn }, proof) => ({ [tokenIn ?? ""]: `Basic ${btoa(`${proof}:`)}` })],
  ["JWT", ({ tokenIn }, proof) => ({ [tokenIn ?? ""]: `JWT ${proof}` })],
  ["Bearer twice", ({ tokenIn }, proof) => ({ [tokenIn ?? ""]: `Bearer Bearer ${proof}` })],
  [
    "the scheme of the other kind",
    ({ tokenIn }, proof) => ({ [tokenIn ?? ""]: tokenIn === "authorization" ? proof : `Bearer ${proof}` }),
  ],
  ["Bearer=", ({ tokenIn }, proof) => ({ [tokenIn ?? ""]: `Bearer=${proof}` })],
  ["Bearer token=", ({ tokenIn }, proof) => ({ [tokenIn ?? ""]: `Bearer token="${proof}"` })],
];
suite(
  "10 tokens in the wrong place",
  across(doors, placings, async (door, place) => expectUnauthorized(door, place(door, await good()))),
  { leavesNothing: true },
);

suite(
  "10 a token in the address",
  across(
    doors,
    [
      ["access_token", "access_token"],
      ["token", "token"],
      ["x-access-token", "x-access-token"],
    ],
    async (door, name) => {
      const url = new URL(door.path(world.target), "https://uploads.example");
      url.searchParams.set(name, await good());
      expectRefused(door, await knock(world, door, {}, { path: `${url.pathname}${url.search}` }), "unauthorized");
    },
  ),
  { leavesNothing: true },
);

const accepted: readonly (readonly [string, Variant])[] = [
  ["a plain token", good],
  [
    "typ JWT",
    () =>
      new SignJWT({ id: "ann" }).setProtectedHeader({ alg: "HS256", typ: "JWT" }).setExpirationTime("5m").sign(secret),
  ],
  ["nbf three seconds ahead", () => signRaw(hs256, { ...claims(), nbf: seconds(3) })],
  ["claims that nobody asked for", withClaims({ aud: "other", admin: true })],
];
const readers = doors.filter(({ method, name }) => method === "GET" || name === "QUERY, read");
suite(
  "10 good tokens still open",
  across(readers, accepted, async (door, variant) => {
    const answer = await knock(world, door, carry(door.tokenIn, await variant()));
    expect(answer.status, answer.text).toBeLessThan(300);
  }),
);
