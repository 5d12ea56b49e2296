/**
 * One WebSocket of Neon's serverless driver, which carries PostgreSQL's own protocol. As at Neon, logging in ends here: the
 * driver sends its password before it is asked, which PostgreSQL itself would not take.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import type { Duplex } from "node:stream";
import pg from "pg";
import type { WebSocket } from "ws";
import type { Access, Caller } from "./access.ts";

interface Login extends Caller {
  /** What the driver has sent behind it. */
  readonly rest: Buffer;
}

const PROTOCOL_3 = 196_608;
/** A login has some hundred bytes. */
const MAX_LOGIN_BYTES = 10_000;

export function serveSession(webSocket: WebSocket, access: Access): void {
  let waiting: Buffer = Buffer.alloc(0);
  let state: "new" | "asked" | "joining" = "new";
  webSocket.on("error", () => webSocket.terminate());
  const listen = (bytes: Buffer) => {
    waiting = Buffer.concat([waiting, bytes]);
    if (state === "joining") return;
    if (state === "new") webSocket.send(askForPassword);
    state = "asked";
    const login = readLogin(waiting);
    if (login === "incomplete") return;
    state = "joining";
    if (login === "invalid") return webSocket.close();
    waiting = login.rest;
    void join(login);
  };
  webSocket.on("message", listen);

  const join = async (login: Login) => {
    const server = await connect(login, access).catch((error: unknown) => {
      if (error instanceof pg.DatabaseError) webSocket.send(toMessage(error));
      return null;
    });
    if (server === null || webSocket.readyState !== webSocket.OPEN) {
      server?.destroy();
      webSocket.close();
      return;
    }
    webSocket.off("message", listen);
    webSocket.send(Buffer.concat([loggedIn, readyForQuery]));
    server.write(waiting);
    pass(webSocket, server);
  };
}

/** Bytes in, bytes out; when one side ends, so does the other. */
function pass(webSocket: WebSocket, server: Duplex): void {
  server.on("data", (bytes: Buffer) => webSocket.send(bytes));
  server.on("error", () => webSocket.close());
  server.on("close", () => webSocket.close());
  webSocket.on("message", (bytes: Buffer) => server.write(bytes));
  webSocket.on("close", () => server.end());
}

/** A connection of the driver's caller, logged in and idle. @throws what PostgreSQL says against it */
async function connect(caller: Caller, access: Access): Promise<Duplex> {
  const client = new pg.Client({ connectionString: access.admit(caller) });
  // Of a connection that breaks its stream tells.
  client.on("error", () => undefined);
  await client.connect();
  const { stream } = client.connection;
  // From here on nobody else reads it.
  stream.removeAllListeners("data");
  return stream;
}

/** StartupMessage and PasswordMessage. */
function readLogin(bytes: Buffer): Login | "incomplete" | "invalid" {
  const incomplete = bytes.length > MAX_LOGIN_BYTES ? "invalid" : "incomplete";
  if (bytes.length < 8) return incomplete;
  const startupEnd = bytes.readInt32BE(0);
  if (startupEnd < 8 || bytes.readInt32BE(4) !== PROTOCOL_3) return "invalid";
  if (bytes.length < startupEnd + 5) return incomplete;
  const passwordEnd = startupEnd + 1 + bytes.readInt32BE(startupEnd + 1);
  if (bytes.length < passwordEnd) return incomplete;
  const words = bytes.toString("utf8", 8, startupEnd).split("\0");
  const parameters = new Map(words.flatMap((name, at) => (at % 2 === 0 ? [[name, words[at + 1] ?? ""]] : [])));
  return {
    user: parameters.get("user") ?? "",
    database: parameters.get("database") ?? "",
    password: bytes.toString("utf8", startupEnd + 5, passwordEnd - 1),
    rest: bytes.subarray(passwordEnd),
  };
}

function message(type: string, body: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** AuthenticationCleartextPassword */
const askForPassword = message("R", Buffer.from([0, 0, 0, 3]));
/** AuthenticationOk */
const loggedIn = message("R", Buffer.from([0, 0, 0, 0]));
const readyForQuery = message("Z", Buffer.from("I"));

/** ErrorResponse */
function toMessage({ severity = "FATAL", code = "XX000", message: text }: pg.DatabaseError): Buffer {
  return message("E", Buffer.from(`S${severity}\0C${code}\0M${text}\0\0`));
}
