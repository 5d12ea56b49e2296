/** Endpoints that name their file fields: a person's papers, at once and in a job, and photographs with captions. */
import { authentication } from "../../../compiler/support.ts";

export const tableOf = (engine: "d1" | "postgres"): string => {
  const whole = engine === "d1" ? "INTEGER" : "bigint";
  return `CREATE TABLE papers (id text PRIMARY KEY NOT NULL, owner text NOT NULL, document_key text, selfie_key text,
    selfie_width ${whole}, letter_key text, caption text, field text)`;
};

const papers = {
  max_upload_file_size: 100_000,
  visibility: "private",
  allowed_mimetypes: ["image/png"],
  fields: {
    document: { required: true, allowed_mimetypes: ["application/pdf"], max_upload_file_size: 1000 },
    selfie: { required: true, visibility: "public", upload_folder: "selfies/$PROTECTED.id" },
    letter: { allowed_mimetypes: ["text/plain"] },
  },
};
const keeping = {
  id: 2,
  mode: "QUERY",
  sql_query: {
    query: `INSERT INTO papers (id, owner, document_key, selfie_key, selfie_width, letter_key)
      VALUES ($1, $2, $3, $4, $5, $6) RETURNING document_key, selfie_key, selfie_width, letter_key`,
    parameters: [
      "$GENERATOR.UUID",
      "$PROTECTED.id",
      "document.storage_key",
      "selfie.storage_key",
      "selfie.width",
      "letter.storage_key",
    ],
  },
};

const album = {
  max_upload_file_size: 100_000,
  allowed_mimetypes: ["image/png"],
  fields: { photos: { min_files: 1, max_files: 3 }, cover: {} },
};
const eachPhoto = (file: string) => ({
  id: 2,
  mode: "QUERY",
  sql_query: {
    query: `INSERT INTO papers (id, owner, document_key, selfie_key, caption, field)
      VALUES ($1, $2, $3, $4, $5, $6) RETURNING document_key, selfie_key, caption, field`,
    parameters: [
      "$GENERATOR.UUID",
      "$PROTECTED.id",
      `${file}storage_key`,
      "cover.storage_key",
      "$PAYLOAD.caption",
      `${file}field_name`,
    ],
    multi: true,
  },
});

const endpoint = (id: string, uploads: object, query: object, more: object = {}) => ({
  id,
  resource: id,
  ...authentication,
  actionables: [{ id: 1, mode: "UPLOAD", uploads }, query],
  ...more,
});

export const abis: readonly { readonly id: string }[] = [
  endpoint("papers", papers, keeping),
  endpoint("papers-job", papers, keeping, { run_in_background: true }),
  endpoint("album", album, eachPhoto("photos.")),
  endpoint("album-all", album, eachPhoto("")),
  { id: "bare", resource: "bare", ...authentication, actionables: [{ id: 1, mode: "UPLOAD", uploads: album }] },
  {
    id: "optional",
    resource: "optional",
    ...authentication,
    actionables: [
      { id: 1, mode: "UPLOAD", uploads: { allowed_mimetypes: ["image/png"], fields: { letter: {} } } },
      {
        id: 2,
        mode: "QUERY",
        sql_query: {
          query: "INSERT INTO papers (id, owner, letter_key) VALUES ($1, $2, $3) RETURNING owner, letter_key",
          parameters: ["$GENERATOR.UUID", "$PROTECTED.id", "letter.storage_key"],
        },
      },
    ],
  },
  {
    id: "allowed",
    resource: "allowed",
    ...authentication,
    actionables: [
      {
        id: 1,
        mode: "QUERY",
        no_op: true,
        sql_query: {
          query: "SELECT id FROM papers WHERE id = $1 AND COALESCE($2, 'ann') = owner",
          parameters: ["$PAYLOAD.circle_id", "$PAYLOAD.owner"],
        },
        payload_validation: [{ field: { owner: { type: "STRING", optional: true } } }],
      },
      {
        id: 2,
        mode: "UPLOAD",
        uploads: { allowed_mimetypes: ["*/*"], max_file_uploads: 3 },
        returnables: ["file_size"],
        depends_on: [{ resource_id: "self", action_ids: [1] }],
      },
    ],
  },
  {
    id: "some",
    resource: "some",
    ...authentication,
    actionables: [
      { id: 1, mode: "UPLOAD", uploads: { allowed_mimetypes: ["*/*"], min_file_uploads: 2, max_file_uploads: 3 } },
    ],
  },
];
