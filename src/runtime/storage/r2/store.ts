/** The object store on R2. */
import { calling } from "./call.ts";
import type { ObjectKey } from "../object-key.ts";
import type { ObjectStore } from "../object-store.ts";
import { bufferBytes } from "./part-buffer.ts";
import { putObject } from "./put.ts";

/** R2's limit on keys of one delete call: https://developers.cloudflare.com/r2/platform/limits/ */
const MAX_DELETE_KEYS = 1000;

export function createR2Store(bucket: R2Bucket): ObjectStore {
  return {
    bufferBytes,
    put: (key, source, options) => putObject(bucket, key, source, options),
    async get(key, range) {
      const object = await calling("get", () => bucket.get(key, range === undefined ? {} : { range }));
      return object === null ? null : { stream: object.body, size: object.size };
    },
    async delete(keys) {
      for (let start = 0; start < keys.length; start += MAX_DELETE_KEYS) {
        const chunk = keys.slice(start, start + MAX_DELETE_KEYS);
        await calling("delete", () => bucket.delete(chunk));
      }
    },
    has: async (key) => (await calling("head", () => bucket.head(key))) !== null,
    async list(after, limit) {
      const options = after === "" ? { limit } : { limit, startAfter: after };
      const { objects, truncated } = await calling("list", () => bucket.list(options));
      return { keys: objects.map((object) => object.key), isLast: !truncated };
    },
    abort: (key, uploadId) => calling("abort", () => abort(bucket, key, uploadId)),
  };
}

/** R2 tells errors apart by number: https://developers.cloudflare.com/r2/api/error-codes/ */
const NO_SUCH_UPLOAD = /\(10024\)|does not exist/;

async function abort(bucket: R2Bucket, key: ObjectKey, uploadId: string): Promise<void> {
  try {
    await bucket.resumeMultipartUpload(key, uploadId).abort();
  } catch (error) {
    if (!(error instanceof Error && NO_SUCH_UPLOAD.test(error.message))) throw error;
  }
}
