/** Sign-up, sign-in and sign-out as attackers use them: what is no password, whose account there is, tokens that are out. */
import { env } from "cloudflare:workers";
import { base64url } from "jose";
import { expect } from "vitest";
import { token } from "../../support/app.ts";
import { accountDoors, signOutDoor, type AccountDoor } from "./support/accounts.ts";
import { guardedDoors, type Door } from "./support/doors.ts";
import { across, suite } from "./support/suite.ts";
import { longest } from "./support/users.ts";
import { expectRefused } from "./support/verdicts.ts";
import { carry, knock, newCaller, openWorld, type Answer } from "./support/world.ts";

const world = openWorld();
const MEBIBYTE = 1 << 20;
const PASSWORD = "correct horse";
const JSON_TYPE = { "content-type": "application/json" };

let addresses = 0;
const newAddress = (): string => `user-${(addresses += 1)}@example.com`;

const post = (path: string, body: BodyInit, headers: Readonly<Record<string, string>> = {}) =>
  world.ask(path, { method: "POST", headers: { ...JSON_TYPE, ...headers }, body });
const enter = (door: AccountDoor, email: string, password: unknown) =>
  post(`/${door.algorithm}/${door.isSignUp ? "sign-up" : "sign-in"}`, JSON.stringify({ email, password }));

const signUpAt = (door: AccountDoor): AccountDoor => ({ ...door, isSignUp: true });

/** Somebody to be attacked: there before the first check. */
async function newAccount(door: AccountDoor): Promise<string> {
  const email = newAddress();
  expect((await enter(signUpAt(door), email, PASSWORD)).status).toBe(200);
  return email;
}

/** What none of the algorithms may ever see. @param bytes the longest that it takes */
const passwords: readonly (readonly [string, (bytes: number) => unknown])[] = [
  ["empty", () => ""],
  ["missing", () => undefined],
  ["null", () => null],
  ["true", () => true],
  ["a number", () => 12_345_678],
  ["a list of a text", () => [PASSWORD]],
  ["an object", () => ({ toString: PASSWORD })],
  ["an operator", () => ({ $ne: "" })],
  ["a NUL", () => "\0"],
  ["a NUL behind the right one", () => `${PASSWORD}\0and more`],
  ["a NUL in front", () => `\0${PASSWORD}`],
  ["half a surrogate pair", () => `${PASSWORD}\ud83d`],
  ["a byte too many", (bytes) => "a".repeat(bytes + 1)],
  ["a byte too many, in characters of two", (bytes) => "é".repeat(bytes / 2) + "a"],
  ["a byte too many, in characters of four", (bytes) => "😀".repeat(bytes / 4) + "a"],
  ["64 KiB", () => "a".repeat(65_536)],
];

suite(
  "37 what is no password",
  across(accountDoors, passwords, async (door, make) => {
    const answer = await enter(door, "somebody@example.com", make(longest[door.algorithm]));
    expectRefused(door, answer, "payload_invalid");
    expect(answer.text).not.toContain(PASSWORD);
  }),
  { leavesNothing: true },
);

const right = `"email":"somebody@example.com","password":"${PASSWORD}"`;
type Sent = readonly [body: BodyInit, headers?: Readonly<Record<string, string>>];
const bodies: readonly (readonly [string, Sent])[] = [
  ["no JSON", ["email=a"]],
  ["nothing", [""]],
  ["null", ["null"]],
  ["a text", ['"password"']],
  ["a list", [`[{${right}}]`]],
  ["fields of a prototype", [`{"__proto__":{${right}}}`]],
  ["fields of a constructor's prototype", [`{"constructor":{"prototype":{${right}}}}`]],
  ["fields in an object", [`{"data":{${right}}}`]],
  ["a name with a NUL", [`{"email":"somebody@example.com","password\\u0000":"${PASSWORD}"}`]],
  ["a name in capitals", [`{"email":"somebody@example.com","PASSWORD":"${PASSWORD}"}`]],
  ["something behind it", [`{${right}}{}`]],
  ["a number that nobody can carry", [`{${right},"more":1e400}`]],
  ["a thousand levels", [`{${right},"more":${"[".repeat(1000)}${"]".repeat(1000)}}`]],
  ["UTF-16", [new Uint8Array(Array.from(`\ufeff{${right}}`, (one) => [one.charCodeAt(0), 0]).flat())]],
  ["no UTF-8", [new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])]],
  ["a password of a MiB", [`{"email":"somebody@example.com","password":"${"a".repeat(MEBIBYTE)}"}`]],
  ["an address of a MiB", [`{"email":"${"a".repeat(MEBIBYTE)}@example.com","password":"${PASSWORD}"}`]],
  ["two MiB of blanks", [`{${right}${" ".repeat(2 * MEBIBYTE)}}`]],
  ["plain text", [`{${right}}`, { "content-type": "text/plain" }]],
  ["compressed, it says", [`{${right}}`, { "content-encoding": "gzip", "content-type": "application/gzip" }]],
  ["a key to answer it again", [`{${right}}`, { "idempotency-key": "one-and-the-same" }]],
];

suite(
  "37 bodies that no client writes",
  across(accountDoors, bodies, async (door, [body, headers]) => {
    const answer = await post(door.path(world.target), body, headers);
    const codes = ["payload_invalid", "body_malformed", "body_too_large", "content_type_unsupported"] as const;
    expectRefused(door, answer, ...codes, "idempotency_key_invalid");
    const fresh: Record<string, unknown> = {};
    expect([fresh["email"], fresh["password"]]).toEqual([undefined, undefined]);
  }),
  { leavesNothing: true },
);

/** Addresses as far as their form goes, and others. */
const injections: readonly (readonly [string, (email: string) => unknown])[] = [
  ["a quote", () => "'"],
  ["or true", () => "' OR '1'='1"],
  ["or true, as an address", () => "'or'1'='1@example.com"],
  ["the rest a comment", (email) => `${email}'--`],
  ["the rest a comment, as an address", (email) => email.replace("@", "'--@")],
  ["a union", () => "' UNION SELECT id, email, password FROM users--"],
  ["a second statement", () => "a@example.com'; DROP TABLE users; --"],
  ["a pattern", () => "%@example.com"],
  ["a pattern of one", (email) => email.replace("u", "_")],
  ["a NUL behind it", (email) => `${email}\0`],
  ["a blank behind it", (email) => `${email} `],
  ["a line behind it", (email) => `${email}\n`],
  ["letters that look alike", (email) => email.replace("e", "\u0435")],
  ["wide letters", (email) => email.replace("@", "\uff20")],
  ["a list", (email) => [email]],
  ["an operator", () => ({ $gt: "" })],
  ["an accessor", () => "$ENV.JWT_SECRET_KEY"],
  ["true", () => true],
];

suite(
  "37 SQL and others' addresses in a sign-in",
  across(
    accountDoors.filter(({ isSignUp }) => !isSignUp),
    injections,
    async (door, make) => {
      const email = await newAccount(door);
      const answer = await enter(door, make(email) as string, PASSWORD);
      expectRefused(door, answer, "credentials_invalid", "payload_invalid");
      expect((await enter(door, email, PASSWORD)).status).toBe(200);
    },
  ),
);

/** All that a caller sees of an answer, but for what differs from call to call. */
function seenIn({ status, headers, json }: Answer): unknown {
  const { request_id: _, ...said } = json;
  const shown = [...headers].filter(([name]) => name !== "x-request-id");
  // Of the timings only their names: how long a hash takes is not the answer's to say.
  const fields = shown.map(([name, value]) => [
    name,
    name === "server-timing" ? value.replaceAll(/dur=[\d.]+/g, "") : value,
  ]);
  return { status, said, fields };
}

const guesses: readonly (readonly [string, string])[] = [
  ["another password", "wrong horse"],
  ["the right one in capitals", PASSWORD.toUpperCase()],
  ["the right one and a blank", `${PASSWORD} `],
  ["the right one cut short", PASSWORD.slice(0, -1)],
  ["one letter", "a"],
  ["the longest", "a".repeat(72)],
  ["a hash", "$2b$04$abcdefghijklmnopqrstuuMVzXSGOjJZ8qYVwjGUvwNf1XlvRHHHG"],
  ["too long", "a".repeat(2000)],
  ["a NUL", `${PASSWORD}\0`],
  ["none", ""],
];

suite(
  "37 whose account there is",
  across(
    accountDoors.filter(({ isSignUp }) => !isSignUp),
    guesses,
    async (door, guess) => {
      const email = await newAccount(door);
      const [known, unknown] = [await enter(door, email, guess), await enter(door, newAddress(), guess)];
      expect([401, 422]).toContain(known.status);
      expect(seenIn(unknown)).toEqual(seenIn(known));
    },
  ),
);

suite(
  "37 what a sign-up and a sign-in tell",
  across(
    accountDoors,
    [
      ["neither the password nor its hash", PASSWORD],
      ["nor one with quotes and signs of HTML", `'"<b>&\\`],
    ] as const,
    async (door, password) => {
      const email = newAddress();
      const made = await enter(signUpAt(door), email, password);
      const answer = door.isSignUp ? made : await enter(door, email, password);
      expect(answer.status).toBe(200);
      const { data } = answer.json;
      expect(Object.keys(data as object)).toEqual(["id", "email", "token"]);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      const row = await env.DB.prepare("SELECT password FROM users WHERE email = ?")
        .bind(email)
        .first<string>("password");
      expect(row).toMatch(door.algorithm === "bcrypt" ? /^\$2b\$04\$.{53}$/ : /^\$argon2id\$v=19\$/);
      expect(answer.text).not.toContain(row);
      const { token: issued } = data as { readonly token: string };
      expect(new TextDecoder().decode(base64url.decode(issued.split(".")[1] ?? ""))).not.toMatch(/password|\$2b|argon/);
    },
  ),
);

/** A token that its owner has revoked. */
async function revoked(id: string): Promise<string> {
  const text = await token({ id, jti: crypto.randomUUID() });
  expect((await knock(world, signOutDoor, carry(signOutDoor.tokenIn, text))).status).toBe(200);
  return text;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** The same token in other characters, of which none may be another token. */
const spellings: readonly (readonly [string, (text: string) => string])[] = [
  ["at once", (text) => text],
  ["with padding", (text) => `${text}=`],
  ["with a blank behind it", (text) => `${text} `],
  ["with two blanks before it", (text) => `  ${text}`],
  ["in base64's own signs", (text) => text.replaceAll("-", "+").replaceAll("_", "/").concat("=")],
  ["with other unused bits", (text) => text.slice(0, -1) + (alphabet[alphabet.indexOf(text.at(-1) ?? "A") ^ 1] ?? "")],
  ["with a part behind it", (text) => `${text}.`],
];

suite(
  "37 tokens that were signed out",
  across([...guardedDoors("narrow"), signOutDoor], spellings, async (door: Door, respell) => {
    const text = await revoked(newCaller());
    expectRefused(door, await knock(world, door, carry(door.tokenIn, respell(text))), "unauthorized");
  }),
);

/** What only the endpoint's own tokens may be. */
const foreign: readonly (readonly [string, () => Promise<string>])[] = [
  ["another key", () => token({ id: "ann" }, { secret: "another-secret-of-at-least-32-bytes!!!" })],
  ["no token", () => Promise.resolve("a.b.c")],
  ["an empty one", () => Promise.resolve("")],
];

suite(
  "37 others' tokens signed out",
  across([signOutDoor], foreign, async (door, make) => {
    expectRefused(door, await knock(world, door, carry(door.tokenIn, await make())), "unauthorized");
  }),
  { leavesNothing: true },
);

suite(
  "37 sign-ups raced",
  across(
    accountDoors.filter(({ isSignUp }) => isSignUp),
    [["six at once for one address", 6]] as const,
    async (door, count) => {
      const email = newAddress();
      const answers = await Promise.all(
        Array.from({ length: count }, (_, index) => enter(door, email, `password ${index}`)),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const { results } = await env.DB.prepare("SELECT id FROM users WHERE email = ?").bind(email).all();
      expect(results).toHaveLength(1);
    },
  ),
);
