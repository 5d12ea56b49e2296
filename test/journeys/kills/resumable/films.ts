/** A server with one endpoint whose files may come in pieces, at /video, and a row for each. */
import { readMigrations } from "../../../../src/cli/project.ts";
import { resumableUploadClass, resumableUploadsBinding } from "../../../../src/contract/bindings.ts";
import { startServer, type KillableServer } from "../server.ts";

/** Of one file. */
export const MOST_BYTES = 64 * 1024 * 1024;

const root = new URL("../../../..", import.meta.url).pathname;
const abiOf = (mostBytes: number) => ({
  id: "video-01",
  resource: "video",
  tokenize: { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" },
  protected: { provide_as: "x-access-token", extract_claims: ["id"] },
  actionables: [
    {
      id: 1,
      mode: "UPLOAD",
      uploads: {
        resumable: true,
        links: true,
        max_upload_file_size: mostBytes,
        max_file_uploads: 1,
        allowed_mimetypes: ["*/*"],
      },
    },
    {
      id: 2,
      mode: "QUERY",
      sql_query: {
        query:
          "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES ($1, $2, $3, 'x', $4, $5::timestamptz, $5::timestamptz) RETURNING id, storage_key",
        parameters: ["$GENERATOR.KSUID", "$PROTECTED.id", "storage_key", "file_size", "$DATETIME"],
      },
    },
  ],
});

/** @param folder of its bundle and its storage @param mostBytes of one file */
export function startFilms(folder: string, mostBytes = MOST_BYTES): Promise<KillableServer> {
  return startServer(folder, {
    abis: [abiOf(mostBytes)],
    migrations: readMigrations(root),
    entry: new URL("worker.js", import.meta.url),
    bindings: { ALLOWED_ORIGINS: "*" },
    durableObjects: { [resumableUploadsBinding]: { className: resumableUploadClass, useSQLite: true } },
  });
}

/** What it has stored: see worker.js. */
export interface Dump {
  readonly files: readonly Record<string, unknown>[];
  readonly rows: readonly Record<string, unknown>[];
  readonly objects: readonly Record<string, unknown>[];
}

export const dumpOf = async (server: KillableServer): Promise<Dump> =>
  (await (await fetch(`${server.origin() ?? ""}/__dump`)).json()) as Dump;
