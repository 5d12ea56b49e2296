import { expect, test } from "vitest";
import { featuresOf } from "../../../../../src/compiler/emit.ts";
import { abi, diagnose, plan, query, upload } from "../../support.ts";

type Members = Record<string, unknown>;

const key = { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" };
const read = (more: Members = {}) =>
  query(1, "SELECT id, title, shared, rating FROM albums WHERE id = $1", ["$PAYLOAD.id"], more);
/** An open endpoint whose answer brings a token. */
const issues = (tokenize: Members = {}, actionable: Members = read(), more: Members = {}): Members => ({
  id: "test-01",
  resource: "test",
  tokenize: { ...key, expiration: 3600, custom_claim_fields: ["id"], ...tokenize },
  actionables: [actionable],
  returnables: ["id", "token"],
  ...more,
});

test("the answer's plan says what is issued, and the row must be found", async () => {
  const compiled = await plan(issues({ issuer: "https://us.example", audience: ["$ENV.AUDIENCE"] }));
  expect(compiled).toMatchObject({
    authentication: null,
    isSecret: true,
    environment: ["AUDIENCE", "JWT_SECRET_KEY"],
    answer: {
      fields: ["id", "token"],
      token: {
        property: "token",
        algorithm: "HS256",
        keyName: "JWT_SECRET_KEY",
        claims: ["id"],
        expiresSeconds: 3600,
        audience: { from: "env", name: "AUDIENCE" },
        issuer: { from: "literal", value: "https://us.example" },
      },
    },
  });
  const [step] = compiled.steps;
  expect(step?.mode === "query" && step.checks.length > 0).toBe(true);
  expect(featuresOf([compiled], false)).toEqual(["issuing"]);
});

test("beside protected it issues only where returnables name the token, and says so", async () => {
  const protection = { protected: { provide_as: "Authorization", extract_claims: ["id"] } };
  const refreshing = await plan(issues({}, read(), protection));
  expect(refreshing.answer.token?.claims).toEqual(["id"]);
  expect(refreshing.authentication?.claims).toEqual(["id"]);
  const verifying = issues({}, read(), { ...protection, returnables: ["id"] });
  expect((await plan(verifying)).answer.token).toBeUndefined();
  expect(await diagnose(verifying)).toEqual([
    'a.json/tokenize: warning: issues no token, because no returnables name "token": it only says how tokens are verified',
  ]);
});

test.each<[string, Members, string]>([
  [
    "no lifetime",
    issues({ expiration: undefined }),
    "/tokenize/expiration: is missing; expected seconds, from 1 to 31622400",
  ],
  [
    "a lifetime of more than a year",
    issues({ expiration: 31_622_401 }),
    "/tokenize/expiration: must be at most 31622400",
  ],
  ["a lifetime of nothing", issues({ expiration: 0 }), "/tokenize/expiration: must be at least 1"],
  [
    "no claims",
    issues({ custom_claim_fields: undefined }),
    "/tokenize/custom_claim_fields: is missing; expected fields of the row",
  ],
  [
    "a claim that the row lacks",
    issues({ custom_claim_fields: ["id", "titel"] }),
    '/tokenize/custom_claim_fields/1: the row has no field "titel"; expected id, title, shared, rating. Did you mean "title"?',
  ],
  [
    "a claim twice",
    issues({ custom_claim_fields: ["id", "id"] }),
    "/tokenize/custom_claim_fields/1: this field is listed twice",
  ],
  ["a claim of the runtime's", issues({ custom_claim_fields: ["id", "exp"] }), '/1: "exp" is written into every token'],
  [
    "a claim that names nobody",
    issues({ custom_claim_fields: ["id"] }, query(1, "SELECT shared AS id FROM albums")),
    "/tokenize/custom_claim_fields/0: a column of the type boolean cannot name the caller",
  ],
  [
    "a token that no list names",
    issues({}, read(), { returnables: ["id"] }),
    '/tokenize: issues a token that no returnables name; expected "token" in those of the endpoint or of actionable 1',
  ],
  [
    "a property that is a column",
    issues({ property_name: "title" }, read(), { returnables: ["title"] }),
    '/tokenize/property_name: "title" is a column of the row: expected another name',
  ],
  [
    "several audiences",
    issues({ audience: ["a", "b"] }),
    "/tokenize/audience: expected one text: whom an issued token is for",
  ],
  ["max_age without protected", issues({ max_age: 60 }), '/tokenize/max_age: has no meaning without "protected"'],
  [
    "a key that signs links",
    issues({ encryption_key: "$ENV.LINK_SECRET" }),
    "/tokenize/encryption_key: LINK_SECRET signs links",
  ],
  [
    "a token for files",
    issues({}, upload({}, { returnables: ["id", "token"] })),
    "/actionables/0/mode: a token is issued from the row that answers; expected a QUERY",
  ],
  [
    "a token for each of several rows",
    issues(
      {},
      query(1, "INSERT INTO albums (id, owner) VALUES ($1, $2) RETURNING id", ["$PAYLOAD.id", "$PAYLOAD.id"], {
        multi: true,
      }),
    ),
    '/actionables/0: a token is issued from one row, and "multi" answers several',
  ],
  [
    "a row that comes after the answer",
    issues({}, read({ run_in_background: true })),
    "/tokenize: a token is answered with the call, and the row that it is issued from comes after it",
  ],
  [
    "a run that nobody called",
    issues({}, query(1, "SELECT id FROM albums"), { cron_job: { execution_interval: "0 * * * *" } }),
    "/cron_job: nobody takes the token of a run that nobody called",
  ],
  ["PASETO", issues({ type: "PASETO" }), '/tokenize/type: "PASETO" is not supported yet'],
])("refuses %s", async (_, source, line) => {
  expect((await diagnose(source)).join("\n")).toContain(line);
});

test("warns of a token that names nobody", async () => {
  expect(await diagnose(issues({ custom_claim_fields: ["title"] }))).toEqual([
    expect.stringContaining('/tokenize/custom_claim_fields: warning: without "id" or "sub" a token names nobody'),
  ]);
});

test("a token is only a field of the actionable that answers", async () => {
  const other = { ...read(), id: 2 };
  const source = issues({}, read({ returnables: ["id", "token"] }), {
    actionables: [read({ returnables: ["token"] }), other],
  });
  expect((await diagnose(source)).join("\n")).toContain('actionable 1 never returns "token"');
  expect((await diagnose(abi([read({ returnables: ["token"] })]))).join("\n")).toContain('never returns "token"');
});
