/** Endpoints of accounts: they sign up and in, refresh a token, and read with it. */

export const tableOf = (engine: "d1" | "postgres"): string =>
  `CREATE TABLE people (
    id text PRIMARY KEY NOT NULL, email text NOT NULL, password text, role text, number ${engine === "d1" ? "integer" : "bigint"},
    notes ${engine === "d1" ? "json" : "jsonb"}
  )`;

const query = (query: string, parameters: readonly unknown[], more: object = {}) => ({
  mode: "QUERY",
  sql_query: { query, parameters },
  ...more,
});
const endpoint = (id: string, members: object, ...actionables: readonly object[]) => ({
  id,
  resource: id,
  ...members,
  actionables: actionables.map((actionable, index) => ({ id: index + 1, ...actionable })),
});
const key = { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" };
const issuing = (members: object = {}) => ({
  tokenize: { ...key, expiration: 3600, custom_claim_fields: ["id", "email"], property_name: "token", ...members },
});
const protection = { protected: { provide_as: "Authorization", extract_claims: ["id"] } };

const insert =
  "INSERT INTO people (id, email, role, number, notes) VALUES ($1, $2, $3, $4, $5) RETURNING id, email, role, number, notes";
const person = ["$PAYLOAD.id", "$PAYLOAD.email", "$PAYLOAD.role", "$PAYLOAD.number", "$PAYLOAD.notes"];
const byEmail = query("SELECT id, email, role, number, notes FROM people WHERE email = $1", ["$PAYLOAD.email"]);

/** Sub0's own form of a sign-up and a sign-in: bare names, declared by their rules. */
const rules = (...names: readonly string[]) => ({
  payload_validation: names.map((name) => ({
    field: { [name]: { type: name === "email" ? "EMAIL" : "STRING" } },
    max_length: 5000,
  })),
});
const passwordEndpoints = (suffix: string, hashable: object) => [
  endpoint(
    `sign-up${suffix}`,
    { ...issuing(), returnables: ["id", "email", "token"] },
    query(
      "INSERT INTO people (id, email, password) VALUES ($1, $2, $3) RETURNING *",
      ["$GENERATOR.UUID", "email", "password"],
      {
        ...rules("email", "password"),
        hashables: [{ property: "password", ...hashable }],
      },
    ),
  ),
  endpoint(
    `sign-in${suffix}`,
    issuing(),
    query("SELECT * FROM people WHERE email = $1", ["email"], {
      ...rules("email"),
      verify_hashables: [{ property: "password", ...hashable }],
      must_return_value: true,
      returnables: ["id", "email", "token"],
    }),
  ),
];

export const abis: readonly { readonly id: string }[] = [
  endpoint("register", issuing(), query(insert, person, { returnables: ["id", "token"] })),
  // The endpoint's list names it, the actionable's picks the rest.
  endpoint("enter", { ...issuing(), returnables: ["id", "token"] }, { ...byEmail, returnables: ["id", "email"] }),
  ...passwordEndpoints("", { algorithm: "BCRYPT", options: { rounds_cost: 4 } }),
  ...passwordEndpoints("-argon2", { algorithm: "ARGON2" }),
  // Everything that the statements leave is answered.
  endpoint(
    "sign-up-bare",
    {},
    query(
      "INSERT INTO people (id, email, password) VALUES ($1, $1, $2) RETURNING *",
      ["$PAYLOAD.email", "$PAYLOAD.password"],
      {
        hashables: [{ property: "password", algorithm: "BCRYPT", options: { rounds_cost: 4 } }],
      },
    ),
  ),
  endpoint(
    "sign-in-bare",
    {},
    query("SELECT * FROM people WHERE email = $1", ["$PAYLOAD.email"], {
      verify_hashables: [{ property: "password", algorithm: "BCRYPT", options: { rounds_cost: 4 } }],
    }),
  ),
  endpoint(
    "change-password",
    { tokenize: key, ...protection },
    {
      ...query("SELECT id, password FROM people WHERE id = $1", ["$PROTECTED.id"], {
        verify_hashables: [{ property: "password", algorithm: "BCRYPT" }],
        no_op: true,
      }),
    },
    {
      ...query(
        "UPDATE people SET password = $1 WHERE id = $2 RETURNING *",
        ["$PAYLOAD.new_password", "$PROTECTED.id"],
        {
          hashables: [{ property: "new_password", algorithm: "BCRYPT", options: { rounds_cost: 4 } }],
          depends_on: [{ resource_id: "self", action_ids: [1] }],
        },
      ),
    },
  ),
  // A mail that welcomes is a job, which reads another field of the payload that has the password.
  endpoint(
    "sign-up-later",
    {},
    query(
      "INSERT INTO people (id, email, password) VALUES ($1, $1, $2) RETURNING id",
      ["$PAYLOAD.email", "$PAYLOAD.password"],
      {
        hashables: [{ property: "password", algorithm: "BCRYPT", options: { rounds_cost: 4 } }],
        returnables: ["id"],
      },
    ),
    query("UPDATE people SET role = $1 WHERE id = $2", ["$PAYLOAD.role", "$PAYLOAD.email"], {
      run_in_background: true,
    }),
  ),
  endpoint(
    "enter-as",
    {
      ...issuing({ custom_claim_fields: ["id", "role", "number", "notes"], property_name: "jwt" }),
      returnables: ["jwt"],
    },
    byEmail,
  ),
  endpoint(
    "enter-512",
    { ...issuing({ algorithm: "HS512", encryption_key: "$ENV.LONG_KEY" }), returnables: ["token"] },
    byEmail,
  ),
  endpoint(
    "enter-for",
    { ...issuing({ audience: "$ENV.AUDIENCE", issuer: "https://issuer.example" }), returnables: ["token"] },
    byEmail,
  ),
  endpoint(
    "refresh",
    { ...issuing({ custom_claim_fields: ["id"] }), ...protection, returnables: ["token"] },
    query("SELECT id FROM people WHERE id = $1", ["$PROTECTED.id"]),
  ),
  endpoint(
    "who",
    { tokenize: key, ...protection },
    query("SELECT id, email FROM people WHERE id = $1", ["$PROTECTED.id"], { data_shape: "object" }),
  ),
  endpoint(
    "exchange",
    { ...issuing({ custom_claim_fields: ["id"] }), ...protection, invalidate_tokenize: {}, returnables: ["token"] },
    query("SELECT id FROM people WHERE id = $1", ["$PROTECTED.id"]),
  ),
  endpoint("leave", { tokenize: key, ...protection, invalidate_tokenize: {} }),
  endpoint("leave-all", {
    tokenize: key,
    invalidate_tokenize: { tokens: "$PAYLOAD.tokens", expires_after: 86_400 },
  }),
  endpoint(
    "leave-with-row",
    { tokenize: key, ...protection, invalidate_tokenize: { tokens: ["$HEADER.Authorization", "refresh_token"] } },
    query("UPDATE people SET role = 'left' WHERE id = $1 RETURNING role", ["$PROTECTED.id"], {
      must_return_value: true,
    }),
  ),
  endpoint(
    "who-512",
    { tokenize: { ...key, algorithm: "HS512", encryption_key: "$ENV.LONG_KEY" }, ...protection },
    query("SELECT id FROM people WHERE id = $1", ["$PROTECTED.id"], { data_shape: "object" }),
  ),
  endpoint(
    "who-for",
    { tokenize: { ...key, audience: ["$ENV.AUDIENCE", "others"], issuer: "https://issuer.example" }, ...protection },
    query("SELECT id FROM people WHERE id = $1", ["$PROTECTED.id"], { data_shape: "object" }),
  ),
];
