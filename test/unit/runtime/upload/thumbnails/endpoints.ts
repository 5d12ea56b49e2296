/** Endpoints of which pictures get thumbnails. */
import { authentication } from "../../../compiler/support.ts";

const thumbnails = [
  { name: "small", max_edge: 32 },
  { name: "large", max_edge: 64, quality: 90 },
];
const upload = (uploads: object = {}, more: object = {}) => ({
  id: 1,
  mode: "UPLOAD",
  uploads: {
    allowed_mimetypes: ["image/*", "application/pdf"],
    max_file_uploads: 3,
    max_upload_file_size: 1_000_000,
    thumbnails,
    ...uploads,
  },
  ...more,
});
const endpoint = (id: string, ...actionables: readonly object[]) => ({
  id,
  resource: id,
  ...authentication,
  actionables,
});

/** Nothing but the runtime's own. */
export const tableOf = (): string => "CREATE TABLE shown_things (id text PRIMARY KEY NOT NULL, thumbnail text)";

export const abis: readonly { readonly id: string }[] = [
  endpoint("photo", upload()),
  endpoint("photo-private", upload({ visibility: "private" })),
  endpoint("photo-quiet", upload({}, { returnables: ["storage_key", "url", "dominant_color"] })),
  endpoint("photo-for-an-hour", upload({ expiration: 3600 })),
  endpoint("photo-of-mine", upload({ replaces: true })),
  endpoint("photo-managed", upload({ file_api: true })),
  endpoint("photo-without", upload({ thumbnails: undefined })),
  endpoint("photo-in-field", upload({ fields: { paper: {}, photo: {} } })),
  endpoint("photo-in-one-field", upload({ thumbnails: undefined, fields: { paper: {}, photo: { thumbnails } } })),
  endpoint("photo-with-row", upload({ max_file_uploads: 1 }), {
    id: 2,
    mode: "QUERY",
    sql_query: {
      query: "INSERT INTO shown_things (id, thumbnail) VALUES ($1, $2) RETURNING id, thumbnail",
      parameters: ["$PAYLOAD.id", "thumbnail_url"],
    },
  }),
  endpoint("forget", { id: 1, mode: "UPLOAD", uploads: { delete_files: true } }),
];
