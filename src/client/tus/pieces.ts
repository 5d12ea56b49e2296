/** Sends one file in pieces, from wherever an upload of it has come to. */
import type { CallContext, CallOptions, Sent } from "../call.ts";
import type { CallRoute } from "../endpoints.ts";
import { SluiceError } from "../error.ts";
import { makeKey } from "../idempotency.ts";
import type { UploadProgress } from "../platform.ts";
import type { FieldFile } from "../request/check-files.ts";
import type { PreparedRequest } from "../request/request.ts";
import { readReply } from "../retry.ts";
import { TIMEOUT_MS } from "../request/transport.ts";
import { exchange, type Exchanging, type TusReply, type TusRequest } from "./exchange.ts";
import { writeMetadata } from "./metadata.ts";
import { persist, type Attempts } from "./persist.ts";
import type { UploadPlace } from "./place.ts";

export interface Pieces {
  readonly context: CallContext;
  readonly route: CallRoute;
  /** With the one file. */
  readonly request: PreparedRequest;
  readonly place: UploadPlace;
  readonly chunkBytes: number;
  readonly options: CallOptions;
  readonly signal: AbortSignal;
}

const DAY_MS = 86_400_000;

/** A request for the upload, where it does not say otherwise. */
type Asked = Omit<TusRequest, "url"> & Partial<Pick<TusRequest, "url">>;

const urlOf = ({ origin }: CallContext, path: string) => `${origin.replace(/\/$/, "")}${path}`;

const sendingOf = ({ timeout = TIMEOUT_MS }: CallOptions, { isRefused }: Attempts, signal: AbortSignal) => ({
  timeout,
  isRefused,
  signal,
});

/** @throws SluiceError */
export async function sendPieces({
  context,
  route,
  request,
  place,
  chunkBytes,
  options,
  signal,
}: Pieces): Promise<Sent<unknown>> {
  const [of] = request.files as readonly [FieldFile];
  const file = of.file as Blob;
  const { size } = file;
  let path = await place.find();
  /** Bytes that the server has; null: it has to be asked. */
  let offset: number | null = null;
  /** The most that it has had. */
  let reached = 0;
  /** A PATCH of ours may still be running there. */
  let mayHang = false;
  let hasBegunAgain = false;
  /** A creation whose answer is lost is asked for once more. Undefined: nobody is known who could own it. */
  let key = route.token === null ? undefined : makeKey();

  const show = (loaded: number) => queueMicrotask(() => options.onProgress?.({ loaded, total: size }));
  const ask = (attempts: Attempts, asked: Asked, onProgress?: Exchanging["onProgress"]) =>
    exchange(
      context,
      route,
      { url: urlOf(context, path ?? ""), ...asked },
      { ...sendingOf(options, attempts, signal), onProgress },
    );
  const arrive = (at: unknown, attempts: Attempts): undefined => {
    const bytes = Number(at ?? Number.NaN);
    if (!(bytes >= 0 && bytes <= size)) throw new SluiceError("bad_answer", "No Upload-Offset");
    offset = bytes;
    show(bytes);
    if (bytes <= reached) return;
    reached = bytes;
    attempts.failed = 0;
  };

  const create = async (attempts: Attempts): Promise<undefined> => {
    const headers = {
      "Upload-Length": String(size),
      "Upload-Metadata": writeMetadata(request),
      ...(key && { "Idempotency-Key": key }),
    };
    const { location, expires } = await ask(attempts, { method: "POST", url: request.url, headers });
    // Its path alone: a proxy may have another name, and tokens go to no other origin than the client's.
    const at = location?.indexOf("/v1/uploads/") ?? -1;
    if (location === null || at < 0) throw new SluiceError("bad_answer", "No Location");
    path = location.slice(at);
    offset = 0;
    const endsAt = Date.parse(expires ?? "");
    // What no longer is costs a question; a clock that is wrong shall not cost the upload.
    await place.keep(path, endsAt > Date.now() ? endsAt : Date.now() + DAY_MS);
  };

  /** How far it is, or what the endpoint has answered. */
  const inquire = async (attempts: Attempts): Promise<Sent<unknown> | undefined> => {
    if (mayHang) {
      // Ends a PATCH that hangs.
      const { offset: known } = await ask(attempts, { method: "HEAD" });
      mayHang = false;
      // With 423, too: everything has come, and the endpoint has yet to answer.
      if (known !== null) return arrive(known, attempts);
    }
    // Says why, where there is no offset, and how a whole upload has ended. HEAD has no words.
    const reply = await ask(attempts, { method: "GET" });
    const members = readReply(reply);
    return "offset" in members ? arrive(members["offset"], attempts) : toSent(reply);
  };

  const append = async (attempts: Attempts, from: number): Promise<Sent<unknown> | undefined> => {
    const end = Math.min(size, from + Math.floor(chunkBytes));
    offset = null;
    mayHang = end < size;
    const headers = { "Upload-Offset": String(from), Prefer: "return=representation" };
    const reply = await ask(
      attempts,
      { method: "PATCH", headers, chunk: { bytes: file.slice(from, end), of } },
      ({ loaded }: UploadProgress) => options.onProgress?.({ loaded: Math.min(end, from + loaded), total: size }),
    );
    if (reply.status !== 204) {
      show(size);
      return toSent(reply);
    }
    arrive(reply.offset, attempts);
    // Somebody else sends the same upload.
    if (offset !== end) throw new SluiceError("network", "Interrupted");
    return undefined;
  };

  const step = async (attempts: Attempts): Promise<Sent<unknown> | undefined> => {
    if (path === null) return create(attempts);
    return offset === null || offset === size ? inquire(attempts) : append(attempts, offset);
  };
  /** Whether it may go on at once. */
  const mend = ({ status, code }: SluiceError) => {
    if (code === "offset_conflict") return (mayHang = true);
    if (key && code === "idempotency_key_invalid") {
      // The token names nobody.
      key = undefined;
      return true;
    }
    if (path === null || hasBegunAgain || (status !== 404 && status !== 410)) return false;
    // It has expired, was ended, or is somebody else's.
    path = offset = null;
    key &&= makeKey();
    reached = 0;
    mayHang = false;
    return (hasBegunAgain = true);
  };
  try {
    const sent = await persist(context, options, signal, step, mend);
    await place.forget();
    return sent;
  } catch (thrown) {
    if (isFinal(thrown as SluiceError)) await place.forget();
    throw thrown;
  }
}

function toSent(reply: TusReply): Sent<unknown> {
  const { data, job_id: jobId = null } = readReply(reply);
  const { requestId, isReplayed } = reply;
  return { data, jobId: jobId as string | null, requestId, isReplayed };
}

/** The endpoint has refused the file, or its answer is lost: there is nothing to go on with. */
const isFinal = ({ status, code }: SluiceError): boolean =>
  status >= 400 &&
  status < 500 &&
  ![401, 403, 408, 423, 429].includes(status) &&
  !/^bad_answer$|^offset_conflict$|in_flight$/.test(code);

/** Ends the upload. @throws SluiceError */
export async function discardUpload({ context, route, place, options, signal }: Pieces): Promise<void> {
  const path = await place.find();
  if (path === null) return;
  const step = async (attempts: Attempts) => {
    await exchange(
      context,
      route,
      { method: "DELETE", url: urlOf(context, path) },
      sendingOf(options, attempts, signal),
    );
    return true;
  };
  try {
    await persist(context, options, signal, step, () => false);
  } catch (thrown) {
    if ((thrown as SluiceError).status !== 404) throw thrown;
  }
  await place.forget();
}
