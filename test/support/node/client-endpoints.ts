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
  /** Of docs/guides/large-files.md. */
  readonly "films-01": {
    readonly body: { readonly title: string };
    readonly files: readonly FileInput[];
    readonly resumable: true;
    readonly answer: { readonly id: string; readonly title: string; readonly file_size: number };
    readonly problem: "unauthorized" | "file_too_large" | "quota_exceeded";
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
  "films-01": {
    method: "POST",
    resource: "films",
    token: "Authorization",
    body: "form",
    files: { "*": { max: 1, bytes: 100_000_000, resumable: 5_000_000_000, types: ["video/*"] } },
  },
};
