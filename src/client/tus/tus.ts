/**
 * `sluice/client/tus`: sends large files in pieces, by tus 1.0, and goes on where it stopped: after broken lines, a pause, a
 * reload.
 */
import { orAbort } from "../abort.ts";
import { fingerprintOf, type CallOptions, type Sent } from "../call.ts";
import type { Caller, Client } from "../client.ts";
import type { AnyInput, CallArguments, EndpointRoute, NameOf, ResumableEndpoints } from "../endpoints.ts";
import { SluiceError } from "../error.ts";
import { makeKey } from "../idempotency.ts";
import { openKept } from "../kept.ts";
import { isBlob, type StorageLike } from "../platform.ts";
import { gatherFiles } from "../request/check-files.ts";
import { prepareRequest, type PreparedRequest } from "../request/request.ts";
import { discardUpload, sendPieces, type Pieces, type UploadPlace } from "./pieces.ts";
import { takeTurn } from "./turns.ts";

export interface ResumableOptions {
  /** Bytes of a piece, 50 MiB by default: the platform ends larger bodies than its plan takes, 100 MB at least. */
  readonly chunkBytes?: number;
  /** The largest file that goes as a form, where the endpoint takes it so: `chunkBytes` by default. */
  readonly formBytes?: number;
}

/** A piece has no idempotency key: what has arrived of an upload is known. */
export type ResumableCallOptions = Omit<CallOptions, "idempotencyKey">;

/** Calls endpoints that are `resumable`. A call that is aborted is paused: the same call goes on. */
export interface ResumableUploads<Endpoints> extends Caller<Endpoints, ResumableCallOptions> {
  /** Aborts the same call, and ends its upload on the server. What another tab sends it leaves alone. @throws SluiceError */
  discard<Name extends NameOf<Endpoints>>(
    name: Name,
    ...given: CallArguments<Endpoints[Name], Pick<CallOptions, "signal">>
  ): Promise<void>;
}

/** As `CallArguments`, whatever the endpoint. */
type AnyCall = [name: string, input?: AnyInput, options?: CallOptions];

interface AnyClient {
  send(...given: AnyCall): Promise<Sent<unknown>>;
}

const CHUNK_BYTES = 50 * 1024 * 1024;

/** @throws RangeError for a chunk of no bytes */
export function resumable<Endpoints>(
  client: Client<Endpoints>,
  { chunkBytes = CHUNK_BYTES, formBytes = chunkBytes }: ResumableOptions = {},
): ResumableUploads<ResumableEndpoints<Endpoints>> {
  if (!(chunkBytes >= 1)) throw new RangeError(`chunkBytes is ${chunkBytes}`);
  const { context } = client;
  const { storage } = context;
  const routes = context.endpoints as Readonly<Record<string, EndpointRoute>>;
  const sendForm = (...given: AnyCall) => (client as unknown as AnyClient).send(...given);
  // A pause has to be kept somewhere.
  const change = openKept(storage ?? memory(), "sluice-uploads");
  /** Of calls that run here. */
  const running = new Map<string, Set<AbortController>>();

  const placeOf = (key: string): UploadPlace => ({
    async find() {
      let path: string | null = null;
      await change((kept) => void (path = kept[key]?.[0] ?? null));
      return path;
    },
    keep: (path, endsAt) => change((kept) => void (kept[key] = [path, endsAt])),
    forget: () => change((kept) => void delete kept[key]),
  });

  /** @throws SluiceError */
  const inTurn = async <Result>(
    [name, input = {}, options = {}]: AnyCall,
    begin: (calls: Set<AbortController>, own: AbortController) => unknown,
    work: (pieces: Pieces) => Promise<Result>,
  ): Promise<Result> => {
    const own = new AbortController();
    const { signal } = options;
    const stop = () => own.abort(signal?.reason);
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    let calls = new Set([own]);
    try {
      const route = inPieces(routes[name]);
      const request = prepareRequest(context.origin, route, input);
      const key = keyOf(request);
      calls = running.get(key) ?? new Set();
      running.set(key, calls);
      begin(calls, own);
      const place = placeOf(key);
      // Known before the one in front has ended, and forgotten: its answer is this one's as well.
      const seen = await place.find();
      const find = async () => (await place.find()) ?? seen;
      const pieces = { context, route, request, place: { ...place, find }, chunkBytes, options, signal: own.signal };
      const run = () => orAbort(() => work(pieces), own.signal);
      const isShared = storage !== null && storage !== undefined;
      return await orAbort(() => takeTurn(`sluice ${key}`, isShared, own.signal, run), own.signal);
    } catch (cause) {
      throw cause instanceof SluiceError ? cause : new SluiceError("request_invalid", String(cause), { cause });
    } finally {
      signal?.removeEventListener("abort", stop);
      own.abort();
      calls.delete(own);
    }
  };

  const send = async (...given: AnyCall): Promise<Sent<unknown>> => {
    const [name, input, options] = given;
    if (!goesInPieces(routes[name], input, formBytes)) return sendForm(name, input, options);
    if (options?.idempotencyKey !== undefined)
      throw new SluiceError("request_invalid", "An idempotency key is for a form");
    return inTurn(given, (calls, own) => calls.add(own), sendPieces);
  };
  const discard = (...given: AnyCall): Promise<void> => {
    const abortAll = (calls: Set<AbortController>) => calls.forEach((one) => one.abort(new Error("Discarded")));
    return inTurn(given, abortAll, discardUpload);
  };
  const call = async (...given: AnyCall) => (await send(...given)).data;
  return { call, send, discard } as unknown as ResumableUploads<ResumableEndpoints<Endpoints>>;
}

/** The endpoint as it is for files in pieces. */
function inPieces(route: EndpointRoute | undefined): EndpointRoute {
  if (route === undefined) throw new SluiceError("request_invalid", "No such endpoint");
  const fields = Object.entries(route.files ?? {});
  return {
    ...route,
    files: Object.fromEntries(
      fields.map(([field, rules]) => [field, { ...rules, bytes: rules.resumable ?? rules.bytes }]),
    ),
  };
}

function goesInPieces(route: EndpointRoute | undefined, input: AnyInput | undefined, formBytes: number): boolean {
  const [one, ...more] = gatherFiles(input?.files);
  if (one === undefined || more.length > 0 || !isBlob(one.file)) return false;
  const rules = route?.files?.[one.field] ?? route?.files?.["*"];
  return rules?.resumable !== undefined && one.file.size > Math.min(formBytes, rules.bytes);
}

/** Of files that say nothing of themselves. */
const identities = new WeakMap<object, string>();

/** Tells the same upload. A file without a date is the same as long as it is the same object. */
function keyOf(request: PreparedRequest): string {
  const file: object = request.files[0]?.file ?? {};
  const identity = "lastModified" in file ? "" : (identities.get(file) ?? makeKey());
  identities.set(file, identity);
  return `${fingerprintOf(request)}${identity}${hashOf(JSON.stringify(request.fields))}`;
}

/** Of what nobody shall read in the storage: 53 bits, for the same file with other words is another upload. */
function hashOf(text: string): number {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}

function memory(): StorageLike {
  const items = new Map<string, string>();
  return {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => items.set(name, value),
    removeItem: (name) => items.delete(name),
  };
}
