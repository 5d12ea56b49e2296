/**
 * An endpoint on this machine that speaks the protocols of Neon's serverless driver in front of a plain PostgreSQL: queries by
 * HTTP at /sql, PostgreSQL's own protocol by WebSocket at /v2. Not a part of the Worker.
 */
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { Duplex } from "node:stream";
import type { WebSocketServer as WebSocketServerType } from "ws";
import { createAccess } from "./access.ts";
import { createSqlEndpoint } from "./answer-sql.ts";
import { serveSession } from "./session.ts";

export interface LocalEndpoint {
  /** For DATABASE_URL of the Worker, with a user and a password of the endpoint's own. */
  readonly url: string;
  close(): Promise<void>;
}

// Bundlers that run this file outside of a bundle take the browser's side of ws for an import.
const { WebSocketServer } = createRequire(import.meta.url)("ws") as { WebSocketServer: typeof WebSocketServerType };

/** @param databaseUrl of the PostgreSQL behind it, with user and password */
export async function startLocalEndpoint(databaseUrl: string): Promise<LocalEndpoint> {
  const access = createAccess(databaseUrl);
  const sql = createSqlEndpoint(access);
  // The Worker keeps its connections: one that is closed as it sends a write is a write that nobody repeats.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
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
    sockets.handleUpgrade(request, socket, head, (webSocket) => serveSession(webSocket, access));
  });
  const port = await listen(server);
  return {
    url: access.addressOn(port),
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await sql.close();
    },
  };
}

/** On any free port; resolves with it. */
function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("The endpoint has no port"));
      else resolve(address.port);
    });
  });
}
