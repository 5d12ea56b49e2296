import { expect, test } from "vitest";
import { featuresOf } from "../../../../../src/compiler/emit.ts";
import { abi, compile, diagnose, plan, query } from "../../support.ts";

type Members = Record<string, unknown>;

const key = { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" };
const protection = { protected: { provide_as: "Authorization", extract_claims: ["id"] } };
const leaving = (revoking: Members = {}, more: Members = {}): Members => ({
  id: "leave",
  resource: "leave",
  tokenize: key,
  invalidate_tokenize: revoking,
  actionables: [],
  ...more,
});

test("the caller's own token, without any actionable", async () => {
  const compiled = await plan(leaving({}, protection));
  expect(compiled).toMatchObject({
    steps: [],
    authentication: { isRevocable: true },
    revoking: { keyName: "JWT_SECRET_KEY", tokens: [{ from: "header", name: "authorization" }], leastSeconds: 0 },
    environment: ["JWT_SECRET_KEY"],
  });
  expect(featuresOf([compiled], false)).toEqual(["revocation"]);
});

test("tokens that are sent, of an endpoint that anybody may call", async () => {
  const compiled = await plan(leaving({ tokens: ["$PAYLOAD.tokens", "more"], expires_after: 60 }));
  expect(compiled.authentication).toBeNull();
  expect(compiled.answer.token).toBeUndefined();
  expect(compiled.revoking).toMatchObject({
    tokens: [
      { from: "payload", path: ["tokens"] },
      { from: "payload", path: ["more"] },
    ],
    leastSeconds: 60,
  });
});

test("all endpoints with the same key look their tokens up, others do not", async () => {
  const same = { ...abi([query(1, "SELECT id FROM albums")]), id: "same", resource: "same" };
  const other = {
    ...same,
    id: "other",
    resource: "other",
    tokenize: { ...key, encryption_key: "$ENV.OTHER_KEY" },
  };
  const { plans } = await compile([leaving({}, protection), same, other]);
  expect(plans.map(({ id, authentication }) => [id, authentication?.isRevocable ?? false])).toEqual([
    ["leave", true],
    ["other", false],
    ["same", true],
  ]);
  const alone = await compile([same]);
  expect(featuresOf(alone.plans, true)).toEqual(["pictures", "fileApi"]);
});

test("a job keeps the payload without the tokens", async () => {
  const later = query(1, "UPDATE albums SET rating = 1 WHERE owner = $1", ["$PAYLOAD.name"], {
    run_in_background: true,
  });
  const { background } = await plan(leaving({ tokens: "$PAYLOAD.tokens" }, { actionables: [later] }));
  expect(background?.reads).toMatchObject({ payload: true, secrets: ["tokens"] });
});

test.each<[string, Members, string]>([
  ["no actionables", leaving({}, { ...protection, invalidate_tokenize: undefined }), "/actionables: must not be empty"],
  ["no key", leaving({}, { tokenize: undefined }), '/invalidate_tokenize: needs "tokenize"'],
  ["no tokens", leaving(), '/invalidate_tokenize/tokens: is missing; expected it, or "protected"'],
  [
    "a secret for a token",
    leaving({ tokens: "$ENV.TOKEN" }),
    "/invalidate_tokenize/tokens: expected where tokens are sent",
  ],
  [
    "a generated token",
    leaving({ tokens: ["$GENERATOR.UUID"] }),
    "/invalidate_tokenize/tokens/0: expected where tokens are sent",
  ],
  ["an unknown accessor", leaving({ tokens: "$PAYLAOD.tokens" }), "/invalidate_tokenize/tokens: "],
  ["a number", leaving({ tokens: 1 }), "/invalidate_tokenize/tokens: expected an accessor or a list of accessors"],
  [
    "no time",
    leaving({ tokens: "$PAYLOAD.t", expires_after: 0 }),
    "/invalidate_tokenize/expires_after: must be at least 1",
  ],
  [
    "a misspelt member",
    leaving({ token: "$PAYLOAD.t" }),
    '/invalidate_tokenize/token: unknown property "token"; expected tokens, expires_after. Did you mean "tokens"?',
  ],
  [
    "fields of no row",
    leaving({}, { ...protection, returnables: ["id"] }),
    "/returnables: there is no actionable whose fields could be answered",
  ],
  [
    "a token from no row",
    leaving(
      {},
      { ...protection, tokenize: { ...key, expiration: 60, custom_claim_fields: ["id"] }, returnables: ["token"] },
    ),
    "/tokenize: a token is issued from the row that answers, and there is no actionable",
  ],
  [
    "a schedule",
    leaving({ tokens: "$PAYLOAD.t" }, { cron_job: { execution_interval: "0 * * * *" } }),
    "/cron_job: nobody sends a scheduled run the tokens",
  ],
])("refuses %s", async (_, source, line) => {
  expect((await diagnose(source)).join("\n")).toContain(line);
});
