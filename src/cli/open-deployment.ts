/**
 * Opens the deployment's database and bindings in Node, for what an operator does through the runtime's own registries:
 * D1 and R2 by wrangler's platform proxy, PostgreSQL at DATABASE_URL.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Client } from "pg";
import { optionalPackage } from "../compiler/optional-package.ts";
import { d1Binding } from "../contract/bindings.ts";
import { findD1 } from "./deployed/database.ts";
import { packageFile } from "./package-file.ts";
import { chosenDatabase, databaseUrl } from "./migrations/deployed-database.ts";
import { projectFolder } from "./local/wrangler.ts";
import type { Database } from "../runtime/database/database.ts";
import type { Dialect } from "../runtime/database/dialect.ts";
import type { Engine } from "../runtime/database/engine.ts";
import { createPostgresDatabase } from "../runtime/database/postgres/database.ts";
import { dialect as postgresDialect } from "../runtime/database/postgres/dialect.ts";
import { createSocketTransport } from "../runtime/database/postgres/socket-transport.ts";

/**
 * What every such command takes from its command line: the deployed bucket and D1 instead of the local ones, for which
 * `wrangler login` is needed; an environment of wrangler's configuration; where the local ones are kept. PostgreSQL is where
 * DATABASE_URL says, the deployed one where the environment of the process does.
 */
export const deploymentFlags = {
  remote: { type: "boolean", default: false },
  env: { type: "string" },
  "persist-to": { type: "string" },
} as const;

/** Their values. */
export interface DeploymentFlags {
  readonly remote: boolean;
  readonly env?: string | undefined;
  readonly "persist-to"?: string | undefined;
}

/** By name, with the variables of wrangler's configuration and .dev.vars. */
export type ProxyBindings = Readonly<Record<string, unknown>>;

export interface OpenDeployment {
  readonly database: Database;
  readonly dialect: Dialect;
  readonly bindings: () => Promise<ProxyBindings>;
  readonly close: () => Promise<void>;
}

/** There is nobody who waits for an answer. */
const PATIENCE_MS = 60_000;

/** @throws Error that says what is missing */
export async function connectDeployment(flags: DeploymentFlags): Promise<OpenDeployment> {
  const environment = flags.env ?? process.env["CLOUDFLARE_ENV"] ?? null;
  let proxy: Promise<Proxy> | null = null;
  const bindings = async () => (await (proxy ??= openProxy(flags, environment))).bindings;
  const closeProxy = async () => (await proxy)?.close();
  if (chosenDatabase(environment) === "d1") {
    const { d1 } = (await loadRuntime("databases/d1")) as { readonly d1: Engine };
    const bound = await bindings();
    const database = d1.open({ text: () => "", binding: (name) => bound[name] });
    return { database, dialect: d1.dialect, bindings, close: closeProxy };
  }
  const url = await databaseUrl(flags.remote);
  const { default: pg } = await optionalPackage("pg", () => import("pg"));
  const clients: Client[] = [];
  const createClient = () => {
    const client = new pg.Client({ connectionString: url });
    clients.push(client);
    return client;
  };
  return {
    database: createPostgresDatabase(createSocketTransport(createClient, PATIENCE_MS), PATIENCE_MS),
    dialect: postgresDialect,
    bindings,
    async close() {
      await Promise.all([closeProxy(), ...clients.map((client) => client.end())]);
    },
  };
}

/**
 * A module of the Worker, whose types are workerd's, while this file's are Node's: the two cannot be in one program.
 * @param module as of packageFile
 */
export function loadRuntime(module: string): Promise<unknown> {
  return import(pathToFileURL(packageFile(module)).href);
}

interface Proxy {
  readonly bindings: ProxyBindings;
  readonly close: () => Promise<void>;
}

async function openProxy(flags: DeploymentFlags, environment: string | null): Promise<Proxy> {
  process.env["WRANGLER_SEND_METRICS"] ??= "false";
  // Not a word of its own about secrets, which need not be there.
  process.env["WRANGLER_LOG"] ??= "error";
  // Takes seconds to load, which PostgreSQL can do without.
  const { getPlatformProxy } = await import("wrangler");
  const folder = await mkdtemp(join(tmpdir(), "sluice-deployment-"));
  const named = environment === null ? {} : { environment };
  const proxy = await getPlatformProxy({
    ...(flags.remote ? { configPath: await writeRemoteConfig(folder, environment) } : named),
    persist: { path: join(flags["persist-to"] ?? join(projectFolder, ".wrangler/state"), "v3") },
    remoteBindings: flags.remote,
  });
  return {
    bindings: proxy.env,
    async close() {
      await proxy.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Only bucket and database, and the account's own ones. */
async function writeRemoteConfig(folder: string, environment: string | null): Promise<string> {
  const { unstable_readConfig: readConfig } = await import("wrangler");
  const named = environment === null ? {} : { env: environment };
  const { name, compatibility_date, r2_buckets, d1_databases, vars } = readConfig(named);
  const databases: readonly D1Entry[] = d1_databases;
  const remote = <Binding extends object>(bindings: readonly Binding[]) =>
    bindings.map((binding) => ({ ...binding, remote: true }));
  const config = {
    name,
    compatibility_date,
    vars,
    r2_buckets: remote(r2_buckets),
    d1_databases: remote(await Promise.all(databases.filter(({ binding }) => binding === d1Binding).map(withId))),
  };
  const path = join(folder, "wrangler.json");
  await writeFile(path, JSON.stringify(config));
  return path;
}

interface D1Entry {
  readonly binding: string;
  readonly database_name?: string;
  readonly database_id?: string;
}

/** A remote binding needs the id that wrangler's configuration may leave out. */
async function withId(entry: D1Entry): Promise<D1Entry> {
  const { database_name: name = "" } = entry;
  const id = entry.database_id ?? (await findD1(name));
  if (id === null) throw new Error(`The account has no D1 database "${name}": sluice deploy makes it`);
  return { ...entry, database_id: id };
}
