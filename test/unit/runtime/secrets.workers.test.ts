import { expect, test, vi } from "vitest";
import { checkSecret, checkSecrets } from "../../../src/runtime/secrets.ts";
import { Problem } from "../../../src/contract/problem.ts";
import { as, createCaller, expectProblem } from "../../support/app.ts";
import { authentication, planOf, queryStep } from "../../support/plans.ts";
import { JWT_SECRET_KEY, LINK_SECRET, OTHER_JWT_SECRET_KEY, OTHER_LINK_SECRET } from "../../support/secrets.ts";

const weak = (name: string) => `${name} has fewer than 10 different characters: make a random one`;
const short = (name: string, bytes = 32) => `${name} is shorter than ${bytes} bytes`;
const equal = (one: string, other: string) => `${one} and ${other} are the same: each needs a value of its own`;
const missing = (name: string) => `${name} is not set: run "wrangler secret put ${name}"`;

function faultOf(secret: string, minBytes: number): string | null {
  try {
    checkSecret("NAME", secret, minBytes);
    return null;
  } catch (error) {
    return error instanceof Problem ? `${error.code}: ${error.message}` : String(error);
  }
}

test.each<[string, number, string | null]>([
  [LINK_SECRET.slice(0, 32), 32, null],
  [LINK_SECRET.slice(0, 31), 32, short("NAME")],
  [LINK_SECRET.slice(0, 43), 48, short("NAME", 48)],
  ["äöüßéèêëàâîïôûç☃", 32, null],
  ["äöüßéèêëàâîïôûça", 32, short("NAME")],
  ["0123456789".repeat(4), 32, null],
  ["012345678".repeat(4), 32, weak("NAME")],
  ["x".repeat(1000), 32, weak("NAME")],
  ["changeme".repeat(4), 32, weak("NAME")],
  ["👍".repeat(20), 32, weak("NAME")],
])("the secret %s for %d bytes", (secret, minBytes, fault) => {
  expect(faultOf(secret, minBytes)).toBe(fault === null ? null : `misconfigured: ${fault}`);
});

const long = JWT_SECRET_KEY + OTHER_JWT_SECRET_KEY;
const plan = planOf([queryStep({ sql: "SELECT 1 AS n" })]);
const plan512 = planOf(plan.steps, { authentication: { ...authentication, algorithm: "HS512" } });

/** What is set beside or instead of two good secrets, and the reason in the log. */
const faults: readonly (readonly [Record<string, string | undefined>, string])[] = [
  [{ LINK_SECRET: undefined }, missing("LINK_SECRET")],
  [{ LINK_SECRET: " " }, missing("LINK_SECRET")],
  [{ LINK_SECRET: LINK_SECRET.slice(0, 31) }, short("LINK_SECRET")],
  [{ LINK_SECRET: "x".repeat(64) }, weak("LINK_SECRET")],
  [{ LINK_SECRET: JWT_SECRET_KEY }, equal("JWT_SECRET_KEY", "LINK_SECRET")],
  [{ LINK_SECRET: ` ${JWT_SECRET_KEY} ` }, equal("JWT_SECRET_KEY", "LINK_SECRET")],
  [{ LINK_SECRET_PREVIOUS: LINK_SECRET }, equal("LINK_SECRET", "LINK_SECRET_PREVIOUS")],
  [{ LINK_SECRET_PREVIOUS: JWT_SECRET_KEY }, equal("JWT_SECRET_KEY", "LINK_SECRET_PREVIOUS")],
  [{ LINK_SECRET_PREVIOUS: LINK_SECRET.slice(1, 32) }, short("LINK_SECRET_PREVIOUS")],
  [{ LINK_SECRET_PREVIOUS: "x".repeat(64) }, weak("LINK_SECRET_PREVIOUS")],
  [{ JWT_SECRET_KEY: undefined }, missing("JWT_SECRET_KEY")],
  [{ JWT_SECRET_KEY: JWT_SECRET_KEY.slice(0, 31) }, short("JWT_SECRET_KEY")],
  [{ JWT_SECRET_KEY: "x".repeat(64) }, weak("JWT_SECRET_KEY")],
  [{ JWT_SECRET_KEY_PREVIOUS: JWT_SECRET_KEY }, equal("JWT_SECRET_KEY", "JWT_SECRET_KEY_PREVIOUS")],
  [{ JWT_SECRET_KEY_PREVIOUS: LINK_SECRET }, equal("JWT_SECRET_KEY_PREVIOUS", "LINK_SECRET")],
  [{ JWT_SECRET_KEY_PREVIOUS: JWT_SECRET_KEY.slice(1, 32) }, short("JWT_SECRET_KEY_PREVIOUS")],
  [{ JWT_SECRET_KEY_PREVIOUS: "x".repeat(64) }, weak("JWT_SECRET_KEY_PREVIOUS")],
  [
    { LINK_SECRET_PREVIOUS: OTHER_LINK_SECRET, JWT_SECRET_KEY_PREVIOUS: OTHER_LINK_SECRET },
    equal("JWT_SECRET_KEY_PREVIOUS", "LINK_SECRET_PREVIOUS"),
  ],
];

test.each(faults)("%j is refused, with the name in the log and the value nowhere", async (bindings, reason) => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const call = createCaller([plan], bindings);
  const answers = [
    await call("/test", { method: "POST", headers: await as("u") }),
    await call("/v1/upload", { headers: { authorization: `Bearer ${(await as("u"))["x-access-token"]}` } }),
  ];
  const told = JSON.stringify(logged.mock.calls);
  logged.mockRestore();
  for (const answer of answers) {
    expect(answer.status).toBe(500);
    expect(JSON.stringify(await answer.json())).not.toMatch(/SECRET/);
  }
  expect(told.split(JSON.stringify(JSON.stringify(reason)).slice(3, -3))).toHaveLength(3);
  for (const value of Object.values(bindings)) if ((value ?? " ") !== " ") expect(told).not.toContain(value?.trim());
});

test("a key is as long as its endpoint's hash", async () => {
  const headers = await as("u");
  const refused = await createCaller([plan512])("/test", { method: "POST", headers });
  await expectProblem(refused, 500, "misconfigured");
  const taken = await createCaller([plan512], { JWT_SECRET_KEY: long })("/test", { method: "POST", headers });
  await expectProblem(taken, 401, "unauthorized");
});

const readerOf =
  (bindings: Readonly<Record<string, string | undefined>>) =>
  (name: string, otherwise?: string): string => {
    const value = (bindings[name] ?? "").trim() || otherwise;
    if (value === undefined) throw new Problem("misconfigured", { reason: missing(name) });
    return value;
  };
const good = { JWT_SECRET_KEY, LINK_SECRET };

test.each(faults)("checkSecrets finds %j as well", (bindings, reason) => {
  expect(checkSecrets(readerOf({ ...good, ...bindings }), [plan, plan])).toEqual([reason]);
});

test("checkSecrets tells all that the plans lack", () => {
  const partner = { ...authentication, keyName: "PARTNER_KEY" };
  const plans = [plan512, planOf([], { authentication: partner, environment: ["PARTNER_KEY", "REGION"] })];
  expect(checkSecrets(readerOf(good), plans)).toEqual([
    short("JWT_SECRET_KEY", 64),
    missing("PARTNER_KEY"),
    missing("REGION"),
  ]);
  const all = { JWT_SECRET_KEY: long, LINK_SECRET, PARTNER_KEY: OTHER_JWT_SECRET_KEY, REGION: "eu" };
  expect(checkSecrets(readerOf(all), plans)).toEqual([]);
  expect(checkSecrets(readerOf({ LINK_SECRET }), [planOf([], { authentication: null, environment: [] })])).toEqual([]);
});
