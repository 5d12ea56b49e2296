/** The endpoint of films.ts as `sluice types` would write it. */
import type { EndpointTable, FileInput } from "../../../../src/client/client.ts";

/** Of 64 MiB, which is what the endpoint takes. */
const MOST_BYTES = 67_108_864;

export interface Endpoints {
  readonly "video-01": {
    readonly files: readonly FileInput[];
    readonly resumable: true;
    readonly answer: { readonly id: string; readonly storage_key: string };
    readonly problem: "unauthorized" | "file_too_large";
  };
}

export const endpoints: EndpointTable<Endpoints> = {
  "video-01": {
    method: "POST",
    resource: "video",
    token: "x-access-token",
    body: "form",
    files: { "*": { max: 1, bytes: 1_000_000, resumable: MOST_BYTES, types: ["*/*"] } },
  },
};
