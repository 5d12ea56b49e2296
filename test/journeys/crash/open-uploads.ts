/** Uploads in parts that are open in a bucket of Cloudflare's simulator: its own table, since the binding cannot list them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ListedUpload } from "../../support/node/s3-server.ts";

/** All of them as if they had been begun long ago: the table does not know when, and the sweep leaves new ones alone. */
export function readOpenUploads(storage: string): readonly ListedUpload[] {
  const paths = readdirSync(storage, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".sqlite"));
  return paths.flatMap((path) => {
    const database = new DatabaseSync(join(storage, path), { readOnly: true });
    try {
      const hasUploads = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = '_mf_multipart_uploads'").get();
      if (hasUploads === undefined) return [];
      return database
        .prepare("SELECT key, upload_id FROM _mf_multipart_uploads WHERE state = 0")
        .all()
        .map(({ key, upload_id }) => ({
          key: String(key),
          uploadId: String(upload_id),
          initiated: "2020-01-01T00:00:00.000Z",
        }));
    } finally {
      database.close();
    }
  });
}
