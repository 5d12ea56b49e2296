/** Tokens and addresses that pretend to be another service's, and which of several proofs is wrong. */
import { expect } from "vitest";
import { base64url, SignJWT, UnsecuredJWT } from "jose";
import { token } from "../../../support/app.ts";
import type { Body } from "../support/doors.ts";
import { forgedAddresses } from "../support/forged-addresses.ts";
import { hookSecrets, signed } from "../support/senders.ts";
import { across, named, suite } from "../support/suite.ts";
import { callsOf, right, type Called, type Headers } from "../support/webhook-calls.ts";
import { openWorld } from "../support/world.ts";

const { call, expectStranger } = callsOf(openWorld());

const door = (name: string, path: string): Called => ({ name, path, body: signed.body });
const tokened = door("header token", "/hooks/token");
const jwt = door("JWT of a sender", "/hooks/jwt");
const listed = door("listed addresses", "/hooks/listed");

const listedAddress = "192.0.2.1";
const stranger = "203.0.113.9";
const expectKept = (name: string, headers: Headers) => async (to: Called) =>
  expectStranger(to, await call(to.path, { ...headers, "x-note": name }, to.body()));

const forwarded = [...forgedAddresses, "CF-Connecting-IP-Original", "X-Original-Forwarded-For", "Remote-Addr"];
const unlisted = named([
  "",
  "0.0.0.0",
  "127.0.0.1",
  "::1",
  "::",
  "192.0.2.128",
  "192.0.3.1",
  "192.0.2",
  "192.0.2.01",
  "0300.0.2.1",
  "192.0.2.0x1",
  "3221225985",
  "0xC0000201",
  "192.0.2.1:443",
  "192.0.2.1/32",
  "192.0.2.0/25",
  "192.0.2.1.",
  "192.0.2.1.nip.example",
  "192.0.2.1, 203.0.113.9",
  "203.0.113.9, 192.0.2.1",
  "192.0.2.1 203.0.113.9",
  "192.0.2.\uff11",
  "::192.0.2.1",
  "::c000:201",
  "64:ff9b::192.0.2.1",
  "2002:c000:201::1",
  "::ffff:0:192.0.2.1",
  "::ffff:203.0.113.9",
  "::ffff:192.0.2.128",
  "::ffff:192.0.2.1%eth0",
  "2001:db8::1%eth0",
  "2001:db8::1%25eth0",
  "2001:db8::1%",
  "[2001:db8::1]",
  "[2001:db8::1]:443",
  "2001:db8:8000::1",
  "2001:db9::1",
  "2001:0db8",
  "2001:db8::1::",
  "2001:db8::1/33",
  "localhost",
  "unknown",
  "*",
]);

const seal = (claims: object, alg = "HS256", secret: string = hookSecrets.HOOK_JWT) =>
  new SignJWT({ iss: "sender", ...claims })
    .setProtectedHeader({ alg })
    .setIssuedAt()
    .setExpirationTime("1m")
    .sign(new TextEncoder().encode(secret));
const parts = (header: object, claims: object, end: string) =>
  [header, claims].map((part) => base64url.encode(JSON.stringify(part))).join(".") + end;
const bearer = (text: string): Headers => ({ authorization: `Bearer ${text}` });
const soon = () => Math.floor(Date.now() / 1000) + 60;

const jwts: readonly (readonly [string, () => Promise<Headers> | Headers])[] = [
  ["none", () => ({})],
  ["alg none", () => bearer(new UnsecuredJWT({ iss: "sender", exp: soon() }).encode())],
  ["alg NONE", () => bearer(parts({ alg: "NONE" }, { iss: "sender", exp: soon() }, "."))],
  [
    "alg none, with the right signature",
    async () => {
      const [, claims = "", signature = ""] = (await seal({})).split(".");
      return bearer(`${base64url.encode('{"alg":"none"}')}.${claims}.${signature}`);
    },
  ],
  ["alg HS384, the right secret", async () => bearer(await seal({}, "HS384", hookSecrets.HOOK_JWT.padEnd(48, "x")))],
  ["alg HS512, the right secret", async () => bearer(await seal({}, "HS512", hookSecrets.HOOK_JWT))],
  ["another secret", async () => bearer(await seal({}, "HS256", "another-jwt-0123456789abcdefghijklmnopqrstuvwxyz"))],
  ["the secret of signatures", async () => bearer(await seal({}, "HS256", hookSecrets.HOOK_SECRET.padEnd(32)))],
  ["a user's token", async () => bearer(await token({ id: "ann", iss: "sender" }))],
  ["another issuer", async () => bearer(await seal({ iss: "sender2" }))],
  ["no issuer", async () => bearer(await seal({ iss: undefined }))],
  ["issuers in a list", async () => bearer(await seal({ iss: ["sender"] }))],
  [
    "no exp",
    () =>
      new SignJWT({ iss: "sender" })
        .setProtectedHeader({ alg: "HS256" })
        .sign(new TextEncoder().encode(hookSecrets.HOOK_JWT))
        .then(bearer),
  ],
  [
    "expired",
    () =>
      new SignJWT({ iss: "sender", exp: 1 })
        .setProtectedHeader({ alg: "HS256" })
        .sign(new TextEncoder().encode(hookSecrets.HOOK_JWT))
        .then(bearer),
  ],
  ["not before tomorrow", async () => bearer(await seal({ nbf: soon() + 86_400 }))],
  ["the secret itself", () => bearer(hookSecrets.HOOK_JWT)],
  ["without its signature", async () => bearer((await seal({})).replace(/[^.]+$/, ""))],
  [
    "another's claims",
    async () => {
      const [header = "", , signature = ""] = (await seal({})).split(".");
      return bearer(`${header}.${base64url.encode(JSON.stringify({ iss: "sender", exp: soon() + 9 }))}.${signature}`);
    },
  ],
  ["without Bearer", async () => ({ authorization: await seal({}) })],
  ["as Basic", async () => ({ authorization: `Basic ${await seal({})}` })],
  ["twice", async () => bearer(`${await seal({})}, Bearer ${await seal({})}`)],
  ["in x-access-token", async () => ({ "x-access-token": await seal({}) })],
  ["in the cookie", async () => ({ cookie: `authorization=${await seal({})}` })],
];

const { HOOK_TOKEN } = hookSecrets;
const tokens: readonly (readonly [string, Headers])[] = [
  ["none", {}],
  ["empty", { "x-hook-token": "" }],
  ["all but the last character", { "x-hook-token": HOOK_TOKEN.slice(0, -1) }],
  ["all but the first", { "x-hook-token": HOOK_TOKEN.slice(1) }],
  ["one more", { "x-hook-token": `${HOOK_TOKEN}0` }],
  ["in capitals", { "x-hook-token": HOOK_TOKEN.toUpperCase() }],
  ["twice", { "x-hook-token": `${HOOK_TOKEN}, ${HOOK_TOKEN}` }],
  ["quoted", { "x-hook-token": `"${HOOK_TOKEN}"` }],
  ["with Bearer", { "x-hook-token": `Bearer ${HOOK_TOKEN}` }],
  ["in Authorization", bearer(HOOK_TOKEN)],
  ["in X_Hook_Token", { x_hook_token: HOOK_TOKEN }],
  ["in a cookie", { cookie: `x-hook-token=${HOOK_TOKEN}` }],
  ["its name", { "x-hook-token": "$ENV.HOOK_TOKEN" }],
  ["the secret of another verification", { "x-hook-token": hookSecrets.HOOK_SECRET }],
  ["60,000 characters", { "x-hook-token": "x".repeat(60_000) }],
];

suite(
  "38 webhooks: tokens and addresses forged",
  [
    ...across([tokened], tokens, (to, headers) => expectKept("token", headers)(to)),
    ...across([jwt], jwts, async (to, headersOf) => expectKept("jwt", await headersOf())(to)),
    ...across([listed], unlisted, (to, ip) => expectKept("address", { "cf-connecting-ip": ip })(to)),
    ...across(
      [listed],
      forwarded.flatMap((name) =>
        [{}, { "cf-connecting-ip": stranger }].map(
          (own, index) =>
            [
              `${name}, ${index === 0 ? "no address" : "a stranger's address"}`,
              { ...own, [name]: listedAddress },
            ] as const,
        ),
      ),
      (to, headers) => expectKept("forwarded", headers as Headers)(to),
    ),
  ],
  { leavesNothing: true },
);

suite("38 webhooks: tokens and addresses that are right", [
  ...across(
    [listed],
    named(["192.0.2.1", "192.0.2.127", "::ffff:192.0.2.1", "::FFFF:c000:201", "2001:DB8:0:0::1", "198.51.100.7"]),
    async (to, ip) => expect((await call(to.path, { "cf-connecting-ip": ip }, to.body())).status).toBe(200),
  ),
  ...across([tokened], [["the token", { "x-hook-token": HOOK_TOKEN }]] as const, async (to, headers) =>
    expect((await call(to.path, headers, to.body())).status).toBe(200),
  ),
  ...across([jwt], [["the token", 0]] as const, async (to) =>
    expect((await call(to.path, bearer(await seal({})), to.body())).status).toBe(200),
  ),
]);

/** Each proof of the two endpoints that ask for all four, right and wrong. */
type Proof = readonly [name: string, right: (body: Body) => Promise<Headers>, wrong: Headers];
const proofs: readonly Proof[] = [
  ["signature", async (body) => right(signed, body), { "x-signature": "00".repeat(32) }],
  ["token", async () => ({ "x-hook-token": HOOK_TOKEN }), { "x-hook-token": "wrong" }],
  ["JWT", async () => bearer(await seal({})), bearer("wrong")],
  ["address", async () => ({ "cf-connecting-ip": listedAddress }), { "cf-connecting-ip": stranger }],
];
const subsets = Array.from({ length: 1 << proofs.length }, (_, bits) =>
  proofs.map((_proof, index) => (bits & (1 << index)) !== 0),
);
const mixed = async (body: Body, isRight: readonly boolean[], isSent: (index: number) => boolean): Promise<Headers> =>
  Object.assign(
    {},
    ...(await Promise.all(
      proofs.map(([, good, wrong], index) =>
        isRight[index] ? good(body) : Promise.resolve(isSent(index) ? wrong : {}),
      ),
    )),
  ) as Headers;
const nameOf = (isRight: readonly boolean[]): string =>
  proofs.flatMap(([name], index) => (isRight[index] ? name : [])).join(", ") || "nothing";
const any = door("any of four proofs", "/hooks/any");
const all = door("all of four proofs", "/hooks/all");

suite(
  "38 webhooks: which proof is wrong",
  [
    ...across(
      [all],
      subsets.slice(0, -1).flatMap((isRight) =>
        [true, false].map((isSent) => {
          const others = isSent ? "wrong" : "missing";
          return [`right: ${nameOf(isRight)}; the others ${others}`, { isRight, isSent }] as const;
        }),
      ),
      async (to, { isRight, isSent }) => {
        const body = to.body();
        await expectStranger(to, await call(to.path, await mixed(body, isRight, () => isSent), body));
      },
    ),
    ...across(
      [any],
      subsets.map((isWrong) => [`wrong: ${nameOf(isWrong)}`, isWrong] as const),
      async (to, isWrong) => {
        const body = to.body();
        const headers = await mixed(body, [], (index) => isWrong[index] ?? false);
        await expectStranger(to, await call(to.path, headers, body));
      },
    ),
  ],
  { leavesNothing: true },
);

suite("38 webhooks: enough proofs", [
  ...across([all], [["all four", subsets.at(-1) ?? []]] as const, async (to, isRight) => {
    const body = to.body();
    expect((await call(to.path, await mixed(body, isRight, () => true), body)).status).toBe(200);
  }),
  ...across(
    [any],
    subsets.slice(1).map((isRight) => [`right: ${nameOf(isRight)}`, isRight] as const),
    async (to, isRight) => {
      const body = to.body();
      expect((await call(to.path, await mixed(body, isRight, () => true), body)).status).toBe(200);
    },
  ),
]);
