/** One request of tus 1.0: https://tus.io/protocols/resumable-upload */
import { authorize, type CallContext } from "../call.ts";
import type { CallRoute } from "../endpoints.ts";
import type { UploadProgress } from "../platform.ts";
import type { FieldFile } from "../request/check-files.ts";
import { readReply } from "../retry.ts";
import { replyOf, sendOnce, toReply, type Attempting, type Moved, type Reply } from "../request/transport.ts";

/** Bytes of a file. */
export interface Chunk {
  readonly bytes: Blob;
  /** To see whether it has changed. */
  readonly of: FieldFile;
}

export interface TusRequest {
  readonly method: "POST" | "HEAD" | "PATCH" | "GET" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly chunk?: Chunk;
}

export interface TusReply extends Reply {
  /** `Location`. */
  readonly location: string | null;
  /** `Upload-Offset`. */
  readonly offset: string | null;
  /** `Upload-Expires`. */
  readonly expires: string | null;
}

/** An XMLHttpRequest forgets its headers as soon as it is over. */
const withHeaders = (reply: Reply, header: (name: string) => string | null): TusReply => ({
  ...reply,
  location: header("Location"),
  offset: header("Upload-Offset"),
  expires: header("Upload-Expires"),
});

export interface Exchanging {
  readonly signal: AbortSignal;
  readonly timeout: number;
  /** The last token was not taken. */
  readonly isRefused: boolean;
  /** Of the chunk. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
}

/** @throws SluiceError the problem that is answered, except to HEAD, and as `sendOnce` and `authorize` */
export async function exchange(
  context: CallContext,
  route: CallRoute,
  { method, url, headers: own = {}, chunk }: TusRequest,
  { isRefused, ...sending }: Exchanging,
): Promise<TusReply> {
  const headers = new Headers({ "Tus-Resumable": "1.0.0", ...own });
  if (chunk !== undefined) headers.set("Content-Type", "application/offset+octet-stream");
  await authorize(context, route, headers, isRefused);
  const { fetch } = context;
  const isByXhr = chunk !== undefined && fetch === undefined && "XMLHttpRequest" in globalThis;
  const send = isByXhr ? sendByXhr : sendByFetch;
  const reply = (await sendOnce(
    { method, url, json: undefined, fields: [], files: chunk === undefined ? [] : [chunk.of] },
    { ...sending, headers, fetch },
    (request, attempt, moved) => send(request, attempt, moved, chunk?.bytes),
  )) as TusReply;
  // To HEAD no problem is told.
  if (reply.status >= 300 && method !== "HEAD") readReply(reply);
  return reply;
}

/** What is sent where. */
type Target = Pick<TusRequest, "url"> & { readonly method: string };

function sendByXhr({ method, url }: Target, { signal, headers }: Attempting, moved: Moved, bytes: Blob | undefined) {
  return new Promise<TusReply>((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    headers.forEach((value, name) => xhr.setRequestHeader(name, value));
    xhr.upload.addEventListener("progress", moved);
    xhr.addEventListener("error", reject);
    xhr.addEventListener("load", () => resolve(withHeaders(replyOf(xhr), (name) => xhr.getResponseHeader(name))));
    signal.addEventListener("abort", () => xhr.abort());
    xhr.send(bytes);
  });
}

async function sendByFetch(
  { method, url }: Target,
  { signal, headers, fetch: send = globalThis.fetch }: Attempting,
  moved: Moved,
  bytes: Blob | undefined,
): Promise<TusReply> {
  const body = bytes === undefined ? {} : bodyOf(bytes, moved);
  const answer = await send(url, { method, signal, headers, ...body } as never);
  moved();
  const header = (name: string) => answer.headers.get(name);
  return withHeaders(toReply(answer.status, await answer.text(), header), header);
}

/** On servers a stream that counts what is taken of it. Browsers and their service workers take one over HTTP/2 alone. */
function bodyOf(bytes: Blob, moved: Moved) {
  if ("XMLHttpRequest" in globalThis || "registration" in globalThis) return { body: bytes };
  let loaded = 0;
  const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(piece, controller) {
      moved({ loaded: (loaded += piece.byteLength), total: bytes.size });
      controller.enqueue(piece);
    },
  });
  return { body: bytes.stream().pipeThrough(counted), duplex: "half" };
}
