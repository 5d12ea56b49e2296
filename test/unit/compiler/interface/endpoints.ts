/** ABIs of all kinds, for what is printed of endpoints. */
import { abi, authentication, query, upload } from "../support.ts";

const bearer = { ...authentication, protected: { provide_as: "Authorization", extract_claims: ["id"] } };

export const endpoints = [
  abi([query(1, "SELECT id, title, photos FROM albums WHERE owner = $1 AND id = $2", ["$PROTECTED.id", "$PARAM.id"])], {
    id: "album",
    resource: "albums/:id",
    methods: ["GET"],
    path_parameters: { id: { type: "STRING", min_length: 1, max_length: 40 } },
    ...bearer,
  }),
  // The same path by another name, which OpenAPI takes for one.
  abi(
    [
      {
        ...query(1, "UPDATE albums SET title = $1 WHERE owner = $2 AND id = $3 RETURNING id", [
          "$PAYLOAD.title",
          "$PROTECTED.id",
          "$PARAM.album",
        ]),
        payload_validation: [
          { field: { title: { type: "STRING" } }, min_length: 1, max_length: 80 },
          { field: { mood: { type: "STRING" } }, enum: ["good", "bad"], optional: true },
          { field: { stars: { type: "NUMBER" } }, integer: true, min: 1, max: 5, default: 3 },
          {
            field: { place: { type: "OBJECT", fields: [{ field: { "post-code": { type: "STRING" } } }] } },
            optional: true,
          },
          { field: { tags: { type: "STRINGARRAY" } }, arr_length: 9, optional: true },
        ],
        must_return_value: true,
      },
    ],
    { id: "rename-album", resource: "albums/:album", methods: ["POST"], ...bearer },
  ),
  abi(
    [
      query(
        1,
        "SELECT id, settings FROM albums WHERE owner = $1 AND ($3::timestamptz IS NULL OR opened_at > $3) LIMIT $2",
        ["$PROTECTED.id", "$QUERY.limit", "$QUERY.since"],
        { data_shape: "list" },
      ),
    ],
    {
      id: "albums-01",
      resource: "albums",
      methods: ["GET"],
      query_parameters: {
        limit: { type: "NUMBER", integer: true, min: 1, max: 100, default: 20 },
        since: { type: "STRING", format: "date-time", optional: true },
      },
    },
  ),
  abi([upload({ max_file_uploads: 3, max_upload_file_size: 1000 })], { id: "upload-01", resource: "upload" }),
  abi(
    [
      {
        ...upload({
          fields: {
            cover: { allowed_mimetypes: ["image/png"], min_files: 1 },
            pages: { allowed_mimetypes: ["image/*"], max_files: 4, min_files: 0, max_upload_file_size: 5000 },
          },
        }),
        payload_validation: [{ field: { title: { type: "STRING" } } }],
      },
    ],
    { id: "upload-book", resource: "upload-book", returnables: ["field_name", "storage_key"] },
  ),
  abi([upload({ raw: true, allowed_mimetypes: ["image/png", "audio/*"] })], { id: "raw-01", resource: "raw" }),
  abi([upload({ resumable: true, max_upload_file_size: 5e9 })], {
    id: "video-01",
    resource: "videos",
    returnables: ["storage_key"],
    ...bearer,
  }),
  abi([{ id: 1, mode: "UPLOAD", uploads: { delete_files: true } }], { id: "delete-01", resource: "delete" }),
  abi(
    [
      query(1, "INSERT INTO albums (id, owner) VALUES ($1, $2) RETURNING id", ["title", "$PROTECTED.id"], {
        multi: true,
      }),
    ],
    { id: "import-01", resource: "import" },
  ),
  {
    id: "feedback-01",
    resource: "feedback",
    actionables: [query(1, "INSERT INTO albums (id, owner) VALUES ($1, $2)", ["$GENERATOR.UUID", "$PAYLOAD.from"])],
  },
  abi([query(1, "INSERT INTO albums (id, owner) VALUES ('x', $1) RETURNING id", ["$PROTECTED.id"])], {
    id: "later-01",
    resource: "later",
    run_in_background: true,
  }),
];
