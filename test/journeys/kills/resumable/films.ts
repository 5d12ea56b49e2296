/** A server with one endpoint whose files may come in pieces, at /video, and a row for each. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { readMigrations } from "../../../../src/cli/project.ts";
import { compileAbis } from "../../../../src/compiler/compile.ts";
import { openTarget } from "../../../../src/compiler/sql/open-target.ts";
import { sqliteTarget } from "../../../../src/compiler/sql/sqlite/target.ts";
import { pointerLine } from "../../../support/pointer-line.ts";
import { startServer, type KillableServer } from "../server.ts";

/** Of one file. */
export const MOST_BYTES = 64 * 1024 * 1024;

const root = new URL("../../../..", import.meta.url).pathname;
const abi = {
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
        max_upload_file_size: MOST_BYTES,
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
};

async function bundle(outfile: string): Promise<string> {
  const database = openTarget(sqliteTarget, readMigrations(root));
  const files = [{ name: "video.json", text: JSON.stringify(abi) }];
  const { plans, diagnostics } = await compileAbis(files, { database });
  await database.close();
  if (plans.length === 0) throw new Error(diagnostics.map(pointerLine).join("\n"));
  await build({
    entryPoints: [fileURLToPath(new URL("worker.js", import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "import"],
    external: ["node:*", "cloudflare:*"],
    define: { PLANS: JSON.stringify(plans) },
  });
  return outfile;
}

/** @param folder of its bundle and its storage */
export async function startFilms(folder: string): Promise<KillableServer> {
  const host = new URL("host.ts", import.meta.url);
  return startServer(await bundle(join(folder, "worker.mjs")), folder, { host });
}

/** What it has stored: see worker.js. */
export interface Dump {
  readonly files: readonly Record<string, unknown>[];
  readonly rows: readonly Record<string, unknown>[];
  readonly objects: readonly Record<string, unknown>[];
}

export const dumpOf = async (server: KillableServer): Promise<Dump> =>
  (await (await fetch(`${server.origin() ?? ""}/__dump`)).json()) as Dump;
