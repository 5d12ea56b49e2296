/** Speaks tus 1.0 as a client does, a request at a time. */
import type { Call } from "./app.ts";

export const VERSION = { "tus-resumable": "1.0.0" };
export const CHUNK = { ...VERSION, "content-type": "application/offset+octet-stream" };

/** `Upload-Metadata`. */
export function metadataOf(values: Readonly<Record<string, string>>): string {
  const encoded = Object.entries(values).map(
    ([name, value]) => `${name} ${btoa(String.fromCharCode(...new TextEncoder().encode(value)))}`,
  );
  return encoded.join(",");
}

export interface TusClient {
  /** Creates an upload of so many bytes; null: the length is told later. */
  create(
    length: number | null,
    metadata?: Readonly<Record<string, string>>,
    more?: Record<string, string>,
  ): Promise<Response>;
  patch(address: string, offset: number, bytes: BodyInit | null, more?: Record<string, string>): Promise<Response>;
  head(address: string): Promise<Response>;
  end(address: string): Promise<Response>;
  get(address: string): Promise<Response>;
}

export function tusClient(call: Call, path: string, headers: Readonly<Record<string, string>>): TusClient {
  const pathOf = (address: string) => {
    const { pathname, search } = new URL(address);
    return pathname + search;
  };
  return {
    create: (length, metadata = {}, more = {}) =>
      call(path, {
        method: "POST",
        headers: {
          ...headers,
          ...VERSION,
          ...(length === null ? { "upload-defer-length": "1" } : { "upload-length": String(length) }),
          "upload-metadata": metadataOf(metadata),
          ...more,
        },
      }),
    patch: (address, offset, body, more = {}) =>
      call(pathOf(address), {
        method: "PATCH",
        headers: { ...headers, ...CHUNK, "upload-offset": String(offset), ...more },
        body,
      }),
    head: (address) => call(pathOf(address), { method: "HEAD", headers: { ...headers, ...VERSION } }),
    end: (address) => call(pathOf(address), { method: "DELETE", headers: { ...headers, ...VERSION } }),
    get: (address) => call(pathOf(address), { headers }),
  };
}

/** Where a creation has put the upload. */
export const addressOf = (response: Response): string => response.headers.get("location") ?? "";
