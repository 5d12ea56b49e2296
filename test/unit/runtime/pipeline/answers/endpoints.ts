/** Endpoints whose statements say nothing of what they return. */
import { authentication } from "../../../compiler/support.ts";

export const tableOf = (engine: "d1" | "postgres"): string =>
  `CREATE TABLE shelves (id text PRIMARY KEY NOT NULL, owner text NOT NULL, "roomNo" integer, notes ${
    engine === "d1" ? "JSON" : "jsonb"
  }, made_at ${engine === "d1" ? "TIMESTAMP" : "timestamptz"}, deleted_at ${engine === "d1" ? "TIMESTAMP" : "timestamptz"})`;

const { tokenize } = authentication;
const protection = { provide_as: "x-access-token", extract_claims: ["id"] };

const query = (id: number, query: string, parameters: readonly unknown[], more: object = {}, sql: object = {}) => ({
  id,
  mode: "QUERY",
  sql_query: { query, parameters, ...sql },
  ...more,
});
const endpoint = (resource: string, actionables: readonly object[], more: object = {}) => ({
  id: `${resource}-01`,
  resource,
  tokenize,
  protected: protection,
  actionables,
  ...more,
});

const insert = `INSERT INTO shelves (id, owner, "roomNo", notes, made_at) VALUES ($1, $2, $3, $4, $5)`;
const values = ["$PAYLOAD.id", "$PROTECTED.id", "$PAYLOAD.room", "$PAYLOAD.notes", "$DATETIME"];
const columns = ["id", "roomNo", "notes", "made_at"];

const returning = [
  endpoint("put-shelf", [query(1, insert, values, { returnables: columns })]),
  endpoint("put-shelf-by-list", [query(1, insert, values)], { returnables: ["owner"] }),
  endpoint("put-shelves", [query(1, insert, values, { returnables: ["id", "notes"] }, { multi: true })]),
  endpoint("put-once", [
    query(1, `${insert} ON CONFLICT (id) DO NOTHING`, values, { returnables: ["id"], must_return_value: true }),
  ]),
  endpoint("move-shelf", [
    query(1, `UPDATE shelves SET "roomNo" = $2 WHERE id = $1`, ["$PAYLOAD.id", "$PAYLOAD.room"], {
      returnables: ["id", "roomNo"],
    }),
  ]),
  endpoint("drop-shelf", [
    query(1, "DELETE FROM shelves WHERE id = $1", ["$PAYLOAD.id"], { returnables: ["owner"], must_return_value: true }),
  ]),
  endpoint("hide-shelf", [
    query(1, "DELETE FROM shelves WHERE id = $1", ["$PAYLOAD.id"], { returnables: ["id"] }, { soft_delete: true }),
  ]),
  endpoint("put-silently", [query(1, insert, values)]),
];

const mine = "SELECT id FROM shelves WHERE owner = $1 ORDER BY id";
const combining = [
  endpoint(
    "put-and-look",
    [
      query(1, insert, values, { returnables: ["id", "roomNo"] }),
      query(2, "SELECT count(*) AS shelves FROM shelves WHERE id = $1", ["$PAYLOAD.id"]),
      query(3, mine, ["$PROTECTED.id"], { data_shape: "list" }),
      query(4, "SELECT id FROM shelves WHERE id = $1", ["$PAYLOAD.none"]),
      query(5, "SELECT owner FROM shelves WHERE id = $1", ["$PAYLOAD.id"]),
    ],
    { combine_returned_results_from: [4, 3, 2, 1] },
  ),
  endpoint(
    "look",
    [
      query(7, mine, ["$PROTECTED.id"]),
      query(2, "SELECT id, owner FROM shelves ORDER BY id", [], { data_shape: "object" }),
    ],
    { methods: ["GET"], combine_returned_results_from: [7, 2], returnables: ["id"] },
  ),
  endpoint("one-of-two", [query(1, mine, ["$PROTECTED.id"]), query(2, mine, ["$PROTECTED.id"])], {
    combine_returned_results_from: [1],
  }),
  endpoint(
    "store-and-put",
    [
      { id: 1, mode: "UPLOAD", uploads: { allowed_mimetypes: ["*/*"] }, returnables: ["file_size", "download_url"] },
      query(2, "INSERT INTO shelves (id, owner) VALUES ($1, $2)", ["storage_key", "$PROTECTED.id"], {
        returnables: ["link"],
        links: { link: "id" },
      }),
    ],
    { combine_returned_results_from: [1, 2] },
  ),
  endpoint(
    "put-and-enter",
    [
      query(1, insert, values, { returnables: ["owner"] }),
      query(2, "SELECT id, owner FROM shelves WHERE id = $1", ["$PAYLOAD.id"], { returnables: ["owner", "token"] }),
    ],
    {
      combine_returned_results_from: [1, 2],
      tokenize: { ...tokenize, expiration: 60, custom_claim_fields: ["id"] },
    },
  ),
];

export const abis: readonly { readonly id: string }[] = [...returning, ...combining];
