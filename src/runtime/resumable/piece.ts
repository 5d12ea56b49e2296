/**
 * The bytes of a PATCH on their way from the Worker to the object of its upload. They go as the body of a request: a
 * stream that is the argument of a call is cut into messages of 8 KiB, which take six times the processor.
 */
import type { Append, Appended } from "./actor.ts";

/** As JSON, whose characters a header may not have. */
const HEADER = "x-append";

/** @param object the one that takes it with `takePiece` */
export async function sendPiece(
  object: Fetcher,
  append: Append,
  body: ReadableStream<Uint8Array> | null,
): Promise<Appended> {
  const headers = { [HEADER]: encodeURIComponent(JSON.stringify(append)) };
  // Nobody resolves the name.
  const response = await object.fetch("http://upload/", { method: "PATCH", headers, body });
  return response.json();
}

export async function takePiece(
  { headers, body }: Request,
  take: (append: Append, body: ReadableStream<Uint8Array> | null) => Promise<Appended>,
): Promise<Response> {
  const append = JSON.parse(decodeURIComponent(headers.get(HEADER) ?? "")) as Append;
  return Response.json(await take(append, body as ReadableStream<Uint8Array> | null));
}
