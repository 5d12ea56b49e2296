/** HTTP/1.1 written by hand on a socket, for what well-behaved clients cannot be made to do. */
import { connect, type Socket } from "node:net";

export interface RawCall {
  readonly socket: Socket;
  /** Resolves once the bytes are handed to the system. */
  write(bytes: string | Uint8Array): Promise<void>;
  /** The first answer with its body, or null when the connection ended before its status line. */
  readonly answer: Promise<RawAnswer | null>;
}

export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** Opens a connection to this machine. Interim answers (100) are passed over. */
export function openCall(port: number): RawCall {
  const socket = connect(port, "localhost");
  const { promise, resolve } = Promise.withResolvers<RawAnswer | null>();
  let received = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    const answer = readAnswer(received.toString("latin1"));
    if (answer !== null) resolve(answer);
  });
  // A reset is one of the answers that a broken call may get.
  socket.on("error", () => resolve(null));
  socket.on("close", () => resolve(null));
  return {
    socket,
    answer: promise,
    write: (bytes) =>
      new Promise((done) => {
        socket.write(bytes, () => done());
      }),
  };
}

/** The head of a POST. `length` null: the body is sent in chunks. */
export function postHead(path: string, headers: Readonly<Record<string, string>>, length: number | null): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const framing = length === null ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`;
  return [`POST ${path} HTTP/1.1`, "Host: localhost", ...lines, framing, "", ""].join("\r\n");
}

/** One chunk of a chunked body; an empty one ends it. */
export function chunkOf(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

function readAnswer(text: string): RawAnswer | null {
  const interim = /^HTTP\/1\.1 1\d\d [^]*?\r\n\r\n/.exec(text);
  if (interim !== null) return readAnswer(text.slice(interim[0].length));
  const head = /^HTTP\/1\.1 (\d{3}) [^]*?\r\n\r\n/.exec(text);
  if (head === null) return null;
  const body = text.slice(head[0].length);
  const length = /^content-length: *(\d+)/im.exec(head[0])?.[1];
  const isWhole = length === undefined ? body.endsWith("0\r\n\r\n") : body.length >= Number(length);
  return isWhole ? { status: Number(head[1]), body } : null;
}
