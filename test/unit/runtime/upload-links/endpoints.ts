/** Endpoints that give upload links: for forms and raw bodies, with folders, rows, quotas, limits, and a query before. */
import { authentication } from "../../compiler/support.ts";

export const tableOf = (): string =>
  "CREATE TABLE IF NOT EXISTS linked_things (id text PRIMARY KEY NOT NULL, owner text NOT NULL, title text)";

const upload = (uploads: object) => ({
  id: 1,
  mode: "UPLOAD",
  uploads: { allowed_mimetypes: ["image/png", "text/plain"], max_upload_file_size: 100_000, links: true, ...uploads },
});
const insert = (title: string) => ({
  id: 2,
  mode: "QUERY",
  sql_query: {
    query: "INSERT INTO linked_things (id, owner, title) VALUES ($1, $2, $3) RETURNING owner, title",
    parameters: ["$GENERATOR.UUID", "$PROTECTED.id", title],
  },
});
const endpoint = (id: string, actionables: readonly object[], more: object = {}) => ({
  id: `${id}-01`,
  resource: id,
  ...authentication,
  actionables,
  ...more,
});

export const abis: readonly { readonly id: string }[] = [
  endpoint("things", [upload({ max_file_uploads: 4, raw: true })]),
  endpoint("others", [upload({ raw: true })]),
  endpoint("folders", [upload({ upload_folder: "in/$PAYLOAD.album" })]),
  endpoint("rows", [upload({}), insert("$PAYLOAD.title")]),
  endpoint("of-album", [upload({ raw: true }), insert("$PARAM.album")], { resource: "albums/:album/photos" }),
  endpoint("titled", [upload({}), insert("$QUERY.title")], {
    query_parameters: { title: { type: "STRING", optional: true } },
  }),
  endpoint("fields", [
    upload({
      max_upload_file_size: 1000,
      fields: { photo: { allowed_mimetypes: ["image/png"] }, note: { allowed_mimetypes: ["text/*"], max_files: 3 } },
    }),
  ]),
  endpoint("required", [upload({ fields: { photo: { required: true, allowed_mimetypes: ["image/*"] }, note: {} } })]),
  endpoint("quota", [upload({ quota: { files: 2, per: "$PROTECTED.id" } })]),
  endpoint("limited", [upload({})], { rate_limit: { limit: 3, identifier: "$PROTECTED.id", expires_after: 3600 } }),
  endpoint("bounded", [upload({ links: { max_uploads: 5, max_expires: 60 } })]),
  endpoint("pieces", [upload({ resumable: true, raw: true }), insert("$PAYLOAD.title")]),
  endpoint("putting", [upload({ raw: true })], { methods: ["PUT"] }),
  endpoint("no-links", [upload({ links: false })]),
  endpoint("first", [insert("$PAYLOAD.title"), upload({})]),
  endpoint("paused", [upload({})], { maintenance: true }),
  endpoint("delete-some", [{ id: 1, mode: "UPLOAD", uploads: { delete_files: true } }]),
];
