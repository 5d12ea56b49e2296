/** What `sluice types` writes. */
import { expect, test } from "vitest";
import { printTypes } from "../../../../src/compiler/interface/types.ts";
import { endpoints } from "./endpoints.ts";
import { describeAll } from "./support.ts";

/** Without the codes, which the problems' own test has. */
const printed = async (): Promise<string> =>
  printTypes(await describeAll(endpoints)).replaceAll(/(readonly problem: ).*;/g, "$1…;");

test("inputs, answers and what a client has to know", async () => {
  expect(await printed()).toMatchInlineSnapshot(`
    "/** Written by \`sluice types\`, never edited by hand. */
    import type { EndpointTable, FileInput } from "sluice/client";

    export interface Endpoints {
      /** \`GET /albums/:id\` */
      readonly album: {
        readonly path: { readonly id: string };
        readonly answer: { readonly id: string; readonly title: string | null; readonly photos: number | null } | null;
        readonly problem: …;
      };
      /** \`GET /albums\` */
      readonly "albums-01": {
        readonly query: { readonly limit?: number; readonly since?: string };
        readonly answer: readonly { readonly id: string; readonly settings: unknown }[];
        readonly problem: …;
      };
      /** \`POST /delete\` */
      readonly "delete-01": {
        readonly body: readonly string[];
        readonly answer: readonly { readonly storage_key: string; readonly status: "deleted" | "not_found" }[];
        readonly problem: …;
      };
      /** \`POST /feedback\` */
      readonly "feedback-01": {
        readonly body: { readonly from?: unknown };
        readonly answer: null;
        readonly problem: …;
      };
      /** \`POST /import\` */
      readonly "import-01": {
        readonly body: readonly { readonly title?: unknown }[];
        readonly answer: readonly { readonly id: string }[];
        readonly problem: …;
      };
      /** \`POST /later\` */
      readonly "later-01": {
        readonly answer: null;
        readonly problem: …;
      };
      /** \`POST, PUT /raw\` */
      readonly "raw-01": {
        readonly files: readonly FileInput[];
        readonly answer: readonly { readonly id: string; readonly storage_key: string; readonly original_file_name: string; readonly new_file_name: string; readonly url: string; readonly file_type: string; readonly extension: string; readonly file_size: number; readonly checksum_sha256: string; readonly dominant_color: string | null; readonly palette: readonly { readonly color: string; readonly share: number }[] | null; readonly width: number | null; readonly height: number | null; readonly thumbhash: string | null; readonly has_alpha: boolean | null; readonly animated: boolean | null; readonly download_url: string | null; readonly thumbnail_url: string | null; readonly thumbnails: readonly { readonly name: string; readonly width: number; readonly height: number; readonly url: string }[]; readonly expires_at: string | null }[];
        readonly problem: …;
      };
      /** \`POST /albums/:album\` */
      readonly "rename-album": {
        readonly path: { readonly album: string };
        readonly body: { readonly title: string; readonly mood?: "good" | "bad" | null; readonly stars?: number | null; readonly place?: { readonly "post-code": string } | null; readonly tags?: readonly string[] | null };
        readonly answer: { readonly id: string };
        readonly problem: …;
      };
      /** \`POST /upload\` */
      readonly "upload-01": {
        readonly files: readonly FileInput[];
        readonly answer: readonly { readonly id: string; readonly storage_key: string; readonly original_file_name: string; readonly new_file_name: string; readonly url: string; readonly file_type: string; readonly extension: string; readonly file_size: number; readonly checksum_sha256: string; readonly dominant_color: string | null; readonly palette: readonly { readonly color: string; readonly share: number }[] | null; readonly width: number | null; readonly height: number | null; readonly thumbhash: string | null; readonly has_alpha: boolean | null; readonly animated: boolean | null; readonly download_url: string | null; readonly thumbnail_url: string | null; readonly thumbnails: readonly { readonly name: string; readonly width: number; readonly height: number; readonly url: string }[]; readonly expires_at: string | null }[];
        readonly problem: …;
      };
      /** \`POST /upload-book\` */
      readonly "upload-book": {
        readonly body: { readonly title: string };
        readonly files: { readonly cover: FileInput; readonly pages?: readonly FileInput[] };
        readonly answer: readonly { readonly field_name: string; readonly storage_key: string }[];
        readonly problem: …;
      };
      /** \`POST /videos\` */
      readonly "video-01": {
        readonly files: readonly FileInput[];
        readonly resumable: true;
        readonly answer: readonly { readonly storage_key: string }[];
        readonly problem: …;
      };
    }

    /** What a client has to know of each endpoint when it runs. */
    export const endpoints: EndpointTable<Endpoints> = {
      album: {
        method: "GET",
        resource: "albums/:id",
        token: "Authorization",
        body: null,
      },
      "albums-01": {
        method: "GET",
        resource: "albums",
        token: "x-access-token",
        body: null,
      },
      "delete-01": {
        method: "POST",
        resource: "delete",
        token: "x-access-token",
        body: "json",
      },
      "feedback-01": {
        method: "POST",
        resource: "feedback",
        token: null,
        body: "json",
      },
      "import-01": {
        method: "POST",
        resource: "import",
        token: "x-access-token",
        body: "json",
      },
      "later-01": {
        method: "POST",
        resource: "later",
        token: "x-access-token",
        body: null,
        background: true,
      },
      "raw-01": {
        method: "POST",
        resource: "raw",
        token: "x-access-token",
        body: "form",
        files: { "*": { max: 1, bytes: 20971520, types: ["image/png","audio/*"] } },
      },
      "rename-album": {
        method: "POST",
        resource: "albums/:album",
        token: "Authorization",
        body: "json",
      },
      "upload-01": {
        method: "POST",
        resource: "upload",
        token: "x-access-token",
        body: "form",
        files: { "*": { max: 3, bytes: 1000, types: ["image/png"] } },
      },
      "upload-book": {
        method: "POST",
        resource: "upload-book",
        token: "x-access-token",
        body: "form",
        files: { cover: { max: 1, bytes: 20971520, types: ["image/png"] }, pages: { max: 4, bytes: 5000, types: ["image/*"] } },
      },
      "video-01": {
        method: "POST",
        resource: "videos",
        token: "Authorization",
        body: "form",
        files: { "*": { max: 1, bytes: 100000000, resumable: 5000000000, types: ["image/png"] } },
      },
    };
    "
  `);
});
