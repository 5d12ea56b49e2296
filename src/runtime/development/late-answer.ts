/**
 * The rest of a refused body is read before the answer leaves. The local servers between Worker and client lose an answer
 * that comes while the client still sends: it sees a reset, or a 500. Cloudflare's own do not.
 */

export type Fetch = ExportedHandlerFetchHandler;
type IncomingRequest = Parameters<Fetch>[0];

const CHUNK_BYTES = 256 * 1024;
/** What is read of a body that nobody wants; no plan of Cloudflare's lets one be so large. */
const MOST_BYTES = 1024 * 1024 * 1024;
/** A client that sends nothing for so long gets its answer. */
const SILENCE_MS = 1000;

export function answerLate(fetch: Fetch): Fetch {
  return async (request, env, context) => {
    // A client can send a body with a GET, but no Request can be made that has one.
    if (request.body === null || /^(?:GET|HEAD)$/.test(request.method)) return fetch(request, env, context);
    const handed = handOn(request, request.body);
    let isRefused = true;
    try {
      const answer = await fetch(handed.request, env, context);
      isRefused = answer.status >= 400;
      return answer;
    } finally {
      await handed.finish(isRefused);
    }
  };
}

interface HandedRequest {
  readonly request: IncomingRequest;
  /** Resolves when the client may be answered. A body that still goes somewhere, such as into the answer, goes on. */
  finish(isRefused: boolean): Promise<void>;
}

/** The request with a body of its own, which may be given up without the client noticing. */
function handOn(request: IncomingRequest, body: ReadableStream<Uint8Array>): HandedRequest {
  const length = request.headers.get("content-length");
  // A bucket takes no stream of unknown length.
  const { readable, writable } =
    length === null ? new IdentityTransformStream() : new FixedLengthStream(Number(length));
  const reader = body.getReader({ mode: "byob" });
  const writer = writable.getWriter();
  let isGivenUp = false;
  let count = 0;

  const pass = async () => {
    for (let unwanted = 0; unwanted < MOST_BYTES;) {
      // What somebody reads is handed on as it comes.
      const least = isGivenUp ? CHUNK_BYTES : 1;
      const { done, value } = await reader.readAtLeast(least, new Uint8Array(CHUNK_BYTES));
      if (done) return isGivenUp ? undefined : writer.close();
      count += value.byteLength;
      if (isGivenUp) unwanted += value.byteLength;
      else await writer.write(value).catch(() => (isGivenUp = true));
    }
    return undefined;
  };
  // The client has gone.
  const passing = pass().catch((error: unknown) => writer.abort(error).catch(() => undefined));
  const silence = async () => {
    for (let before = -1; before < count;) {
      before = count;
      await scheduler.wait(SILENCE_MS);
    }
  };
  return {
    request: new Request(request, { method: request.method, body: readable, signal: request.signal }),
    async finish(isRefused) {
      if (isRefused && !isGivenUp) {
        isGivenUp = true;
        writer.abort().catch(() => undefined);
      }
      if (isGivenUp) await Promise.race([passing, silence()]);
    },
  };
}
