/**
 * The chosen database, as the Worker reaches it under development: what every other command finds at DATABASE_URL, also where
 * the Worker's driver speaks another protocol than PostgreSQL's.
 */
import { hyperdriveBinding } from "../../contract/bindings.ts";
import type { DatabaseName } from "../../contract/database-names.ts";
import { databaseUrl } from "../migrations/deployed-database.ts";
import { nameOfDatabase } from "../migrations/postgres.ts";
import type { Secrets } from "./secrets.ts";

export interface DevelopmentDatabase {
  /** What the Worker has instead of what .dev.vars says. */
  readonly variables: Readonly<Record<string, string>>;
  /** What wrangler has in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it is; null for the project's own folder. */
  readonly place: string | null;
  close(): Promise<void>;
}

/**
 * Neon's driver speaks HTTP: a PostgreSQL on this machine or near it gets an endpoint that does. One of Neon's own is left to
 * the Worker. Hyperdrive's local address gives way to DATABASE_URL.
 * @param secrets of .dev.vars. @throws Error that says what to set
 */
export async function openDevelopmentDatabase(chosen: DatabaseName, secrets: Secrets): Promise<DevelopmentDatabase> {
  const nothing = { variables: {}, environment: {}, close: () => Promise.resolve() };
  if (chosen === "d1") return { ...nothing, place: null };
  const url = await databaseUrl(false);
  const place = nameOfDatabase(url);
  if (chosen === "hyperdrive") {
    const name = `CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_${hyperdriveBinding}`;
    return { ...nothing, place, environment: { [name]: url } };
  }
  if (isNear(new URL(url).hostname)) {
    // Both packages it needs are only there for Neon.
    const { startLocalEndpoint } = await import("./neon/local-endpoint.ts");
    const endpoint = await startLocalEndpoint(url);
    return { ...nothing, place, variables: { DATABASE_URL: endpoint.url }, close: () => endpoint.close() };
  }
  if (secrets["DATABASE_URL"] !== url) {
    throw new Error(`DATABASE_URL of the environment is ${place}; the Worker reads .dev.vars: write it there`);
  }
  return { ...nothing, place };
}

/** This machine, a private network (RFC 1918, RFC 4193), or a name that no public name server knows, as containers have. */
export function isNear(host: string): boolean {
  const name = host.toLowerCase();
  return (
    !/[.:]/.test(name) ||
    /\.(?:localhost|local|internal|test)$/.test(name) ||
    /^(?:0\.0\.0\.0$|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[(?:::1?\]$|f[cd]))/.test(name)
  );
}
