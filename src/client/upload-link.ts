/** `sluice/client/upload-link`: uploads by a link of `POST /<resource>/links`, from pages that have neither a token nor the project's types. */
import { runCall, type CallOptions, type Sent } from "./call.ts";
import type { AnyInput } from "./endpoints.ts";
import { createKeys } from "./idempotency.ts";
import { browserStorage } from "./kept.ts";
import type { FetchLike, StorageLike } from "./platform.ts";

export type { CallOptions, Sent } from "./call.ts";
export { SluiceError } from "./error.ts";
export type { ClientCode, SluiceCode } from "./error.ts";
export type { BlobLike, DeviceFile, FileInput, StreamFile, UploadProgress } from "./platform.ts";

export interface UploadByLinkOptions extends CallOptions {
  /** As of `createClient`. */
  readonly fetch?: FetchLike;
  /** As of `createClient`. Of the link itself nothing is kept that opens it. */
  readonly storage?: StorageLike | null;
}

/**
 * Sends a form to a link whose `method` is POST. It is sent again as any call of the client is, under one key, so that a
 * link which was good for one upload is not used up by an answer that was lost.
 * @param link as the answer's `url` has it
 * @throws SluiceError, and nothing else
 */
export function uploadByLink<Answer = unknown>(
  link: string,
  input: Pick<AnyInput, "files" | "body">,
  { fetch, storage = browserStorage(), ...options }: UploadByLinkOptions = {},
): Promise<Sent<Answer>> {
  const takeKey = createKeys(storage);
  const context = {
    origin: "",
    token: undefined,
    askToken: async () => "",
    storage,
    // The last 22 characters are the seal's tag: they tell links apart, and open none.
    takeKey: (name: string) => takeKey(name.replace(link, link.slice(-22))),
    fetch,
  };
  // A header, which is never sent for want of a token: calls with one have keys.
  const route = { method: "POST", url: link, resource: "", token: "Authorization", body: "form" } as const;
  return runCall(context, route, input, options) as Promise<Sent<Answer>>;
}
