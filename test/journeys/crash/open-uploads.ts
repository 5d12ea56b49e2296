/**
 * What Cloudflare's simulators keep and no binding can list: the uploads in parts that are open in a bucket, and the
 * Durable Objects that have been made.
 */
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { resumableUploadClass } from "../../../src/contract/bindings.ts";
import type { ListedUpload } from "../../support/node/s3-server.ts";

/** All of them as if they had been begun long ago: the table does not know when, and the sweep leaves new ones alone. */
export function readOpenUploads(storage: string): readonly ListedUpload[] {
  return databasesIn(storage).flatMap((path) =>
    reading(path, (database) => {
      if (!hasTable(database, "_mf_multipart_uploads")) return [];
      return database
        .prepare("SELECT key, upload_id FROM _mf_multipart_uploads WHERE state = 0")
        .all()
        .map(({ key, upload_id }) => ({
          key: String(key),
          uploadId: String(upload_id),
          initiated: "2020-01-01T00:00:00.000Z",
        }));
    }),
  );
}

/** The Durable Object of a resumable upload. */
export interface UploadObject {
  readonly id: string;
  /** Nothing is left in its storage. */
  readonly isEmpty: boolean;
}

/** Each is a file, named as its object. */
export function readUploadObjects(storage: string): readonly UploadObject[] {
  return databasesIn(storage).flatMap((path) => {
    const id = basename(path, ".sqlite");
    if (!dirname(path).endsWith(resumableUploadClass) || !/^[0-9a-f]{64}$/.test(id)) return [];
    return [{ id, isEmpty: reading(path, (database) => !hasTable(database, "staged")) }];
  });
}

const databasesIn = (storage: string) =>
  readdirSync(storage, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".sqlite"))
    .map((path) => join(storage, path));

const hasTable = (database: DatabaseSync, name: string) =>
  database.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?").get(name) !== undefined;

function reading<Result>(path: string, read: (database: DatabaseSync) => Result): Result {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return read(database);
  } finally {
    database.close();
  }
}
