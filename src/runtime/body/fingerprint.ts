/**
 * The fingerprint that tells two requests apart: a SHA-256 over method, address and everything a body says, computed
 * while the body is read. Form boundaries, header order and chunking do not count.
 */
import { hex, tapSource, type ByteSource } from "../bytes.ts";
import type { IncomingBody, IncomingFile } from "./incoming-body.ts";
import { readThrough } from "./read-through.ts";

/** A body whose fingerprint is computed while somebody else reads it. */
export interface WatchedBody extends IncomingBody {
  /** Lower-case hex. Reads what is still unread, so it is called last, and once. */
  fingerprint(): Promise<string>;
}

const encoder = new TextEncoder();

async function readToEnd(source: ByteSource): Promise<void> {
  while ((await source.read()) !== null);
}

export function watchBody(body: IncomingBody, request: Request): WatchedBody {
  const stream = new crypto.DigestStream("SHA-256");
  // A call that fails never asks for the digest.
  stream.digest.catch(() => undefined);
  const writer = stream.getWriter();
  const write = (text: string) => writer.write(encoder.encode(text));
  const { pathname, search } = new URL(request.url);
  const begun = write(`${JSON.stringify([request.method, pathname, search])}\n`);

  // One pass over the files, whoever reads them: `fingerprint` goes on where a reader has stopped.
  const incoming = body.files();
  let endFile = async () => begun;
  const nextFile = async (): Promise<IncomingFile | null> => {
    await endFile();
    const { value: file } = await incoming.next();
    if (file === undefined) return null;
    let bytes = 0;
    await write(`${JSON.stringify([file.field, file.fileName, file.declaredType])}\n`);
    const tap = {
      push: (chunk: Uint8Array) => {
        bytes += chunk.length;
        return writer.write(chunk);
      },
      finish: () => undefined,
    };
    const watched = { ...file, body: tapSource(file.body, [tap]) };
    endFile = async () => {
      endFile = async () => undefined;
      await readToEnd(watched.body);
      await write(`\n${bytes}\n`);
    };
    return watched;
  };
  async function* files() {
    for (let file = await nextFile(); file !== null; file = await nextFile()) yield file;
  }

  // Added, not spread: what has been read so far would be copied.
  return Object.assign(readThrough(body, { readFields: () => body.readFields(), files }), {
    async fingerprint() {
      await body.readFields();
      for await (const file of files()) await readToEnd(file.body);
      await write(JSON.stringify(body.payload));
      await writer.close();
      return hex(await stream.digest);
    },
  });
}
