/** Endpoints whose files take the place of the caller's earlier ones. */
import { authentication } from "../../../compiler/support.ts";

const upload = (more: object = {}) => ({
  id: 1,
  mode: "UPLOAD",
  uploads: { allowed_mimetypes: ["image/png"], max_file_uploads: 2, max_upload_file_size: 100_000, ...more },
});
const endpoint = (id: string, ...actionables: readonly object[]) => ({
  id,
  resource: id,
  ...authentication,
  actionables,
});

/** Nothing but the runtime's own. */
export const tableOf = (): string => "CREATE TABLE replaced_things (id text PRIMARY KEY NOT NULL)";

export const abis: readonly { readonly id: string }[] = [
  endpoint("avatar", upload({ replaces: true })),
  endpoint("banner", upload({ replaces: true })),
  endpoint("photo", upload()),
  endpoint("avatar-once", upload({ replaces: true }), {
    id: 2,
    mode: "QUERY",
    sql_query: { query: "INSERT INTO replaced_things (id) VALUES ($1) RETURNING id", parameters: ["$PAYLOAD.id"] },
  }),
  endpoint("cover", upload({ replaces: "$PAYLOAD.album" })),
  endpoint("team-logo", upload({ replaces: "$PROTECTED.email" })),
  endpoint("papers-of", upload({ replaces: "team-$PAYLOAD.team", fields: { document: {}, extras: { max_files: 3 } } })),
  endpoint("papers", upload({ replaces: true, fields: { document: {}, selfie: {}, extra: { replaces: false } } })),
  // On D1 the first write goes ahead, because the second reads its row.
  endpoint(
    "avatar-early",
    upload({ replaces: true }),
    {
      id: 2,
      mode: "QUERY",
      sql_query: {
        query: "INSERT INTO replaced_things (id) VALUES ($1) RETURNING id AS first",
        parameters: ["$GENERATOR.UUID"],
      },
    },
    {
      id: 3,
      mode: "QUERY",
      sql_query: {
        query: "INSERT INTO replaced_things (id) SELECT $1 WHERE $2 <> '' RETURNING id",
        parameters: ["$PAYLOAD.id", "first"],
      },
    },
  ),
];
