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
    const blocks: Buffer[] = [];
    for (let left = bytes - head.length; left > 0; left -= block.length) blocks.push(block.subarray(0, left));
    return [
      Buffer.from(`--${BOUNDARY}\r\n${disposition}\r\nContent-Type: ${type}\r\n\r\n`),
      head,
      ...blocks,
      Buffer.from("\r\n"),
    ];
  });
  return [...pieces, Buffer.from(`--${BOUNDARY}--\r\n`)];
}

async function write(socket: Socket, piece: Buffer): Promise<void> {
  if (!socket.write(piece)) await new Promise((resolve) => socket.once("drain", resolve));
}

/** The whole answer, headers included, once the server has closed the connection. `address` is the client's, for the runtime. */
export async function postForm(
  port: number,
  path: string,
  files: readonly FormFile[],
  address = "203.0.113.1",
): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  let answer = "";
  const answered = new Promise((resolve, reject) =>
    socket
      .on("data", (text) => (answer += text.toString()))
      .once("end", resolve)
      .once("error", reject),
  );
  const pieces = piecesOf(files);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const type = `multipart/form-data; boundary=${BOUNDARY}`;
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCF-Connecting-IP: ${address}\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;
  await write(socket, Buffer.from(head));
  for (const piece of pieces) await write(socket, piece);
  await answered;
  return answer;
}
