/** Endpoints that delete the files which a statement's rows or a field name. */
import { authentication } from "../../../compiler/support.ts";

export const tableOf = (): string =>
  "CREATE TABLE letters (id text PRIMARY KEY NOT NULL, owner text NOT NULL, file_key text, other text)";

const query = (query: string, parameters: readonly (string | number)[], more: object = {}) => ({
  mode: "QUERY",
  sql_query: { query, parameters },
  ...more,
});
const removal = (keys: string | true, more: object = {}) => ({
  mode: "UPLOAD",
  uploads: { delete_files: keys },
  ...more,
});
const upload = {
  mode: "UPLOAD",
  uploads: { allowed_mimetypes: ["*/*"], max_file_uploads: 100, max_upload_file_size: 100_000 },
};
const endpoint = (id: string, ...actionables: readonly object[]) => ({
  id,
  resource: id,
  ...authentication,
  actionables: actionables.map((actionable, index) => ({ id: index + 1, ...actionable })),
});
const adding = query("INSERT INTO letters (id, owner, file_key) VALUES ($1, $2, $3) RETURNING id", [
  "$PAYLOAD.id",
  "$PROTECTED.id",
  "$PAYLOAD.key",
]);
/** A row that is there already makes it fail. */
const failing = query("INSERT INTO letters (id, owner) VALUES ('taken', $1) RETURNING id", ["$PROTECTED.id"]);
const own = "DELETE FROM letters WHERE owner = $1 RETURNING id, file_key";

export const abis: readonly { readonly id: string }[] = [
  endpoint("store", upload),
  endpoint("add", adding),
  endpoint(
    "drop",
    query("DELETE FROM letters WHERE owner = $2 AND id = $1 RETURNING file_key, id", ["$PAYLOAD.id", "$PROTECTED.id"]),
    removal("file_key"),
  ),
  endpoint("drop-all", query(own, ["$PROTECTED.id"]), removal("file_key")),
  endpoint("drop-all-rows", query(own, ["$PROTECTED.id"], { main_returnable: true }), removal("file_key")),
  endpoint("drop-any", query("DELETE FROM letters RETURNING file_key", []), removal("file_key")),
  endpoint("drop-must", query(own, ["$PROTECTED.id"], { must_return_value: true }), removal("file_key")),
  endpoint("drop-then-fail", query(own, ["$PROTECTED.id"]), removal("file_key"), failing),
  endpoint(
    "archive",
    query("UPDATE letters SET other = 'gone' WHERE owner = $1 RETURNING file_key AS old_key", ["$PROTECTED.id"]),
    removal("old_key"),
  ),
  endpoint(
    "select-then-clear",
    query("SELECT file_key AS old_key FROM letters WHERE owner = $1 ORDER BY id", ["$PROTECTED.id"]),
    removal("old_key"),
    query("UPDATE letters SET file_key = NULL WHERE owner = $1", ["$PROTECTED.id"]),
  ),
  endpoint(
    "drop-stored",
    query("SELECT storage_key FROM files WHERE owner = $1 AND status = 'stored'", ["$PROTECTED.id"]),
    removal("storage_key"),
  ),
  endpoint(
    "cased",
    query("SELECT CASE WHEN id = 'n' THEN other ELSE file_key END AS k FROM letters ORDER BY id", []),
    removal("k"),
  ),
  endpoint("exchange", query(own, ["$PROTECTED.id"]), removal("file_key"), upload, {
    mode: "QUERY",
    sql_query: {
      query: "INSERT INTO letters (id, owner, file_key) VALUES ($1, $2, $3) RETURNING id, file_key",
      parameters: ["$GENERATOR.UUID", "$PROTECTED.id", "storage_key"],
      multi: true,
    },
  }),
  endpoint("upload-and-drop", upload, removal("$PAYLOAD.remove")),
  endpoint("upload-and-drop-then-fail", upload, removal("$PAYLOAD.remove"), failing),
  endpoint("exchange-then-fail", query(own, ["$PROTECTED.id"]), removal("file_key"), upload, failing),
  endpoint("drop-field", removal("$PAYLOAD.keys")),
];
