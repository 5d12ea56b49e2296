/** The sample's endpoints as `sluice types` writes them, for tests of the client. */
import type { EndpointTable, FileInput, Link } from "../../../src/client/client.ts";

export interface Endpoints {
  readonly "upload-gallery-and-store": {
    readonly files: readonly FileInput[];
    readonly answer: readonly {
      readonly id: string;
      readonly user_id: string;
      readonly storage_key: string;
      readonly url: Link;
      readonly dominant_color: string | null;
      readonly file_size: number;
    }[];
    readonly problem:
      | "unauthorized"
      | "file_missing"
      | "file_too_large"
      | "file_type_not_allowed"
      | "file_type_mismatch"
      | "too_many_files";
  };
  readonly "my-gallery": {
    readonly answer: readonly { readonly id: string; readonly storage_key: string }[];
    readonly problem: "unauthorized";
  };
}

export const endpoints: EndpointTable<Endpoints> = {
  "upload-gallery-and-store": {
    method: "POST",
    resource: "upload-gallery-and-store",
    token: "x-access-token",
    body: null,
    files: { "*": { max: 2, bytes: 20_971_520, types: ["image/png", "image/jpeg", "video/mp4"] } },
  },
  "my-gallery": { method: "POST", resource: "my-gallery", token: "x-access-token", body: null },
};
