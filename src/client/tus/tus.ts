/**
 * `sluice/client/tus`: sends large files in pieces, by tus 1.0, and goes on where it stopped: after broken lines, a pause, a
 * reload.
 */
import { orAbort } from "../abort.ts";
import type { CallOptions, Sent } from "../call.ts";
import type { EndpointCalls, Client } from "../client.ts";
import type { AnyInput, CallArguments, EndpointRoute, NameOf, ResumableEndpoints } from "../endpoints.ts";
import { SluiceError } from "../error.ts";
import { isBlob } from "../platform.ts";
import { gatherFiles } from "../request/check-files.ts";
import { prepareRequest } from "../request/request.ts";
import { discardUpload, sendPieces, type Pieces } from "./pieces.ts";
import { keyOf, openPlaces, type UploadPlace } from "./place.ts";
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
export interface ResumableCalls<Endpoints> extends EndpointCalls<Endpoints, ResumableCallOptions> {
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

/** The same upload, as often as it is called here just now. */
interface Running {
  readonly calls: Set<AbortController>;
  /** Where it is, or was. */
  path: string | null;
}

const CHUNK_BYTES = 50 * 1024 * 1024;

/** @throws RangeError for a size that is none */
export function resumableUploads<Endpoints>(
  client: Client<Endpoints>,
  { chunkBytes = CHUNK_BYTES, formBytes = chunkBytes }: ResumableOptions = {},
): ResumableCalls<ResumableEndpoints<Endpoints>> {
  if (!(chunkBytes >= 1 && formBytes >= 0)) throw new RangeError(`${chunkBytes} and ${formBytes} are no sizes`);
  const { context } = client;
  const { storage } = context;
  const routes = context.endpoints as Readonly<Record<string, EndpointRoute>>;
  const sendForm = (...given: AnyCall) => (client as unknown as AnyClient).send(...given);
  const placeOf = openPlaces(storage);
  const running = new Map<string, Running>();

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
    let leave = () => {};
    try {
      const route = inPieces(routes[name]);
      const request = prepareRequest(context.origin, route, input);
      const key = keyOf(request);
      const same = running.get(key) ?? { calls: new Set(), path: null };
      running.set(key, same);
      leave = () => {
        same.calls.delete(own);
        if (same.calls.size === 0) running.delete(key);
      };
      const isFirst = same.calls.size === 0;
      begin(same.calls, own);
      const kept = placeOf(key);
      // Known before the one in front has ended, and forgotten: its answer is this one's as well.
      const seen = await kept.find();
      const place: UploadPlace = {
        ...kept,
        find: async () => (await kept.find()) ?? seen ?? (isFirst ? null : same.path),
        keep: (path, endsAt) => kept.keep((same.path = path), endsAt),
      };
      const run = () => work({ context, route, request, place, chunkBytes, options, signal: own.signal });
      const isShared = storage !== null && storage !== undefined;
      const turn = () => takeTurn(`sluice ${key}`, isShared, own.signal, () => orAbort(run, own.signal));
      return await orAbort(turn, own.signal);
    } catch (cause) {
      throw cause instanceof SluiceError ? cause : new SluiceError("request_invalid", String(cause), { cause });
    } finally {
      signal?.removeEventListener("abort", stop);
      own.abort();
      leave();
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
  return { call, send, discard } as unknown as ResumableCalls<ResumableEndpoints<Endpoints>>;
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
