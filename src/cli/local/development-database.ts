/**
 * The chosen database, as the Worker reaches it under development: what every other command finds at DATABASE_URL, also where
 * the Worker's driver speaks another protocol than PostgreSQL's.
 */
import { BlockList, isIP } from "node:net";
import { hyperdriveBinding } from "../../contract/bindings.ts";
import type { DatabaseName } from "../../contract/database-names.ts";
import { databaseNamed, databaseUrl } from "../migrations/deployed-database.ts";
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
  if (isNear(databaseNamed(url).host)) {
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

/** This machine and private networks: RFC 1122 §3.2.1.3, RFC 1918, RFC 4193. */
const nearAddresses = new BlockList();
nearAddresses.addAddress("0.0.0.0");
nearAddresses.addSubnet("127.0.0.0", 8);
nearAddresses.addSubnet("10.0.0.0", 8);
nearAddresses.addSubnet("172.16.0.0", 12);
nearAddresses.addSubnet("192.168.0.0", 16);
nearAddresses.addAddress("::1", "ipv6");
nearAddresses.addSubnet("fc00::", 7, "ipv6");

/** Tells if no public name or address can be meant, as Neon's are. @param host as of `databaseNamed` */
export function isNear(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  const version = isIP(name);
  if (version !== 0) return nearAddresses.check(name, version === 4 ? "ipv4" : "ipv6");
  // Containers have names without a dot; a socket has none.
  return !name.includes(".") || /\.(?:localhost|local|internal|test)$/.test(name);
}
