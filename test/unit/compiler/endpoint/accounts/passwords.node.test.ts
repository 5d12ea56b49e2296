import { expect, test } from "vitest";
import { featuresOf } from "../../../../../src/compiler/emit.ts";
import { asQuery, compile, diagnose, migrations, plan, query } from "../../support.ts";
import { openTarget } from "../../../../../src/compiler/sql/open-target.ts";
import { sqliteTarget } from "../../../../../src/compiler/sql/sqlite/target.ts";

type Members = Record<string, unknown>;

const endpoint = (actionables: readonly Members[], more: Members = {}): Members => ({
  id: "test-01",
  resource: "test",
  actionables,
  ...more,
});
const bcrypt = { property: "title", algorithm: "BCRYPT" };
const insert = "INSERT INTO albums (id, owner, title) VALUES ($1, $2, $3) RETURNING id, title";
const values = ["$GENERATOR.UUID", "$PAYLOAD.name", "$PAYLOAD.title"];
/** `title` is the password. */
const hashing = (hashable: Members = bcrypt, parameters: readonly unknown[] = values, more: Members = {}) =>
  query(1, insert, parameters, { hashables: [hashable], ...more });
const verifying = (
  hashable: Members = bcrypt,
  sql = "SELECT id, title FROM albums WHERE id = $1",
  more: Members = {},
) => query(1, sql, ["$PAYLOAD.name"], { verify_hashables: [hashable], ...more });

test("stand in the plan, and bundle what they need", async () => {
  const compiled = await plan(endpoint([hashing()]));
  expect(asQuery(compiled.steps[0]).passwords).toEqual({
    hashes: [{ property: "title", algorithm: "bcrypt", cost: 12 }],
    verifies: [],
  });
  expect(compiled.isSecret).toBe(true);
  expect(featuresOf([compiled], false)).toEqual(["passwords", "bcrypt"]);
  const other = await plan(endpoint([verifying({ ...bcrypt, algorithm: "ARGON2" })]));
  expect(asQuery(other.steps[0])).toMatchObject({
    send: "now",
    checks: [],
    passwords: { verifies: [{ property: "title", algorithm: "argon2", cost: 2 }] },
  });
  expect(featuresOf([other], false)).toEqual(["passwords", "argon2"]);
});

test("a statement that verifies has no guard: a row that is not there is a wrong password", async () => {
  const { steps } = await plan(endpoint([verifying(bcrypt, undefined, { must_return_value: true })]));
  expect(asQuery(steps[0]).checks).toEqual([]);
  expect(asQuery(steps[0]).sql).not.toContain("guard");
});

test("an unknown user costs what the ABIs' own hashes do, or what the author says", async () => {
  const signUp = { ...endpoint([hashing({ ...bcrypt, options: { rounds_cost: 10 } })]), id: "up", resource: "up" };
  const costOf = async (...abis: Members[]) => asQuery((await plan(...abis)).steps[0]).passwords?.verifies[0]?.cost;
  expect(await costOf(endpoint([verifying()]), signUp)).toBe(10);
  expect(await costOf(endpoint([verifying()]))).toBe(12);
  expect(await costOf(endpoint([verifying({ ...bcrypt, options: { rounds_cost: 14 } })]), signUp)).toBe(14);
});

test("a password before an upload must come before the files", async () => {
  const upload = { id: 2, mode: "UPLOAD", uploads: { allowed_mimetypes: ["image/png"] } };
  const compiled = await plan(endpoint([verifying(), upload]));
  expect(compiled.steps[1]).toMatchObject({ earlyFields: [{ name: "name" }, { name: "title" }] });
});

test.each<[string, Members, string]>([
  [
    "3 rounds",
    hashing({ ...bcrypt, options: { rounds_cost: 3 } }),
    "/hashables/0/options/rounds_cost: bcrypt takes 4 to 31",
  ],
  [
    "32 rounds",
    hashing({ ...bcrypt, options: { rounds_cost: 32 } }),
    "/hashables/0/options/rounds_cost: must be at most 31",
  ],
  [
    "31 rounds",
    hashing({ ...bcrypt, options: { rounds_cost: 31 } }),
    "takes about 2499 minutes of a Worker's processor; expected 10 to 15",
  ],
  ["16 rounds", hashing({ ...bcrypt, options: { rounds_cost: 16 } }), "takes about 5 seconds of a Worker's processor"],
  [
    "half a round",
    hashing({ ...bcrypt, options: { rounds_cost: 9.5 } }),
    "/hashables/0/options/rounds_cost: expected a whole number",
  ],
  [
    "one pass of argon2id",
    hashing({ ...bcrypt, algorithm: "ARGON2", options: { rounds_cost: 1 } }),
    "is too little for argon2id; expected 2 to 31",
  ],
  [
    "a salt",
    hashing({ ...bcrypt, options: { salt: "$ENV.MY_HASHING_SALT" } }),
    "/hashables/0/options/salt: with one salt for all, equal passwords have equal hashes",
  ],
  [
    "another algorithm",
    hashing({ ...bcrypt, algorithm: "SHA256" }),
    '/hashables/0/algorithm: expected "BCRYPT" or "ARGON2", found "SHA256"',
  ],
  [
    "a misspelt property",
    hashing({ ...bcrypt, propertie: 1 }),
    '/hashables/0/propertie: unknown property "propertie"; expected property, algorithm, options. Did you mean "property"?',
  ],
  [
    "a misspelt option",
    hashing({ ...bcrypt, options: { round_cost: 12 } }),
    'options/round_cost: unknown property "round_cost"; expected rounds_cost, salt. Did you mean "rounds_cost"?',
  ],
  ["a path", hashing({ ...bcrypt, property: "user.password" }), "/hashables/0/property: expected a plain name"],
  [
    "a field that nothing binds",
    hashing({ ...bcrypt, property: "password" }),
    '/hashables/0/property: no parameter is the payload field "password"; write $PAYLOAD.password',
  ],
  [
    "a field inside a text",
    hashing(bcrypt, ["$GENERATOR.UUID", "$PAYLOAD.title", "x-$PAYLOAD.title"]),
    'reads the password "title" as it was sent',
  ],
  [
    "something in the field",
    hashing(bcrypt, ["$GENERATOR.UUID", "$PAYLOAD.title.a", "$PAYLOAD.title"]),
    'reads the password "title" as it was sent',
  ],
  [
    "a field twice",
    query(1, insert, values, { hashables: [bcrypt, bcrypt] }),
    "/hashables/1/property: this field is listed twice",
  ],
  [
    "a list of passwords",
    hashing(bcrypt, values, { multi: true }),
    "/hashables: one call hashes no list of passwords: expected no multi",
  ],
  [
    "documents",
    {
      id: 1,
      mode: "QUERY",
      mongo_query: { collection: "c", action: "INSERT", parameters: ["title"] },
      hashables: [bcrypt],
    },
    "passwords need sql_query",
  ],
  [
    "a column that is not selected",
    verifying(bcrypt, "SELECT id FROM albums WHERE id = $1"),
    '/verify_hashables/0/property: the rows have no column "title": select it',
  ],
  [
    "a statement that writes",
    verifying(bcrypt, "UPDATE albums SET owner = 'x' WHERE id = $1 RETURNING id, title"),
    "expected a SELECT that only reads",
  ],
  [
    "a salt to verify with",
    verifying({ ...bcrypt, options: { salt: "x" } }),
    '/verify_hashables/0/options/salt: unknown property "salt"; expected rounds_cost',
  ],
  [
    "a hash that is answered",
    verifying(bcrypt, undefined, { returnables: ["id", "title"] }),
    '/returnables/1: actionable 1 never returns "title"; expected id',
  ],
  [
    "a hash that is answered by its column",
    query(1, insert, ["$GENERATOR.UUID", "$PROTECTED.id", "$PAYLOAD.secret"], {
      hashables: [{ property: "secret", algorithm: "BCRYPT" }],
      returnables: ["id", "title"],
    }),
    '/returnables/1: actionable 1 never returns "title"; expected id',
  ],
])("refuses %s", async (_, actionable, line) => {
  expect((await diagnose(endpoint([actionable]))).join("\n")).toContain(line);
});

test.each<[string, Members, string]>([
  [
    "a step that stores the password as it was sent",
    endpoint([
      hashing(),
      query(2, "INSERT INTO albums (id, owner) VALUES ($1, $2)", ["$GENERATOR.UUID", "$PAYLOAD.title"]),
    ]),
    '/actionables/1: reads the password "title" as it was sent',
  ],
  [
    "a step that stores the whole payload",
    endpoint([
      verifying(),
      query(2, "INSERT INTO albums (id, owner, settings) VALUES ($1, $1, $2)", ["$GENERATOR.UUID", "$PAYLOAD"]),
    ]),
    '/actionables/1: reads the password "title" as it was sent',
  ],
  [
    "a later step that reads the hash",
    endpoint([
      verifying(),
      query(2, "SELECT id FROM albums WHERE title = $1", ["stored"], {
        extract_response_for: [{ extract: "title", for: "stored" }],
      }),
    ]),
    "/extract_response_for/0/extract",
  ],
  ["a job", endpoint([hashing(bcrypt, values, { run_in_background: true })]), "a password is never kept for later"],
  [
    "a schedule",
    endpoint([hashing()], { cron_job: { execution_interval: "0 * * * *" } }),
    "/cron_job: nobody sends a scheduled run a password",
  ],
  [
    "a claim of the hash",
    endpoint([verifying()], {
      tokenize: {
        type: "JWT",
        algorithm: "HS256",
        encryption_key: "$ENV.JWT_SECRET_KEY",
        expiration: 60,
        custom_claim_fields: ["id", "title"],
      },
      returnables: ["token"],
    }),
    '/tokenize/custom_claim_fields/1: the row has no field "title"',
  ],
])("refuses %s", async (_, source, line) => {
  expect((await diagnose(source)).join("\n")).toContain(line);
});

test("warns of a cost that soon is guessed", async () => {
  expect(await diagnose(endpoint([hashing({ ...bcrypt, options: { rounds_cost: 9 } })]))).toEqual([
    "a.json/actionables/0/hashables/0/options/rounds_cost: warning: a stolen hash is soon guessed; expected 10 or more",
  ]);
});

test("a job beside them keeps the payload without the passwords", async () => {
  const later = query(2, "UPDATE albums SET rating = 1 WHERE owner = $1", ["$PAYLOAD.name"], {
    run_in_background: true,
  });
  const { background } = await plan(endpoint([hashing(), later]));
  expect(background?.reads).toMatchObject({ payload: true, secrets: ["title"] });
});

/** Written after Sub0's page on accounts, but for the salt. */
test("a sign-up and a sign-in in Sub0's form compile without a warning", async () => {
  const users = `CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL, name TEXT, email TEXT UNIQUE NOT NULL, password TEXT,
    wallet_balance REAL, created_at TIMESTAMP, updated_at TIMESTAMP, deleted_at TIMESTAMP)`;
  const database = openTarget(sqliteTarget, [...migrations, { name: "users.sql", sql: `${users};` }]);
  const tokenize = {
    custom_claim_fields: ["id", "email"],
    type: "JWT",
    algorithm: "HS256",
    expiration: 3600,
    encryption_key: "$ENV.JWT_SECRET_KEY",
    property_name: "token",
  };
  const rule = (name: string, type: string, limits: Members) => ({ field: { [name]: { type } }, ...limits });
  const login = [
    rule("email", "EMAIL", { max_length: 255 }),
    rule("password", "STRING", { min_length: 8, max_length: 255 }),
  ];
  const signUp = {
    id: "wallet-sign-up-01",
    resource: "sign-up",
    tokenize,
    actionables: [
      {
        id: 1,
        mode: "QUERY",
        payload_validation: [rule("name", "STRING", { min_length: 2, max_length: 255 }), ...login],
        hashables: [{ property: "password", algorithm: "BCRYPT", options: { rounds_cost: 12 } }],
        sql_query: {
          query:
            "INSERT INTO users (id, name, email, password, wallet_balance, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6::timestamptz, $7::timestamptz) RETURNING id, name, email",
          parameters: ["$GENERATOR.KSUID", "name", "email", "password", 0, "$DATETIME", "$DATETIME"],
          unique: ["email"],
        },
        returnables: ["id", "name", "email", "token"],
      },
    ],
    returnables: ["id", "name", "email", "token"],
  };
  const signIn = {
    id: "wallet-sign-in-01",
    resource: "sign-in",
    tokenize,
    actionables: [
      {
        id: 1,
        mode: "QUERY",
        payload_validation: login,
        sql_query: {
          query: "SELECT id, name, email, password FROM users WHERE email = $1 AND deleted_at IS NULL",
          parameters: ["email"],
        },
        verify_hashables: [{ property: "password", algorithm: "BCRYPT" }],
        must_return_value: true,
      },
    ],
    returnables: ["id", "name", "email", "token"],
  };
  const { plans, diagnostics } = await compile([signUp, signIn], { database });
  expect(diagnostics).toEqual([]);
  expect(plans).toHaveLength(2);
  await database.close();
});
