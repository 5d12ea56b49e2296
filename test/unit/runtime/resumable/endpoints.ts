/** Endpoints whose files may come in pieces. */
const authentication = {
  tokenize: { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" },
  protected: { provide_as: "x-access-token", extract_claims: ["id"] },
};

const upload = (uploads: object = {}) => ({
  id: 1,
  mode: "UPLOAD",
  uploads: {
    allowed_mimetypes: ["*/*"],
    max_file_uploads: 1,
    max_upload_file_size: 40_000_000,
    resumable: true,
    ...uploads,
  },
});
const insert = (more: object = {}) => ({
  id: 2,
  mode: "QUERY",
  sql_query: {
    query: "INSERT INTO taken_things (id, storage_key, size) VALUES ($1, $2, $3) RETURNING id, storage_key, size",
    parameters: ["$PAYLOAD.id", "storage_key", "file_size"],
  },
  ...more,
});
const endpoint = (id: string, actionables: readonly object[], more: object = authentication) => ({
  id: `${id}-01`,
  resource: id,
  ...more,
  actionables,
});
const perCaller = { per: "$PROTECTED.id" };

export const tableOf = (engine: "d1" | "postgres"): string =>
  `CREATE TABLE IF NOT EXISTS taken_things (
    id text PRIMARY KEY NOT NULL, storage_key text NOT NULL, size ${engine === "d1" ? "INTEGER" : "bigint"}
  )`;

export const abis: readonly { readonly id: string }[] = [
  endpoint("any", [upload()]),
  endpoint("small", [upload({ max_upload_file_size: 1000 })]),
  endpoint("pictures", [upload({ allowed_mimetypes: ["image/png", "image/jpeg"] })]),
  endpoint("open", [upload()], {}),
  endpoint("open-twin", [upload({ max_upload_file_size: 1000 })], {}),
  endpoint("fields", [
    upload({ fields: { photo: { allowed_mimetypes: ["image/png"] }, note: { allowed_mimetypes: ["text/plain"] } } }),
  ]),
  endpoint("with-row", [
    upload(),
    insert({ payload_validation: [{ field: { id: { type: "STRING", min_length: 2, max_length: 40 } } }] }),
  ]),
  endpoint("titled", [
    upload({ upload_folder: "$PAYLOAD.name" }),
    insert({
      sql_query: {
        query: "INSERT INTO taken_things (id, storage_key, size) VALUES ($1, $2, $3) RETURNING id",
        parameters: ["$PAYLOAD.name", "storage_key", "file_size"],
      },
      payload_validation: [{ field: { name: { type: "STRING" } } }],
    }),
  ]),
  endpoint("of-album", [
    upload(),
    insert({
      sql_query: {
        query: "UPDATE taken_things SET storage_key = $2 WHERE id = $1 RETURNING id, storage_key",
        parameters: ["$PAYLOAD.id", "storage_key"],
      },
      must_return_value: true,
    }),
  ]),
  endpoint("box", [upload({ quota: { bytes: 1000, ...perCaller } })]),
  endpoint("pair", [upload({ quota: { files: 2, bytes: 100_000, ...perCaller }, max_upload_file_size: 1000 })]),
  endpoint("limited", [upload()], {
    ...authentication,
    rate_limit: { limit: 2, identifier: "$PROTECTED.id", expires_after: 3600 },
  }),
  endpoint("later", [upload(), insert()], { ...authentication, run_in_background: true }),
  endpoint("photos", [
    upload({ allowed_mimetypes: ["image/*"], thumbnails: [{ name: "small", max_edge: 32 }], file_api: true }),
  ]),
];
