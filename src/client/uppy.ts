/** `sluice/uppy`: what Uppy and its XHRUpload have to be told of an endpoint. Each file is a call of its own. */
import type { TokenSource } from "./call.ts";
import type { AnyInput, EndpointTable, NameOf } from "./endpoints.ts";
import { makeKey } from "./idempotency.ts";
import { addressOf } from "./request/request.ts";
import { readReply, waitBefore } from "./retry.ts";
import type { SluiceError } from "./error.ts";
import { replyOf } from "./request/transport.ts";

export interface UppyOptions<Endpoints> {
  readonly endpoints: EndpointTable<Endpoints>;
  /** As the client's. */
  readonly token?: TokenSource;
  /** The form's field for the files; absent: the endpoint's first. */
  readonly field?: string;
  /** Of Uppy's `meta`: what is sent as fields of the form. */
  readonly fields?: readonly string[];
  readonly path?: AnyInput["path"];
  readonly query?: AnyInput["query"];
}

/** What Uppy shows as the `body` of a response. `url` is that of the first file, which Uppy calls `uploadURL`. */
export interface UppyBody extends Record<string, unknown> {
  readonly data: unknown;
  readonly url: string | undefined;
}

/** The preset: `new Uppy({ restrictions }).use(XHRUpload, xhrUpload)`. */
export interface UppyPreset {
  readonly restrictions: { readonly maxFileSize: number | null; readonly allowedFileTypes: string[] | null };
  readonly xhrUpload: {
    readonly endpoint: string;
    readonly method: "POST";
    readonly formData: true;
    readonly bundle: false;
    readonly fieldName: string;
    readonly allowedMetaFields: string[];
    readonly onBeforeRequest: (
      xhr: XMLHttpRequest,
      retries: number,
      files: readonly { readonly id: string }[],
    ) => Promise<void>;
    readonly onAfterResponse: (xhr: XMLHttpRequest, retries: number) => Promise<void>;
    readonly shouldRetry: (xhr: XMLHttpRequest) => boolean;
    readonly getResponseData: (xhr: XMLHttpRequest) => UppyBody;
  };
}

/** What is known of one file's calls. */
interface Progressing {
  /** The same for all attempts, those that the user asks for included. */
  readonly key: string;
  isRefused: boolean;
}

/** @throws SluiceError for a path or a query that no address can have */
export function uppyPreset<Endpoints>(
  origin: string,
  name: NameOf<Endpoints>,
  { endpoints, token, field, fields = [], path = {}, query = {} }: UppyOptions<Endpoints>,
): UppyPreset {
  const route = endpoints[name];
  const [first = "*"] = Object.keys(route.files ?? {});
  const chosen = field ?? first;
  const limits = route.files?.[chosen] ?? route.files?.["*"];
  const files = new Map<string, Progressing>();
  const requests = new WeakMap<XMLHttpRequest, { readonly id: string; readonly file: Progressing }>();
  /** Those that Uppy must not send again. */
  const settled = new WeakSet<XMLHttpRequest>();

  return {
    restrictions: {
      maxFileSize: limits?.bytes ?? null,
      allowedFileTypes: limits === undefined || limits.types.includes("*/*") ? null : [...limits.types],
    },
    xhrUpload: {
      endpoint: addressOf(origin, route, { path, query }),
      method: "POST",
      formData: true,
      bundle: false,
      fieldName: chosen === "*" ? "file" : chosen,
      allowedMetaFields: [...fields],
      /** Never rejects: Uppy would not hear of it, and the upload would never end. */
      async onBeforeRequest(xhr, _, [{ id } = { id: "" }]) {
        const file = files.get(id) ?? { key: makeKey(), isRefused: false };
        files.set(id, file);
        requests.set(xhr, { id, file });
        if (route.token === null || token === undefined) return;
        xhr.setRequestHeader("Idempotency-Key", file.key);
        try {
          const text = typeof token === "string" ? token : await token(file.isRefused);
          xhr.setRequestHeader(route.token, /^authorization$/i.test(route.token) ? `Bearer ${text}` : text);
        } catch {
          // The server answers that there is no token.
        }
      },
      /** @throws SluiceError, which Uppy passes on to `upload-error` unless the file is sent again */
      async onAfterResponse(xhr, retries) {
        const { id, file } = requests.get(xhr) ?? { id: "", file: { key: "", isRefused: false } };
        try {
          readReply(replyOf(xhr));
          files.delete(id);
        } catch (thrown) {
          const error = thrown as SluiceError;
          file.isRefused = error.code === "unauthorized" && !file.isRefused && typeof token === "function";
          const milliseconds = file.isRefused ? 0 : waitBefore(retries, error, route.token !== null);
          if (milliseconds === null) settled.add(xhr);
          // Uppy waits as well, and knows nothing of Retry-After.
          else if ((error.retryAfter ?? 0) > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
          throw error;
        }
      },
      shouldRetry: (xhr) => !settled.has(xhr),
      getResponseData(xhr) {
        const { data } = readReply(replyOf(xhr));
        const [stored] = [data].flat() as ({ readonly url?: unknown } | null)[];
        return { data, url: typeof stored?.url === "string" ? stored.url : undefined };
      },
    },
  };
}
