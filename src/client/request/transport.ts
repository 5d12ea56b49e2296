/** Sends one request once, by XMLHttpRequest or `fetch`. Knows nothing of tokens, retries or what answers mean. */
import { SluiceError } from "../error.ts";
import { toFormData } from "./form.ts";
import type { AnswerLike, FetchLike, UploadProgress } from "../platform.ts";
import type { FetchBody } from "./form-body.ts";
import type { PreparedRequest } from "./request.ts";

/** The whole answer, read. */
export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly requestId: string | null;
  readonly retryAfter: string | null;
  /** The answer of an earlier call with the same idempotency key. */
  readonly isReplayed: boolean;
}

/** How one attempt is made. */
export interface Attempting {
  readonly headers: Headers;
  /** Stops it without a word. */
  readonly signal: AbortSignal;
  readonly fetch: FetchLike | undefined;
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  readonly timeout?: number;
}

export const TIMEOUT_MS = 60_000;
/** A timer that is asked for more fires at once. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/** @param own sends it in place of a form or JSON @throws SluiceError `network`, `timeout` or `file_changed` */
export async function sendOnce(
  request: PreparedRequest,
  sending: Attempting,
  own?: (request: PreparedRequest, sending: Attempting, moved: Moved) => Promise<Reply>,
): Promise<Reply> {
  const { signal, fetch, onProgress, timeout = TIMEOUT_MS } = sending;
  const attempt = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    clearTimeout(timer);
    attempt.abort();
  };
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    // A stream that stands still, or a `fetch` that does not listen, ends it all the same.
    return await new Promise((resolve, reject) => {
      const moved = (progress?: UploadProgress) => {
        clearTimeout(timer);
        if (attempt.signal.aborted) return;
        const fail = () => reject(new SluiceError("timeout", "Timeout"));
        timer = setTimeout(fail, Math.min(timeout, MAX_TIMEOUT));
        if (progress) queueMicrotask(() => onProgress?.(progress));
      };
      moved();
      // `fetch` cannot tell how much of a body has been sent.
      const send =
        own ??
        (request.files.length > 0 && fetch === undefined && "XMLHttpRequest" in globalThis ? sendByXhr : sendByFetch);
      send(request, { ...sending, signal: attempt.signal }, moved).then(resolve, (cause: unknown) =>
        explain(request, cause).then(reject),
      );
    });
  } finally {
    signal.removeEventListener("abort", stop);
    // Whatever still reads the body or the answer.
    stop();
  }
}

/** A file that was changed meanwhile looks like a broken connection. */
async function explain({ files }: PreparedRequest, cause: unknown): Promise<SluiceError> {
  if (cause instanceof SluiceError) return cause;
  for (const { file } of files) {
    try {
      await (file as Partial<Blob>).slice?.(0, 1).arrayBuffer?.();
    } catch (fault) {
      return new SluiceError("file_changed", `"${file.name ?? ""}" has changed`, { cause: fault });
    }
  }
  return new SluiceError("network", "No answer", { cause });
}

/** Something has moved: how much, where that is known. */
export type Moved = (progress?: UploadProgress) => void;

export const toReply = (status: number, text: string, header: (name: string) => string | null): Reply => ({
  status,
  text,
  requestId: header("X-Request-Id"),
  retryAfter: header("Retry-After"),
  isReplayed: header("Idempotent-Replayed") !== null,
});

export const replyOf = (xhr: XMLHttpRequest): Reply =>
  toReply(xhr.status, xhr.responseText, (name) => xhr.getResponseHeader(name));

async function sendByXhr(request: PreparedRequest, { signal, headers }: Attempting, moved: Moved): Promise<Reply> {
  const body = await toFormData(request);
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(request.method, request.url);
    headers.forEach((value, name) => xhr.setRequestHeader(name, value));
    xhr.upload.addEventListener("progress", moved);
    xhr.addEventListener("error", reject);
    xhr.addEventListener("load", () => resolve(replyOf(xhr)));
    signal.addEventListener("abort", () => xhr.abort());
    // Meanwhile, a stream was read into the body.
    if (!signal.aborted) xhr.send(body);
  });
}

async function sendByFetch(request: PreparedRequest, sending: Attempting, moved: Moved): Promise<Reply> {
  const { signal, headers, fetch: send = globalThis.fetch } = sending;
  const { method, url, json, files } = request;
  let body: FetchBody = { body: json };
  if (json !== undefined) headers.set("Content-Type", "application/json");
  else if (method !== "GET" && files.length + request.fields.length > 0) {
    body = await (await import("./form-body.ts")).toFetchBody(request, headers, moved);
  }
  const answer: AnswerLike = await send(url, { method, signal, headers, ...body } as never);
  moved();
  return toReply(answer.status, await answer.text(), (name) => answer.headers.get(name));
}
