/** Endpoints that answer rows with links to the files whose keys they hold. */
import { authentication } from "../../../compiler/support.ts";

export const tableOf = (): string =>
  "CREATE TABLE receipts (id text PRIMARY KEY NOT NULL, owner text NOT NULL, file_key text, other_key text)";

const query = (query: string, parameters: readonly string[]) => ({ mode: "QUERY", sql_query: { query, parameters } });
const endpoint = (id: string, ...actionables: readonly object[]) => ({
  id,
  resource: id,
  ...authentication,
  actionables: actionables.map((actionable, index) => ({ id: index + 1, ...actionable })),
});
const links = { download_url: "file_key" };

export const abis: readonly { readonly id: string }[] = [
  endpoint("store-receipt", {
    mode: "UPLOAD",
    uploads: { allowed_mimetypes: ["*/*"], visibility: "private", max_file_uploads: 100, max_upload_file_size: 10_000 },
    returnables: ["storage_key"],
  }),
  endpoint("receipts", {
    ...query("SELECT id, owner, file_key FROM receipts ORDER BY id", []),
    links,
    data_shape: "list",
    returnables: ["id", "download_url"],
  }),
  endpoint("receipts-both", {
    ...query("SELECT * FROM receipts ORDER BY id", []),
    links: { file: "file_key", other: "other_key" },
    data_shape: "list",
  }),
  endpoint("receipts-previewed", {
    ...query("SELECT id, file_key FROM receipts ORDER BY id", []),
    links: {
      small: { column: "file_key", thumbnail: "small" },
      whole: { column: "file_key", thumbnail: "whole" },
      ...links,
    },
    data_shape: "list",
  }),
  endpoint("previews", {
    ...query("SELECT id, file_key FROM receipts ORDER BY id", []),
    links: { small: { column: "file_key", thumbnail: "small" } },
    data_shape: "list",
    returnables: ["id", "small"],
  }),
  endpoint("receipt", { ...query("SELECT id, file_key FROM receipts WHERE id = $1", ["$PAYLOAD.id"]), links }),
  endpoint("add-receipt", {
    ...query("INSERT INTO receipts (id, owner, file_key) VALUES ($1, $2, $3) RETURNING id, file_key", [
      "$PAYLOAD.id",
      "$PROTECTED.id",
      "$PAYLOAD.key",
    ]),
    links,
  }),
];
