/** Endpoints that take a file as a body of its own: of any name, for named fields, with a row, in a job, by PUT alone. */
import { authentication } from "../../../compiler/support.ts";

export const tableOf = (engine: "d1" | "postgres"): string => {
  const whole = engine === "d1" ? "INTEGER" : "bigint";
  return `CREATE TABLE shots (id text PRIMARY KEY NOT NULL, owner text NOT NULL, album text NOT NULL, title text,
    storage_key text NOT NULL, size ${whole}, width ${whole}, note text)`;
};

const endpoint = (id: string, uploads: object, more: object = {}, actionables: readonly object[] = []) => ({
  id,
  resource: id,
  ...authentication,
  actionables: [
    {
      id: 1,
      mode: "UPLOAD",
      uploads: { raw: true, max_upload_file_size: 100_000, allowed_mimetypes: ["*/*"], ...uploads },
    },
    ...actionables,
  ],
  ...more,
});

const pictures = { allowed_mimetypes: ["image/png", "image/jpeg"] };
const keeping = {
  id: 2,
  mode: "QUERY",
  sql_query: {
    query: `INSERT INTO shots (id, owner, album, title, storage_key, size, width, note)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING owner, album, title, storage_key, size, width, note`,
    parameters: [
      "$GENERATOR.UUID",
      "$PROTECTED.id",
      "$PARAM.album",
      "$QUERY.title",
      "storage_key",
      "file_size",
      "width",
      "$PAYLOAD.note",
    ],
  },
};
const shots = {
  resource: "shots/:album",
  query_parameters: { title: { type: "STRING", optional: true, max_length: 20 } },
};
const ofAlbum = { ...pictures, upload_folder: "shots/$PARAM.album", visibility: "private" };

export const abis: readonly { readonly id: string }[] = [
  endpoint("things", { max_upload_file_size: 1000 }),
  endpoint("photos", { ...pictures, fields: { photo: { required: true, max_upload_file_size: 1000 } } }),
  endpoint("papers", {
    fields: { document: { allowed_mimetypes: ["application/pdf"] }, selfie: { ...pictures, required: true } },
  }),
  endpoint("shots", ofAlbum, shots, [keeping]),
  endpoint("shots-job", ofAlbum, { ...shots, resource: "shots-job/:album", run_in_background: true }, [keeping]),
  endpoint("putting", {}, { methods: ["PUT"] }),
  endpoint("posting", {}, { methods: ["POST"] }),
  endpoint("avatar", {
    ...pictures,
    replaces: true,
    strip_metadata: true,
    strict_images: true,
    thumbnails: [{ name: "small", max_edge: 16 }],
  }),
  endpoint("allowance", { quota: { bytes: 150, per: "$PROTECTED.id" } }),
  endpoint("noted", {}, {}, [
    {
      id: 2,
      mode: "QUERY",
      sql_query: { query: "SELECT $1 AS note, $2 AS size", parameters: ["$PAYLOAD.note", "file_size"] },
      payload_validation: [{ field: { note: { type: "STRING", default: "none" } } }],
    },
  ]),
  // Beside one that takes raw bodies: as ever.
  {
    id: "form-only",
    resource: "form-only",
    ...authentication,
    actionables: [{ id: 1, mode: "UPLOAD", uploads: { allowed_mimetypes: ["*/*"] } }],
  },
];
