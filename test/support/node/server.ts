/**
 * The real server for tests from outside: `wrangler dev` on storage of its own, and a look into that storage's files.
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { anyFreePort } from "../../../src/compiler/sql/postgres/free-port.ts";
import { completeSecrets, secretNamed, type Secrets } from "../../../src/cli/local/secrets.ts";
import { signToken } from "../../../src/cli/local/sign-token.ts";
import { migrate, startRuntime, type Runtime } from "../../../src/cli/local/start-runtime.ts";

/** What another process needs in order to know a running server. */
export interface ServerPlace {
  readonly origin: string;
  readonly port: number;
  /** Of its bucket and database. */
  readonly folder: string;
  readonly secrets: Secrets;
}

export interface Server {
  readonly place: ServerPlace;
  readonly origin: string;
  readonly port: number;
  token(id: string): Promise<string>;
  /** What lies in the database and the bucket at this moment. */
  traces(): Promise<Traces>;
  close(): Promise<void>;
}

export interface Traces {
  /** Rows of the registry, in any status. */
  readonly files: number;
  readonly pendingFiles: number;
  readonly galleryRows: number;
  readonly objects: number;
  /** Multipart uploads that were neither completed nor aborted. */
  readonly openUploads: number;
}

/** @param variables of the Worker, besides those of wrangler.toml */
export async function startServer(variables: Readonly<Record<string, string>> = {}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-test-"));
  const removeFolder = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  const secretsPath = join(folder, "secrets");
  const secrets = await completeSecrets(secretsPath);
  const port = await anyFreePort();
  const runtime = await start(folder, secretsPath, port, variables).catch(async (error: unknown) => {
    await removeFolder();
    throw error;
  });
  return {
    ...knowServer({ origin: runtime.origin, port, folder, secrets }),
    async close() {
      await runtime.stop();
      await removeFolder();
    },
  };
}

/** A server that somebody else has started and will close. */
export function knowServer(place: ServerPlace): Omit<Server, "close"> {
  const { origin, port, folder, secrets } = place;
  return {
    place,
    origin,
    port,
    token: (id) => signToken({ secret: secretNamed(secrets, "JWT_SECRET_KEY"), claims: { id }, expiresSeconds: 600 }),
    async traces() {
      const database = await findDatabase(join(folder, "v3/d1/miniflare-D1DatabaseObject"), "files");
      const bucket = await findDatabase(join(folder, "v3/r2/miniflare-R2BucketObject"), "_mf_objects");
      return {
        files: count(database, "files"),
        pendingFiles: count(database, "files WHERE status = 'pending'"),
        galleryRows: count(database, "gallery"),
        objects: count(bucket, "_mf_objects"),
        openUploads: count(bucket, "_mf_multipart_uploads WHERE state = 0"),
      };
    },
  };
}

async function start(
  storageFolder: string,
  secretsPath: string,
  port: number,
  variables: Readonly<Record<string, string>>,
): Promise<Runtime> {
  await migrate(storageFolder);
  return startRuntime({ port, storageFolder, secretsPath, variables, onLine: () => undefined, patienceMs: 60_000 });
}

/** Asks until the answer is wanted, for what happens after a connection is gone. Resolves with the last answer. */
export async function waitFor<Value>(ask: () => Promise<Value>, isWanted: (value: Value) => boolean): Promise<Value> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const value = await ask();
    if (isWanted(value)) return value;
    await sleep(100);
  }
  return ask();
}

/** The file in the folder that has the table; null before anything was written there. */
async function findDatabase(folder: string, table: string): Promise<string | null> {
  const names = await readdir(folder).catch(() => []);
  const paths = names.filter((name) => name.endsWith(".sqlite")).map((name) => join(folder, name));
  return (
    paths.find((path) => read(path, `SELECT count(*) AS n FROM sqlite_schema WHERE name = '${table}'`) > 0) ?? null
  );
}

function count(path: string | null, source: string): number {
  return path === null ? 0 : read(path, `SELECT count(*) AS n FROM ${source}`);
}

function read(path: string, sql: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return Number(database.prepare(sql).get()?.["n"]);
  } finally {
    database.close();
  }
}
