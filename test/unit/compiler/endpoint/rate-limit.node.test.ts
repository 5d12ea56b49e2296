/** rate_limit: what the Worker gets, what is refused and in which words, and the table that shows it. */
import { describe, expect, test } from "vitest";
import { drawTable } from "../../../../src/cli/endpoint-table.ts";
import { emitWorker } from "../../../../src/compiler/emit.ts";
import { abi, compile, diagnose, plan, query } from "../support.ts";

const select = [query(1, "SELECT id FROM albums")];
const open = { tokenize: undefined, protected: undefined };
const rule = { limit: 50, identifier: "$HEADER.ip", expires_after: 3600 };
const limited = (members: object, more: Record<string, unknown> = {}) =>
  abi(select, { rate_limit: { ...rule, ...members }, ...more });

describe("is compiled", () => {
  test.each([
    ["$HEADER.ip", { from: "header", name: "ip" }],
    ["$HEADER.IP", { from: "header", name: "ip" }],
    ["$PROTECTED.id", { from: "claim", path: ["id"] }],
    ["$PROTECTED.email.0", { from: "claim", path: ["email", 0] }],
  ])("with %s", async (identifier, reference) => {
    const { rateLimit } = await plan(limited({ identifier }));
    expect(rateLimit).toEqual({ limit: 50, windowSeconds: 3600, identifier: reference });
  });

  test.each([[{ limit: 1 }], [{ limit: 1_000_000 }], [{ expires_after: 1 }], [{ expires_after: 2_678_400 }]])(
    "with %j",
    async (members) => {
      expect(await diagnose(limited(members))).toEqual([]);
    },
  );

  test("on an open endpoint, and on one that its callers and a cron_job run", async () => {
    expect((await plan(limited({}, open))).rateLimit).toBeDefined();
    const cron_job = { execution_interval: "0 30 3 * * *" };
    expect(await diagnose(limited({}, { cron_job }))).toEqual([]);
  });

  test("not without it", async () => {
    expect(await plan(abi(select))).not.toHaveProperty("rateLimit");
  });
});

const expected = "expected $HEADER.ip, or a claim such as $PROTECTED.id";

/** What is wrong → what is said of it. */
const faults: readonly (readonly [name: string, source: Record<string, unknown>, line: string])[] = [
  ["a limit of 0", limited({ limit: 0 }), "limit: must be at least 1"],
  ["a negative limit", limited({ limit: -1 }), "limit: must be at least 1"],
  ["half a call", limited({ limit: 1.5 }), "limit: expected a whole number, found a number"],
  ["a limit as text", limited({ limit: "5" }), "limit: expected a whole number, found a string"],
  ["a huge limit", limited({ limit: 1e12 }), "limit: must be at most 1000000"],
  ["no limit", limited({ limit: undefined }), 'limit: "limit" is missing; expected a whole number'],
  ["no window", limited({ expires_after: 0 }), "expires_after: must be at least 1"],
  ["a fraction of a second", limited({ expires_after: 0.5 }), "expires_after: expected a whole number, found a number"],
  ["a window of a year", limited({ expires_after: 31_536_000 }), "expires_after: must be at most 2678400"],
  [
    "a misspelt member",
    limited({ expire_after: 60 }),
    'expire_after: unknown property "expire_after"; expected limit, identifier, expires_after. Did you mean "expires_after"?',
  ],
  ["no identifier", limited({ identifier: undefined }), 'identifier: "identifier" is missing; expected a text'],
  [
    "an identifier that is a list",
    limited({ identifier: ["$HEADER.ip"] }),
    "identifier: expected a text, found a list",
  ],
  [
    "a text",
    limited({ identifier: "ip" }),
    `identifier: "ip" is a text: all callers would share one limit; ${expected}`,
  ],
  ["nothing", limited({ identifier: "" }), `identifier: "" is a text: all callers would share one limit; ${expected}`],
  [
    "the body",
    limited({ identifier: "$PAYLOAD.email" }),
    `identifier: $PAYLOAD: the body is not read yet when calls are counted; ${expected}`,
  ],
  [
    "the whole body",
    limited({ identifier: "$PAYLOAD" }),
    `identifier: $PAYLOAD: the body is not read yet when calls are counted; ${expected}`,
  ],
  [
    "a setting",
    limited({ identifier: "$ENV.DATABASE" }),
    `identifier: $ENV.DATABASE is the same for all callers: they would share one limit; ${expected}`,
  ],
  [
    "a fresh id",
    limited({ identifier: "$GENERATOR.UUID" }),
    `identifier: $GENERATOR.UUID is another one for each call: none would ever be refused; ${expected}`,
  ],
  [
    "the moment",
    limited({ identifier: "$DATETIME" }),
    `identifier: $DATETIME is another one for each call: none would ever be refused; ${expected}`,
  ],
  [
    "two accessors",
    limited({ identifier: "$PROTECTED.id/$HEADER.ip" }),
    `identifier: holds more than one accessor: ${expected}, alone`,
  ],
  [
    "text around one",
    limited({ identifier: "user-$PROTECTED.id" }),
    `identifier: holds more than one accessor: ${expected}, alone`,
  ],
  [
    "a claim that is not extracted",
    limited({ identifier: "$PROTECTED.sub" }),
    "identifier: $PROTECTED.sub is not in extract_claims (id, email)",
  ],
  [
    "a claim of nobody",
    limited({ identifier: "$PROTECTED.id" }, open),
    'identifier: $PROTECTED.id: the endpoint is not protected; expected "tokenize" and "protected"',
  ],
  ["a prototype", limited({ identifier: "$PROTECTED.__proto__" }), 'identifier: "__proto__" may not be part of a path'],
  ["an unknown accessor", limited({ identifier: "$IP" }), 'identifier: unknown accessor "$IP"; expected $PROTECTED,'],
  [
    "the token",
    limited({ identifier: "$HEADER.X-Access-Token" }),
    "identifier: $HEADER.x-access-token is the token, and each caller may have many; expected one of its claims",
  ],
];

test.each(faults)("%s is refused", async (_, source, line) => {
  const found = await diagnose(source);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(`a.json/rate_limit/${line}`);
});

test("on an endpoint that nobody calls it is refused, and so is maintenance", async () => {
  const more = { ...open, maintenance: true, cron_job: { execution_interval: "0 30 3 * * *" } };
  const why = "nobody calls this endpoint: only its cron_job runs it, which goes on whatever stands here";
  expect(await diagnose(limited({}, more))).toEqual([`a.json/maintenance: ${why}`, `a.json/rate_limit: ${why}`]);
});

test("in an actionable it is at the wrong place", async () => {
  expect(await diagnose(abi([{ ...select[0], rate_limit: rule }]))).toEqual([
    'a.json/actionables/0/rate_limit: "rate_limit" belongs to the top of the file, beside "actionables"',
  ]);
});

test("a header that callers choose is warned of", async () => {
  expect(await diagnose(limited({ identifier: "$HEADER.x-api-key" }))).toEqual([
    `a.json/rate_limit/identifier: warning: whoever calls chooses $HEADER.x-api-key, and has a limit for each value: ${expected}`,
  ]);
});

test("the table shows it among the limits", async () => {
  const table = drawTable(
    new Map([["D1", await compile([limited({}), abi(select, { id: "b", resource: "b" })])]]),
    "D1",
    () => null,
  );
  expect(table).toContain("50 calls / 3600 s by $HEADER.ip");
});

test("the Worker's module exports the class that counts, where it is bound", () => {
  const nameOf = (module: string) => `sluice${module.slice(1)}`;
  expect(emitWorker({ objects: ["rateLimits"], openApi: false }, nameOf)).toContain(
    'export { RateLimiter } from "sluice/rate-limits";',
  );
  expect(emitWorker({ objects: [], openApi: false }, nameOf)).not.toContain("RateLimiter");
});
