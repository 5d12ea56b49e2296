/** The gallery patterns of Sub0's documentation, as they are written there: they must compile unchanged. */
import { describe, expect, test } from "vitest";
import { compile, plan } from "./support.ts";

const authentication = {
  tokenize: { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" },
  protected: { provide_as: "x-access-token", extract_claims: ["id"] },
};
const upload = {
  id: 1,
  mode: "UPLOAD",
  uploads: {
    max_file_uploads: 2,
    max_upload_file_size: 20971520,
    allowed_mimetypes: ["image/png", "image/jpeg", "video/mp4"],
    upload_folder: "/gallery/$PROTECTED.id",
  },
  returnables: ["storage_key", "url", "dominant_color", "file_size"],
};
const rowFields = ["id", "user_id", "storage_key", "url", "dominant_color", "file_size"];

const gallery = {
  id: "wallet-upload-gallery-01",
  resource: "upload-gallery",
  ...authentication,
  actionables: [upload],
};
const galleryAndStore = {
  id: "wallet-upload-gallery-postgres-01",
  resource: "upload-gallery-and-store",
  ...authentication,
  actionables: [
    upload,
    {
      id: 2,
      mode: "QUERY",
      sql_query: {
        query:
          "INSERT INTO gallery (id, user_id, storage_key, url, dominant_color, file_size, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7::timestamptz, $8::timestamptz) RETURNING id, user_id, storage_key, url, dominant_color, file_size",
        parameters: [
          "$GENERATOR.KSUID",
          "$PROTECTED.id",
          "storage_key",
          "url",
          "dominant_color",
          "file_size",
          "$DATETIME",
          "$DATETIME",
        ],
        multi: true,
      },
      returnables: rowFields,
      main_returnable: true,
    },
  ],
};
const deletion = {
  id: "wallet-delete-gallery-files-01",
  resource: "delete-gallery-files",
  ...authentication,
  actionables: [{ id: 1, mode: "UPLOAD", uploads: { delete_files: true } }],
};

describe("Sub0's gallery", () => {
  test("compiles without a word", async () => {
    const { plans, diagnostics } = await compile([gallery, galleryAndStore, deletion]);
    expect(diagnostics).toEqual([]);
    expect(plans.map(({ resource }) => resource)).toEqual([
      "delete-gallery-files",
      "upload-gallery",
      "upload-gallery-and-store",
    ]);
  });

  test("pattern 1", async () => {
    const folder = [
      { from: "literal", value: "gallery" },
      { from: "claim", path: ["id"] },
    ];
    expect(await plan(gallery)).toEqual({
      id: "wallet-upload-gallery-01",
      resource: "upload-gallery",
      authentication: {
        header: "x-access-token",
        bearer: false,
        algorithm: "HS256",
        keyName: "JWT_SECRET_KEY",
        claims: ["id"],
      },
      steps: [
        {
          mode: "upload",
          id: 1,
          maxFiles: 2,
          maxFileBytes: 20971520,
          types: ["image/png", "image/jpeg", "video/mp4"],
          folder,
          visibility: "public",
          fileApi: false,
          expiresSeconds: null,
          imageFields: ["dominant_color"],
          issuesLinks: false,
          stripsMetadata: false,
          strictImages: false,
        },
      ],
      answer: { step: 0, fields: ["storage_key", "url", "dominant_color", "file_size"], shape: "list" },
      environment: ["JWT_SECRET_KEY"],
      atomic: true,
    });
  });

  test("pattern 2", async () => {
    const compiled = await plan(galleryAndStore);
    expect(compiled.answer).toEqual({ step: 1, fields: rowFields, shape: "list" });
    expect(compiled.atomic).toBe(true);
    const element = (name: string): object => ({ from: "element", path: [name] });
    expect(compiled.steps[1]).toEqual({
      mode: "query",
      id: 2,
      sql: "INSERT INTO gallery (id, user_id, storage_key, url, dominant_color, file_size, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id, user_id, storage_key, url, dominant_color, file_size",
      writes: true,
      parameters: [
        { value: { from: "generator", kind: "KSUID" }, type: "text" },
        { value: { from: "claim", path: ["id"] }, type: "text" },
        { value: element("storage_key"), type: "text" },
        { value: element("url"), type: "text" },
        { value: element("dominant_color"), type: "text" },
        { value: element("file_size"), type: "integer" },
        { value: { from: "now" }, type: "timestamp" },
        { value: { from: "now" }, type: "timestamp" },
      ],
      columns: { file_size: "integer" },
      each: { from: "result", step: 0, path: [] },
      checks: [],
      send: "commit",
    });
  });

  test("pattern 3", async () => {
    const compiled = await plan(deletion);
    expect(compiled.steps).toEqual([{ mode: "delete-files", id: 1, maxKeys: 1000 }]);
    expect(compiled.answer).toEqual({ step: 0, fields: null, shape: "list" });
  });

  test("the MongoDB variant: one document per file, the claim as user_id", async () => {
    const mongo = {
      id: "wallet-upload-gallery-mongo-01",
      resource: "upload-gallery-and-store-mongo",
      ...authentication,
      actionables: [
        upload,
        {
          id: 2,
          mode: "QUERY",
          mongo_query: {
            collection: "gallery",
            action: "INSERT",
            parameters: ["user_id", "storage_key", "url", "dominant_color", "file_size"],
            with_timestamp: true,
          },
          extract_response_for: [{ extract: "id", for: "user_id" }],
          returnables: rowFields,
          main_returnable: true,
        },
      ],
    };
    const { plans, diagnostics } = await compile([mongo]);
    expect(diagnostics).toEqual([]);
    const [compiled] = plans;
    expect(compiled?.answer).toEqual({ step: 1, fields: rowFields, shape: "list" });
    expect(compiled?.atomic).toBe(true);
    const element = (name: string): object => ({ value: { from: "element", path: [name] }, type: "document" });
    expect(compiled?.steps[1]).toMatchObject({
      mode: "query",
      writes: true,
      parameters: [
        { value: { from: "claim", path: ["id"] }, type: "document" },
        element("storage_key"),
        element("url"),
        element("dominant_color"),
        element("file_size"),
        { value: { from: "now" }, type: "timestamp" },
      ],
      each: { from: "result", step: 0, path: [] },
      send: "commit",
    });
  });
});
