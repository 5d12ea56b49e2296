/**
 * An endpoint on this machine that speaks the protocols of Neon's serverless driver in front of a plain PostgreSQL:
 * queries by HTTP at /sql, its own protocol by WebSocket at /v2. Not a part of the Worker.
 */
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer as WebSocketServerType } from "ws";
import { createSqlEndpoint } from "./answer-sql.ts";

export interface LocalEndpoint {
  /** For DATABASE_URL: the database's own address with the endpoint's host and port. */
  readonly url: string;
  close(): Promise<void>;
}

export interface LocalEndpointOptions {
  /** The PostgreSQL behind the endpoint, with user and password. */
  readonly databaseUrl: string;
  /** 0: any free port. */
  readonly port: number;
}

// Bundlers that run this file outside of a bundle take the browser's side of ws for an import.
const { WebSocketServer } = createRequire(import.meta.url)("ws") as { WebSocketServer: typeof WebSocketServerType };

export async function startLocalEndpoint({ databaseUrl, port }: LocalEndpointOptions): Promise<LocalEndpoint> {
  const database = new URL(databaseUrl);
  const sql = createSqlEndpoint(database);
  const server = createServer((request, response) => {
    if (request.method !== "POST" || request.url !== "/sql") {
      response.writeHead(404).end("POST /sql, or a WebSocket to /v2");
      return;
    }
    void sql.answer(request, response);
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket: Duplex, head) => {
    if (!/^\/v2(?:\?|$)/.test(request.url ?? "")) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => joinToDatabase(webSocket, database));
  });
  await listen(server, port);

  const url = new URL(databaseUrl);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The endpoint has no port");
  url.port = String(address.port);
  return {
    url: url.href,
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await sql.close();
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

/** Bytes in, bytes out; when one side ends, so does the other. */
function joinToDatabase(webSocket: WebSocket, database: URL): void {
  const socket = connect({ host: database.hostname, port: Number(database.port), noDelay: true });
  socket.on("data", (bytes) => webSocket.send(bytes));
  socket.on("error", () => webSocket.close());
  socket.on("close", () => webSocket.close());
  webSocket.on("message", (bytes: Buffer) => socket.write(bytes));
  webSocket.on("error", () => socket.destroy());
  webSocket.on("close", () => socket.end());
}
