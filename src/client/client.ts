/**
 * `sluice/client`: calls endpoints and the file API from browsers, Node, Workers, Deno and React Native. Depends on nothing,
 * and on no types of a platform.
 */
import { createJobCalls, type JobView } from "./background.ts";
import { runCall, type CallContext, type CallOptions, type Sent, type TokenSource } from "./call.ts";
import type {
  AnswerOf,
  AnyInput,
  CallArguments,
  EndpointRoute,
  EndpointTable,
  NameOf,
  OpenEndpoints,
} from "./endpoints.ts";
import { createFileCalls, type FileCalls } from "./file-api.ts";
import { createKeys } from "./idempotency.ts";
import { browserStorage } from "./kept.ts";
import type { FetchLike, StorageLike } from "./platform.ts";

export type { CallOptions, Sent, TokenSource } from "./call.ts";
export type {
  AnswerOf,
  CallArguments,
  CallError,
  CallInput,
  EndpointRoute,
  EndpointTable,
  NameOf,
  SignedAddress as Link,
} from "./endpoints.ts";
export { SluiceError } from "./error.ts";
export type { ClientCode, SluiceCode } from "./error.ts";
export type {
  FileApiLimits,
  FileCalls,
  FileDocument,
  FilePage,
  FileQuery,
  IssueTerms,
  LinkAudit,
  SignTerms,
  UploadOptions,
} from "./file-api.ts";
export type { JobView as Job } from "./background.ts";
export type {
  BlobLike,
  DeviceFile,
  FetchLike,
  FileInput,
  SignalLike,
  StorageLike,
  StreamFile,
  UploadProgress,
} from "./platform.ts";

export interface ClientOptions<Endpoints> {
  /** What `sluice types` writes. */
  readonly endpoints: EndpointTable<Endpoints>;
  /** A function is asked before every attempt, and once more after a 401. Absent: only endpoints without `protected`. */
  readonly token?: TokenSource | undefined;
  /** In place of XMLHttpRequest and the platform's own. */
  readonly fetch?: FetchLike;
  /** Keeps the keys of unfinished uploads over a reload: `localStorage` by default, where there is one. Null: nothing does. */
  readonly storage?: StorageLike | null | undefined;
}

/** What is called by name. */
export interface EndpointCalls<Endpoints, Options = CallOptions> {
  /** Resolves with the answer's `data`. @throws SluiceError, and nothing else */
  call<Name extends NameOf<Endpoints>>(
    name: Name,
    ...given: CallArguments<Endpoints[Name], Options>
  ): Promise<AnswerOf<Endpoints[Name]>>;
  /** As `call`, with what is said beside the data. @throws SluiceError */
  send<Name extends NameOf<Endpoints>>(
    name: Name,
    ...given: CallArguments<Endpoints[Name], Options>
  ): Promise<Sent<AnswerOf<Endpoints[Name]>>>;
}

/** What a client was made with. */
export interface ClientContext<Endpoints> extends CallContext {
  readonly endpoints: EndpointTable<Endpoints>;
}

export interface Client<Endpoints> extends EndpointCalls<Endpoints> {
  /** A job, as it is now. @throws SluiceError */
  job<Result>(id: string, options?: CallOptions): Promise<JobView<Result>>;
  /** Asks until the job is over. @throws SluiceError with the code of a dead job's problem */
  wait<Result>(id: string, options?: CallOptions): Promise<Result | null>;
  readonly files: FileCalls;
  /** For `resumableUploads` of sluice/client/tus. */
  readonly context: ClientContext<Endpoints>;
}

interface CreateClient {
  /** @param origin `https://api.example.com`, with the path that Sluice is mounted at; empty = the page's own */
  <Endpoints>(origin: string, options: ClientOptions<Endpoints> & { readonly token: TokenSource }): Client<Endpoints>;
  /** Without a token, only what can be called without one. */
  <Endpoints>(
    origin: string,
    options: ClientOptions<Endpoints> & { readonly token?: undefined },
  ): Client<OpenEndpoints<Endpoints>>;
}

export const createClient = (<Endpoints>(
  origin: string,
  { endpoints, token, fetch, storage = browserStorage() }: ClientOptions<Endpoints>,
) => {
  const asked: Record<string, Promise<string>> = {};
  const askToken = (isRefused: boolean) => {
    const kind = String(isRefused);
    const ask = async () => (typeof token === "function" ? token(isRefused) : (token as string));
    return (asked[kind] ??= ask().finally(() => delete asked[kind]));
  };
  const context: ClientContext<Endpoints> = {
    origin,
    endpoints,
    token,
    fetch,
    storage,
    askToken,
    takeKey: createKeys(storage),
  };
  const send = (name: keyof Endpoints, input?: AnyInput, options?: CallOptions) =>
    runCall(context, endpoints[name], input, options);
  const call = async (...given: Parameters<typeof send>) => (await send(...given)).data;
  const routes: readonly EndpointRoute[] = Object.values(endpoints);
  const tokenHeaders = routes.flatMap((route) => (route.background ? (route.token ?? []) : []));
  return {
    call,
    send,
    context,
    ...createJobCalls(context, [...new Set(tokenHeaders)].join(" ") || null),
    files: createFileCalls(context),
  };
}) as CreateClient;
