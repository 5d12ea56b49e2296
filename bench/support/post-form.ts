/** Sends a form over a plain socket, one block again and again: sending costs a copy into the kernel and no more. */
import { connect, type Socket } from "node:net";

export interface FormFile {
  readonly name: string;
  readonly type: string;
  /** The first bytes of the file. */
  readonly head: Buffer;
  /** What the rest of the file is made of. */
  readonly block: Buffer;
  /** Size of the whole file. */
  readonly bytes: number;
}

const BOUNDARY = "----WebKitFormBoundaryd0oK2mWqzJfYh3Ab";

function piecesOf(files: readonly FormFile[]): readonly Buffer[] {
  const pieces = files.flatMap(({ name, type, head, block, bytes }, index) => {
    const disposition = `Content-Disposition: form-data; name="f${index}"; filename="${name}"`;
    return [
      Buffer.from(`--${BOUNDARY}\r\n${disposition}\r\nContent-Type: ${type}\r\n\r\n`),
      head,
      ...blocksOf(block, bytes - head.length),
      Buffer.from("\r\n"),
    ];
  });
  return [...pieces, Buffer.from(`--${BOUNDARY}--\r\n`)];
}

/** One block again and again, `bytes` in all. */
export function blocksOf(block: Buffer, bytes: number): readonly Buffer[] {
  const blocks: Buffer[] = [];
  for (let left = bytes; left > 0; left -= block.length) blocks.push(block.subarray(0, left));
  return blocks;
}

async function write(socket: Socket, piece: Buffer): Promise<void> {
  if (!socket.write(piece)) await new Promise((resolve) => socket.once("drain", resolve));
}

/** Sends one request. The whole answer, headers included, once the server has closed the connection. */
export async function exchange(port: number, head: readonly string[], body: readonly Buffer[]): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  let answer = "";
  const answered = new Promise((resolve, reject) =>
    socket
      .on("data", (text) => (answer += text.toString()))
      .once("end", resolve)
      .once("error", reject),
  );
  const length = body.reduce((sum, piece) => sum + piece.length, 0);
  const lines = [...head, "Host: x", "Connection: close", `Content-Length: ${length}`, "", ""];
  await write(socket, Buffer.from(lines.join("\r\n")));
  for (const piece of body) await write(socket, piece);
  await answered;
  return answer;
}

/** `address` is the client's, for the runtime. */
export function postForm(
  port: number,
  path: string,
  files: readonly FormFile[],
  address = "203.0.113.1",
): Promise<string> {
  const type = `multipart/form-data; boundary=${BOUNDARY}`;
  const head = [`POST ${path} HTTP/1.1`, `CF-Connecting-IP: ${address}`, `Content-Type: ${type}`];
  return exchange(port, head, piecesOf(files));
}
