/**
 * Neon as the deployment's database, through the secret DATABASE_URL. Batches go over HTTP; a session that writes
 * before its end uses a WebSocket.
 */
import { Client, neon as openHttp, neonConfig } from "@neondatabase/serverless";
import { misconfigured } from "../contract/problem.ts";
import type { Engine } from "../runtime/database/engine.ts";
import { readDatabaseTimeout } from "../runtime/database/postgres/database-timeout.ts";
import { createPostgresDatabase } from "../runtime/database/postgres/database.ts";
import { dialect } from "../runtime/database/postgres/dialect.ts";
import { createSocketTransport } from "../runtime/database/postgres/socket-transport.ts";
import type { Query, QueryResult, Transport } from "../runtime/database/postgres/transport.ts";

/** Under development: `sluice dev` speaks Neon's protocols, without TLS, in front of a PostgreSQL of the developer's. */
const isLocal = (host: string): boolean => /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(host);

const remoteEndpoint = neonConfig.fetchEndpoint;
neonConfig.fetchEndpoint = (host, port, options) => {
  if (isLocal(host)) return `http://${host}:${port}/sql`;
  return typeof remoteEndpoint === "function" ? remoteEndpoint(host, port, options) : remoteEndpoint;
};

export const neon: Engine = {
  dialect,
  open(environment) {
    const url = readUrl(environment.text("DATABASE_URL"));
    const { statementMilliseconds, answerMilliseconds } = readDatabaseTimeout(environment);
    const transport = createNeonTransport(url, answerMilliseconds);
    return createPostgresDatabase(transport, statementMilliseconds);
  },
};

/** The driver's own message for a broken address quotes it, password and all. */
function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol) || url.username === "" || url.pathname.length < 2) {
    throw misconfigured(
      'DATABASE_URL must be postgresql://user:password@host/database: run "wrangler secret put DATABASE_URL"',
    );
  }
  return url;
}

function createNeonTransport(url: URL, answerMilliseconds: number): Transport {
  const sql = openHttp(url.href, { arrayMode: true, fullResults: true, disableWarningInBrowsers: true });
  const sockets = createSocketTransport(() => createSocketClient(url), answerMilliseconds);
  return {
    connect: () => sockets.connect(),
    async transact(queries) {
      const results = await sql.transaction(
        queries.map((query: Query) => sql.query(query.sql, [...query.values], { types: asText })),
        // Neon's default may differ; a lock needs this level.
        { isolationLevel: "ReadCommitted", fetchOptions: { signal: AbortSignal.timeout(answerMilliseconds) } },
      );
      return results.map(toResult);
    },
  };
}

/** Leaves every value as the server's text. */
const asText = { getTypeParser: () => (text: string) => text };

interface DriverResult {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  readonly rows: readonly (readonly unknown[])[];
}

function toResult({ fields, rows }: DriverResult): QueryResult {
  return {
    columns: fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID })),
    rows: rows.map((row) => row.map((value) => (typeof value === "string" ? value : null))),
  };
}

function createSocketClient(url: URL): Client {
  const client = new Client(url.href);
  if (isLocal(url.hostname)) {
    client.neonConfig.wsProxy = (host, port) => `${host}:${port}/v2`;
    client.neonConfig.useSecureWebSocket = false;
  }
  return client;
}
