/** Endpoints whose files count. */
import { authentication } from "../../compiler/support.ts";

const upload = (quota: object, more: object = {}) => ({
  id: 1,
  mode: "UPLOAD",
  uploads: { allowed_mimetypes: ["text/plain", "image/png"], max_file_uploads: 4, quota, ...more },
});
const endpoint = (id: string, actionables: readonly object[], more: object = authentication) => ({
  id,
  resource: id,
  ...more,
  actionables,
});
const perCaller = { per: "$PROTECTED.id" };

export const tableOf = (): string => "CREATE TABLE quota_things (id text PRIMARY KEY NOT NULL)";

export const abis: readonly { readonly id: string }[] = [
  endpoint("fifty", [upload({ files: 50 })]),
  endpoint("box", [upload({ bytes: 1000, ...perCaller })]),
  endpoint("tray", [upload({ bytes: 1000, files: 3, ...perCaller })]),
  endpoint("daily", [upload({ files: 2, window: 3600, ...perCaller })]),
  endpoint("daily-bytes", [upload({ bytes: 1000, window: 3600, ...perCaller })]),
  endpoint("shared-one", [upload({ name: "shared", bytes: 1000, ...perCaller })]),
  endpoint("shared-two", [upload({ name: "shared", bytes: 1000, ...perCaller })]),
  endpoint("of-network", [upload({ files: 1, per: "$HEADER.ip" })], {}),
  endpoint("of-team", [upload({ files: 1, per: "$PROTECTED.email.team" })]),
  endpoint("large", [upload({ bytes: 12_000_000 })]),
  endpoint("clean", [upload({ bytes: 600 }, { strip_metadata: true, max_file_uploads: 1 })]),
  endpoint("replacing", [upload({ files: 2, ...perCaller }, { replaces: true })]),
  endpoint("brief", [upload({ files: 1 }, { expiration: 60 })]),
  endpoint("managed", [upload({ files: 1, ...perCaller }, { file_api: true })]),
  endpoint("parts", [upload({ files: 2, ...perCaller }, { fields: { one: {}, two: {} }, max_file_uploads: 1 })]),
  endpoint("with-row", [
    upload({ files: 2, ...perCaller }),
    {
      id: 2,
      mode: "QUERY",
      sql_query: { query: "INSERT INTO quota_things (id) VALUES ($1) RETURNING id", parameters: ["$PAYLOAD.id"] },
    },
  ]),
  endpoint("free", [{ id: 1, mode: "UPLOAD", uploads: { allowed_mimetypes: ["text/plain"], max_file_uploads: 4 } }]),
  endpoint("delete-some", [{ id: 1, mode: "UPLOAD", uploads: { delete_files: true } }]),
];
