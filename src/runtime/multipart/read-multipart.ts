/**
 * The pull reader for multipart/form-data (RFC 7578, RFC 2046 §5.1): one pass, one buffer, whatever the size of the
 * body.
 */
import type { ByteSource } from "../bytes.ts";
import { BodyWindow, BUFFER_BYTES, type BodyLimits } from "./body-window.ts";
import type { LineBreak } from "./delimiter-line.ts";
import { createDelimiterSearch } from "./delimiter-search.ts";
import { PartBody } from "./part-body.ts";
import type { Delimiter } from "./part-body.ts";
import { readPartHeaders } from "./part-headers.ts";
import type { HeaderLimits, PartHeaders } from "./part-headers.ts";
import { tooLarge } from "./refusals.ts";

export interface MultipartLimits extends HeaderLimits, BodyLimits {
  readonly maxParts: number;
}

/**
 * 100 MiB is about the request body that Cloudflare passes on at all on its smaller plans
 * (https://developers.cloudflare.com/workers/platform/limits/#request-limits). The names hold 255 characters of any script.
 */
export const defaultMultipartLimits: MultipartLimits = {
  maxParts: 1_000,
  maxHeaderBytes: 8 * 1024,
  maxNameBytes: 1_024,
  maxFileNameBytes: 1_024,
  maxBodyBytes: 100 * 1024 * 1024,
  bufferBytes: BUFFER_BYTES,
  receive: (reading) => reading,
};

/** One part, valid until the next one is asked for. Both names are the client's words, of any content. */
export interface Part extends PartHeaders {
  /** Views on a recycled buffer. Left unread, it is passed over when the next part is asked for. */
  readonly body: ByteSource;
}

const encoder = new TextEncoder();

/**
 * The parts of `body`, in order. Owns the stream from the first `next()` on, and reads nothing before that or before it
 * is asked for bytes. The stream is unlocked at the end of the body (the epilogue is read), and cancelled when the
 * consumer returns early or anything fails.
 *
 * Throws, here or from the part being read: Problem("body_malformed") when the body breaks the grammar, is truncated or
 * cannot be read to its end; Problem("body_too_large") when one of the limits is passed. A part whose body has given its
 * null was whole, but the rest of the request can still be refused. `boundary` is one that `parseBoundary` gave; a plain
 * Error when `maxHeaderBytes` is more than half the buffer.
 */
export function readMultipart(
  body: ReadableStream<Uint8Array>,
  boundary: string,
  limits: MultipartLimits,
): AsyncGenerator<Part> {
  if (limits.maxHeaderBytes > limits.bufferBytes / 2)
    throw new RangeError("maxHeaderBytes is too large for the buffer.");
  return readParts(body, boundary, limits);
}

function createDelimiter(boundary: string, lineBreak: LineBreak | null): Delimiter {
  return { search: createDelimiterSearch(encoder.encode(`${lineBreak ?? "\n"}--${boundary}`)), lineBreak };
}

async function* readParts(
  body: ReadableStream<Uint8Array>,
  boundary: string,
  limits: MultipartLimits,
): AsyncGenerator<Part> {
  // The line break before the first byte lets a body that starts with its boundary be found like any other.
  const window = new BodyWindow(body, encoder.encode("\n"), limits);
  try {
    let line = await new PartBody(window, createDelimiter(boundary, null), 0).drain();
    const lineBreak = line.kind === "next" ? line.lineBreak : "\r\n";
    const delimiter = createDelimiter(boundary, lineBreak);
    for (let count = 1; line.kind === "next"; count++) {
      if (count > limits.maxParts) throw tooLarge("The request has too many parts.", limits.maxParts);
      const headers = await readPartHeaders(window, lineBreak, limits);
      const partBody = new PartBody(window, delimiter, lineBreak.length);
      yield { ...headers, body: partBody };
      line = await partBody.drain();
    }
    await passEpilogue(window);
    window.release();
  } finally {
    window.cancel();
  }
}

/** Reads to the end of the stream: a request whose body was taken whole can be answered without closing the connection. */
async function passEpilogue(window: BodyWindow): Promise<void> {
  while (!window.ended) {
    window.start = window.end;
    await window.fill();
  }
}
