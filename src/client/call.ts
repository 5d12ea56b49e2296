/** Carries out one call: token, idempotency key, attempts. Every way out is an answer or a SluiceError. */
import { orAbort, sleep } from "./abort.ts";
import type { AnyInput, CallRoute } from "./endpoints.ts";
import { SluiceError } from "./error.ts";
import { makeKey, type TakeKey, type UploadKey } from "./idempotency.ts";
import { isStream, type FetchLike, type SignalLike, type StorageLike, type UploadProgress } from "./platform.ts";
import { prepareRequest, type PreparedRequest } from "./request/request.ts";
import { isUnsure, readReply, waitBefore } from "./retry.ts";
import { sendOnce } from "./request/transport.ts";

/** A token, or what gets one. `isRefused`: the server has not taken the last one, so a fresh one is needed. */
export type TokenSource = string | ((isRefused: boolean) => string | Promise<string>);

export interface CallOptions {
  readonly signal?: SignalLike;
  /**
   * Of calls with files. XMLHttpRequest (browsers, React Native) tells what has left; elsewhere, and with a `fetch` of
   * one's own, it is what `fetch` has taken of the files. Service workers tell nothing.
   */
  readonly onProgress?: (progress: UploadProgress) => void;
  /** The call will be sent again after so many milliseconds. */
  readonly onRetry?: (error: SluiceError, milliseconds: number) => void;
  /** In place of the client's own, which makes repeats of this call safe. */
  readonly idempotencyKey?: string;
  /** Further attempts, 5 by default. */
  readonly retries?: number;
  /** Milliseconds in which something must move, 60,000 by default. */
  readonly timeout?: number;
}

/** An answer, and what is said beside it. */
export interface Sent<Answer> {
  readonly data: Answer;
  /** Of an endpoint with background work: what `job` and `wait` take. */
  readonly jobId: string | null;
  readonly requestId: string | null;
  /** The answer of an earlier call with the same key: nothing was stored again. */
  readonly isReplayed: boolean;
}

export interface CallContext {
  readonly origin: string;
  readonly token: TokenSource | undefined;
  /** Asks for one token at a time, however many calls want one. */
  readonly askToken: (isRefused: boolean) => Promise<string>;
  readonly takeKey: TakeKey;
  readonly fetch: FetchLike | undefined;
  readonly storage: StorageLike | null | undefined;
}

export const RETRIES = 5;
/** While the other call under the key runs; one that has died holds it for half a minute. */
export const IN_FLIGHT_RETRIES = 20;

/** Adds the token. @param isRefused the last one was not taken @throws SluiceError `token_failed` */
export async function authorize(
  { token, askToken }: CallContext,
  { token: names }: CallRoute,
  headers: { set(name: string, value: string): void },
  isRefused: boolean,
): Promise<void> {
  if (names === null || token === undefined) return;
  try {
    const text = await askToken(isRefused);
    // A job's may be several: which endpoint it is of is not known.
    for (const name of names.split(" ")) headers.set(name, /^authorization$/i.test(name) ? `Bearer ${text}` : text);
  } catch (cause) {
    throw new SluiceError("token_failed", "No token", { cause });
  }
}

/**
 * One function, long as it is: what an attempt changes for the next are its variables, which a page loads more cheaply than an
 * object with names that functions pass on.
 * @throws SluiceError
 */
export async function runCall(
  context: CallContext,
  route: CallRoute,
  input: AnyInput = {},
  options: CallOptions = {},
): Promise<Sent<unknown>> {
  const { origin, token, takeKey } = context;
  const { signal, onRetry, retries = RETRIES, idempotencyKey } = options;
  const ended = new AbortController();
  let stored: Promise<UploadKey> | undefined;
  /** The server may have carried the call out, unheard. */
  let mayBeDone = false;

  const run = async (): Promise<Sent<unknown>> => {
    const request = prepareRequest(origin, route, input);
    const isReading = request.method === "GET";
    // Nothing can be read from an open stream a second time.
    const canRepeat = !request.files.some(({ file }) => isStream(file) && typeof file.stream === "object");
    let key = idempotencyKey;
    // Nobody could own the key of a call without a token.
    let mayRekey = key === undefined && !isReading && route.token !== null;
    if (mayRekey && request.files.length > 0) stored = takeKey(fingerprintOf(request));
    if (mayRekey) key = (await stored)?.value ?? makeKey();
    let isRefused = false;
    let failed = 0;
    let inFlight = 0;

    /** Whether the call may be sent again at once, as another one. */
    const mend = ({ code }: SluiceError) => {
      isRefused = code === "unauthorized" && !isRefused && typeof token === "function";
      // Another file that looked the same; or an endpoint that knows no caller who could own a key.
      const isReused = code === "idempotency_key_reused";
      const wantsKey = mayRekey && (isReused || code === "idempotency_key_invalid");
      if (wantsKey) {
        key = isReused ? makeKey() : undefined;
        mayRekey = false;
      }
      return isRefused || wantsKey;
    };
    for (;;) {
      try {
        const headers = new Headers(key === undefined ? {} : { "Idempotency-Key": key });
        await authorize(context, route, headers, isRefused);
        const reply = await sendOnce(request, { ...context, ...options, headers, signal: ended.signal });
        const { data, job_id: jobId = null } = readReply(reply);
        mayBeDone = false;
        const { requestId, isReplayed } = reply;
        return { data, jobId: jobId as string | null, requestId, isReplayed };
      } catch (thrown) {
        const error = thrown as SluiceError;
        mayBeDone ||= isUnsure(error);
        if (!canRepeat) throw error;
        if (mend(error)) continue;
        const isWaiting = error.code === "idempotency_in_flight";
        const milliseconds = waitBefore(isWaiting ? inFlight++ : failed++, error, key !== undefined || isReading);
        if (milliseconds === null || failed > retries || inFlight > IN_FLIGHT_RETRIES) throw error;
        queueMicrotask(() => onRetry?.(error, milliseconds));
        await sleep(milliseconds, ended.signal);
      }
    }
  };
  try {
    return await orAbort(run, signal);
  } catch (cause) {
    const error = cause instanceof SluiceError ? cause : new SluiceError("request_invalid", String(cause), { cause });
    // Whoever aborts, and sends the file once more, wants it stored.
    if (error.code === "aborted") mayBeDone = false;
    throw error;
  } finally {
    ended.abort();
    await (await stored)?.settle(!mayBeDone);
  }
}

/**
 * Tells the same upload after a reload. What is in the files and the fields the server compares. Given names, `JSON.stringify`
 * reads inherited members too, as those of a browser's files are.
 */
export const fingerprintOf = ({ url, files }: PreparedRequest): string =>
  JSON.stringify([url, files], "field,file,name,size,type,lastModified,uri".split(","));
