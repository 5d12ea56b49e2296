/**
 * Documents on the MongoDB server of the secret MONGODB_URL, through the official driver. Only this file leads to the
 * driver, so a deployment without documents on MongoDB does not bundle it.
 */
import { MongoClient, type MongoClientOptions } from "mongodb";
import { Problem } from "../contract/problem.ts";
import type { EngineEnvironment, OpenDocuments } from "../runtime/database/engine.ts";
import { createDocumentIds } from "./mongodb/document-ids.ts";
import { toMongoProblem } from "./mongodb/problems.ts";
import { createMongoSession, type ServerConnection } from "./mongodb/session.ts";

/**
 * For one request, which lasts seconds. A Worker may wait for six connections at once: a driver that polls has one to
 * each member of a replica set besides the one it works on; one that streams has two.
 * https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
 */
const clientOptions: MongoClientOptions = {
  appName: "sluice",
  maxPoolSize: 1,
  serverMonitoringMode: "poll",
  heartbeatFrequencyMS: 60_000,
  connectTimeoutMS: 5000,
  serverSelectionTimeoutMS: 5000,
  socketTimeoutMS: 15_000,
};

/** A connection of one request cannot serve another: Workers tie sockets to the request that opened them. */
export const openDocuments: OpenDocuments = (environment, now) => {
  let connecting: Promise<ServerConnection> | null = null;
  let client: MongoClient | null = null;
  const connect = () => {
    connecting ??= (async () => {
      const { url, database } = readAddress(environment);
      client = createClient(url);
      return connectTo(client, database);
    })();
    return connecting;
  };
  const nextId = createDocumentIds(now);
  return {
    begin: () => createMongoSession(connect, nextId),
    async close() {
      await connecting?.catch(() => undefined);
      await client?.close().catch(() => undefined);
    },
  };
};

interface Address {
  readonly url: string;
  readonly database: string;
}

/** MONGODB_DATABASE, else the path of the URL; without either the driver would choose "test". */
function readAddress(environment: EngineEnvironment): Address {
  const url = environment.text("MONGODB_URL");
  const path = /^mongodb(?:\+srv)?:\/\/[^/?]+(?:\/([^?/]*))?/.exec(url);
  if (path === null) throw misconfigured("is no mongodb:// or mongodb+srv:// address");
  const name = environment.binding("MONGODB_DATABASE");
  const database = typeof name === "string" && name !== "" ? name : decodeName(path[1] ?? "");
  if (database === "") throw misconfigured("names no database, and neither does MONGODB_DATABASE");
  return { url, database };
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw misconfigured("has a path that is not percent-encoded as it must be");
  }
}

/** The driver's own messages may quote the address, password and all. */
function misconfigured(what: string): Problem {
  return new Problem("misconfigured", { reason: `MONGODB_URL ${what}: run "wrangler secret put MONGODB_URL"` });
}

/** Options that the URL sets itself take precedence; the driver alone would let these override them. */
function optionsBeside(url: string): MongoClientOptions {
  const options = url.split("?")[1] ?? "";
  const named = new Set(options.split("&").map((option) => option.split("=")[0]?.toLowerCase()));
  return Object.fromEntries(Object.entries(clientOptions).filter(([name]) => !named.has(name.toLowerCase())));
}

function createClient(url: string): MongoClient {
  try {
    return new MongoClient(url, optionsBeside(url));
  } catch (error) {
    const kind = error instanceof Error ? error.name : "Error";
    throw misconfigured(`is nothing that the driver can read (${kind})`);
  }
}

async function connectTo(client: MongoClient, database: string): Promise<ServerConnection> {
  let isLone = false;
  client.on("serverDescriptionChanged", ({ newDescription }) => {
    isLone ||= newDescription.type === "Standalone";
  });
  try {
    await client.connect();
  } catch (error) {
    throw toMongoProblem(error);
  }
  return { client, database: client.db(database), hasTransactions: !isLone };
}
