/** Ways past a rate limit: whoever has used it up must not get one more call, however the next one is written. */
import { expect } from "vitest";
import { token, tokenOf } from "../../support/app.ts";
import { forgedAddresses } from "./support/forged-addresses.ts";
import { across, suite } from "./support/suite.ts";
import { expectRefused } from "./support/verdicts.ts";
import { newCaller, openWorld, type Asked, type World } from "./support/world.ts";

const LIMIT = 3;
const world = openWorld();
const open = world.beside({ ALLOWED_HTTP_METHODS: "POST|GET" });

interface LimitedDoor {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  /** A new caller's headers. */
  readonly proof: () => Promise<Record<string, string>>;
  /** What is sent, and how a call is answered that the limit lets in. */
  readonly sent?: { readonly body: string; readonly status: number };
}

let addresses = 0;
const newAddress = (): string => `2001:db8:${(addresses += 1).toString(16)}:1::1`;

const byAddress: LimitedDoor = {
  name: "limit by address",
  path: "/limited/by-address",
  id: "/limited-by-address-01",
  proof: async () => ({ "CF-Connecting-IP": newAddress() }),
};
const byCaller: LimitedDoor = {
  name: "limit by claim",
  path: "/limited/by-caller",
  id: "/limited-by-caller-01",
  proof: async () => ({ "x-access-token": await token({ id: newCaller() }) }),
};
/** Whoever guesses passwords. */
const signIn: LimitedDoor = {
  name: "limit of sign-ins",
  path: "/limited/sign-in",
  id: "/limited-sign-in-01",
  proof: async () => ({ ...(await byAddress.proof()), "content-type": "application/json" }),
  sent: { body: JSON.stringify({ email: "nobody@example.com", password: "guess" }), status: 401 },
};
const doors = [byAddress, byCaller, signIn];

/** What the nth call after the limit is: a path, and what is sent. */
type Evasion = (door: LimitedDoor, headers: Record<string, string>, turn: number) => readonly [string, Asked];

async function expectHeld(door: LimitedDoor, evade: Evasion, asks: World = world): Promise<void> {
  const headers = await door.proof();
  const { body, status = 200 } = door.sent ?? {};
  const withBody = (asked: Asked): Asked =>
    body === undefined || asked.method !== "POST" ? asked : { ...asked, body };
  for (let count = 0; count < LIMIT; count++) {
    expect((await world.ask(door.path, withBody({ method: "POST", headers }))).status).toBe(status);
  }
  for (let turn = 0; turn < 2 * LIMIT; turn++) {
    const [path, asked] = evade(door, headers, turn);
    const answer = await asks.ask(path, withBody(asked));
    if (asked.method === "HEAD" || asked.method === "OPTIONS") expect([204, 405]).toContain(answer.status);
    else expectRefused({ envelope: "abi" }, answer, "rate_limited", "resource_not_found", "method_not_allowed");
  }
}

const post = (headers: Record<string, string>): Asked => ({ method: "POST", headers });
const withHeader =
  (name: string): Evasion =>
  ({ path }, headers, turn) => [path, post({ ...headers, [name]: `203.0.113.${turn}` })];
const at =
  (spell: (door: LimitedDoor, turn: number) => string): Evasion =>
  (door, headers, turn) => [spell(door, turn), post(headers)];
const by =
  (method: string): Evasion =>
  ({ path }, headers) => [path, { method, headers }];

const forged = [
  ...forgedAddresses,
  "CF-Connecting-O2O",
  "CF-Ray",
  "Idempotency-Key",
  "User-Agent",
  "Origin",
  "Cookie",
  "Authorization",
  "X-HTTP-Method-Override",
];
const paths: readonly (readonly [string, Evasion])[] = [
  ["the id", at(({ id }) => id)],
  ["a query", at(({ path }, turn) => `${path}?${turn}`)],
  ["an escaped letter", at(({ path }) => path.replace("limited", "%6Cimited"))],
  ["an escaped slash", at(({ path }) => path.replace("d/by", "d%2fby"))],
  ["capitals in the path", at(({ path }) => path.toUpperCase())],
  ["a slash at the end", at(({ path }) => `${path}/`)],
  ["two slashes", at(({ path }) => path.replace("d/by", "d//by"))],
  ["a dot segment", at(({ path }) => path.replace("d/by", "d/./by"))],
  ["a way back", at(({ path }) => `/x/..${path}`)],
  ["a backslash", at(({ path }) => path.replace("d/by", "d\\by"))],
  ["a semicolon", at(({ path }, turn) => `${path};${turn}`)],
  ["a fragment", at(({ path }, turn) => `${path}#${turn}`)],
  ["a NUL", at(({ path }) => `${path}%00`)],
];
const methods: readonly (readonly [string, Evasion])[] = ["GET", "HEAD", "PUT", "OPTIONS", "PATCH", "DELETE"].map(
  (method) => [method, by(method)] as const,
);

suite("35 rate limits evaded", [
  ...across(
    doors,
    forged.map((name) => [name, withHeader(name)] as const),
    expectHeld,
  ),
  ...across(doors, paths, expectHeld),
  ...across(doors, methods, (door, evade) => expectHeld(door, evade, open)),
  ...across(
    [byAddress, signIn],
    [
      ["another address of the /64", (turn: number) => `:${turn + 2}`],
      ["zeros written out", () => ":0000:0000:0000:0001"],
      ["capitals in the address", () => ":ABCD"],
    ] as const,
    (door, ending) =>
      expectHeld(door, ({ path }, { "CF-Connecting-IP": address = "" }, turn) => {
        const network = address.replace("::1", "");
        const written = ending(turn);
        return [
          path,
          post({ "CF-Connecting-IP": `${network}${written.length > 8 ? "" : ":"}${written}`.toUpperCase() }),
        ];
      }),
  ),
  ...across(
    [byCaller],
    [
      ["another token", (id: string, turn: number) => token({ id, jti: String(turn) })],
      ["other claims", (id: string, turn: number) => token({ id, role: turn, sub: String(turn) })],
      ["an escaped letter in the claim", (id: string) => tokenOf(`{"id":"\\u0063${id.slice(1)}","exp":4000000000}`)],
    ] as const,
    async (door, make) => {
      const id = newCaller();
      const proof = async () => ({ "x-access-token": await token({ id }) });
      const tokens = await Promise.all(Array.from({ length: 2 * LIMIT }, (_, turn) => make(id, turn)));
      const own: LimitedDoor = { ...door, proof };
      await expectHeld(own, ({ path }, _, turn) => [path, post({ "x-access-token": tokens[turn] ?? "" })]);
    },
  ),
]);
