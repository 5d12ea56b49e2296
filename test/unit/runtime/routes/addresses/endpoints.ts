/** Endpoints that are called with GET, and that read their addresses. */
import { authentication } from "../../../compiler/support.ts";

export const tableOf = (): string =>
  "CREATE TABLE bills (id text PRIMARY KEY NOT NULL, owner text NOT NULL, total integer, file_key text)";

const query = (query: string, parameters: readonly string[], more: object = {}) => ({
  mode: "QUERY",
  sql_query: { query, parameters },
  ...more,
});
const endpoint = (id: string, resource: string, more: object, ...actionables: readonly object[]) => ({
  id,
  resource,
  ...authentication,
  ...more,
  actionables: actionables.map((actionable, index) => ({ id: index + 1, ...actionable })),
});
const get = { methods: ["GET"] };
const open = { ...get, tokenize: undefined, protected: undefined };
const files = { allowed_mimetypes: ["*/*"], visibility: "private", max_upload_file_size: 10_000 };
const own = "SELECT id, total FROM bills WHERE owner = $1";

export const abis: readonly { readonly id: string }[] = [
  endpoint(
    "list-receipts",
    "receipts",
    {
      ...get,
      query_parameters: {
        limit: { type: "NUMBER", integer: true, min: 1, max: 100, default: 50 },
        least: { type: "NUMBER", optional: true },
        q: { type: "STRING", trim: true, max_length: 20, optional: true, message: "expected a word" },
        "sent-by": { type: "EMAIL", optional: true },
      },
    },
    query(
      `${own} AND ($2::int IS NULL OR total >= $2::int) AND ($3::text IS NULL OR id = $3::text)
       AND ($4::text IS NULL OR owner = $4::text) ORDER BY id LIMIT $5`,
      ["$PROTECTED.id", "$QUERY.least", "$QUERY.q", "$QUERY.sent-by", "$QUERY.limit"],
      { data_shape: "list" },
    ),
  ),
  endpoint(
    "add-receipt",
    "receipts",
    {},
    query("INSERT INTO bills (id, owner, total) VALUES ($1, $2, $3) RETURNING id", [
      "$PAYLOAD.id",
      "$PROTECTED.id",
      "$PAYLOAD.total",
    ]),
  ),
  endpoint("one-receipt", "receipts/:id", get, query(`${own} AND id = $2`, ["$PROTECTED.id", "$PARAM.id"])),
  endpoint(
    "change-receipt",
    "receipts/:id",
    { methods: ["POST"], query_parameters: { by: { type: "NUMBER", default: 1 } } },
    query(
      "UPDATE bills SET total = total + $3::int WHERE owner = $1 AND id = $2 RETURNING id, total",
      ["$PROTECTED.id", "$PARAM.id", "$QUERY.by"],
      { must_return_value: true },
    ),
  ),
  endpoint(
    "total-of-receipt",
    "receipts/:id/total",
    get,
    query(`${own} AND id = $2`, ["$PROTECTED.id", "$PARAM.id"], { must_return_value: true }),
  ),
  endpoint("new-receipt", "receipts/new", open, query("SELECT 'a form' AS answer", [])),
  endpoint(
    "by-day",
    "receipts/by-day/:day/:nth",
    {
      ...open,
      path_parameters: { day: { type: "STRING", format: "date" }, nth: { type: "NUMBER", integer: true, min: 0 } },
    },
    query("SELECT $1::text AS day, $2::int AS nth", ["$PARAM.day", "$PARAM.nth"]),
  ),
  endpoint(
    "add-photo",
    "receipts/:id/photos",
    {},
    { mode: "UPLOAD", uploads: files, returnables: ["storage_key"] },
    query("INSERT INTO bills (id, owner, file_key) VALUES ($1, $2, $3) RETURNING id, file_key", [
      "$PARAM.id",
      "$PROTECTED.id",
      "storage_key",
    ]),
  ),
  endpoint(
    "photos",
    "photos",
    get,
    query("SELECT id, file_key FROM bills WHERE owner = $1 ORDER BY id", ["$PROTECTED.id"], {
      links: { download_url: "file_key" },
      data_shape: "list",
      returnables: ["id", "download_url"],
    }),
  ),
  endpoint(
    "echo-value",
    "echo/:value",
    { ...open, methods: ["GET", "POST"] },
    query("SELECT $1::text AS value, $2::text AS text", ["$PARAM.value", "<$PARAM.value>"]),
  ),
  endpoint("all-jobs", "jobs", open, query("SELECT 'all' AS value", [])),
  endpoint("applications", "jobs/applications", open, query("SELECT 'applications' AS value", [])),
  endpoint(
    "one-job",
    "jobs/:title",
    { ...open, path_parameters: { title: { type: "STRING", max_length: 31 } } },
    query("SELECT $1::text AS value", ["$PARAM.title"]),
  ),
];
