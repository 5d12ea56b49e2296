/** The demo's side of the wire: calls the shipped ABIs and insists on what they promise. Knows no terminal. */
import { createHash } from "node:crypto";
import { uploadFiles } from "./upload-files.ts";

/** What the ABIs answer of a file; sizes only where their `returnables` name them. */
export interface StoredPhoto {
  readonly storage_key: string;
  readonly url: string;
  readonly dominant_color: string | null;
  readonly file_size: number;
  readonly width?: number | null;
  readonly height?: number | null;
  readonly download_url?: string;
}

export interface UploadedPhotos {
  readonly photos: readonly StoredPhoto[];
  readonly milliseconds: number;
}

export interface GalleryClient {
  upload(resource: string, paths: readonly string[], onProgress: (share: number) => void): Promise<UploadedPhotos>;
  list(): Promise<readonly StoredPhoto[]>;
  /** Resolves with the status of each key, in order. */
  remove(keys: readonly string[]): Promise<readonly string[]>;
  /** GET without a token. */
  download(url: string): Promise<{ status: number; sha256: string; bytes: number; type: string | null }>;
}

const CALL_PATIENCE_MS = 20_000;

export function createGalleryClient(origin: string, token: string): GalleryClient {
  return {
    async upload(resource, paths, onProgress) {
      const answer = await uploadFiles({ url: `${origin}/${resource}`, token, paths, onProgress });
      const photos = readData(answer.status, answer.body) as readonly StoredPhoto[];
      if (photos.length !== paths.length)
        throw new Error(`${resource} answered ${photos.length} files, not ${paths.length}`);
      return { photos, milliseconds: answer.milliseconds };
    },
    list: async () => (await post(`${origin}/my-gallery`, token, {})) as readonly StoredPhoto[],
    async remove(keys) {
      const items = (await post(`${origin}/delete-gallery-files`, token, keys)) as readonly { status: string }[];
      return items.map(({ status }) => status);
    },
    async download(url) {
      const answer = await fetch(url, { signal: AbortSignal.timeout(CALL_PATIENCE_MS) });
      const body = new Uint8Array(await answer.arrayBuffer());
      return {
        status: answer.status,
        sha256: createHash("sha256").update(body).digest("hex"),
        bytes: body.length,
        type: answer.headers.get("content-type"),
      };
    },
  };
}

async function post(url: string, token: string, payload: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "x-access-token": token, "Content-Type": "application/json" },
    body: JSON.stringify(payload),
    signal: AbortSignal.timeout(CALL_PATIENCE_MS),
  });
  return readData(answer.status, await answer.json());
}

/** @throws Error with the problem's code and words */
function readData(status: number, body: unknown): unknown {
  const answer = body as { success?: boolean; data?: unknown; code?: string; message?: string };
  if (status === 200 && answer.success === true) return answer.data;
  throw new Error(`refused with ${status} ${answer.code ?? ""}: ${answer.message ?? JSON.stringify(body)}`);
}
