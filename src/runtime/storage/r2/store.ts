/**
 * The object store on R2. Small objects go through one `put`; larger ones through R2 multipart upload with equal
 * parts, because R2 refuses a stream of unknown length. Holds at most one part per object in memory.
 */
import type { ByteSource } from "../../bytes.ts";
import { calling } from "./call.ts";
import type { ObjectKey } from "../object-key.ts";
import type { ObjectStore, PutOptions } from "../object-store.ts";

/**
 * The least size that R2 allows for a part that is not the last:
 * https://developers.cloudflare.com/r2/objects/multipart-objects/
 */
const PART_BYTES = 5 * 1024 * 1024;
/** The size that a buffer starts with: most pictures never need a whole part. */
const FIRST_BUFFER_BYTES = 256 * 1024;
const GROWTH = 4;
/** R2's limit on keys of one delete call: https://developers.cloudflare.com/r2/platform/limits/ */
const MAX_DELETE_KEYS = 1000;

export function createR2Store(bucket: R2Bucket): ObjectStore {
  return {
    bufferBytes,
    put: (key, source, options) => put(bucket, key, source, options),
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

async function put(bucket: R2Bucket, key: ObjectKey, source: ByteSource, options: PutOptions): Promise<number> {
  const buffer = createPartBuffer(options.maxBytes);
  const httpMetadata = { contentType: options.contentType };
  let parts: PartUpload | null = null;
  let total = 0;
  try {
    for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) {
      total += chunk.length;
      let rest = buffer.take(chunk);
      while (rest.length > 0) {
        parts ??= await startParts(bucket, key, httpMetadata, options.onUploadOpened);
        await parts.upload(buffer.flush());
        rest = buffer.take(rest);
      }
    }
    if (parts === null) await putNew(bucket, key, buffer.flush(), httpMetadata);
    else await parts.complete(buffer.flush());
    return total;
  } catch (error) {
    await parts?.abort();
    throw error;
  } finally {
    buffer.free();
  }
}

/** Puts only if the key is free: keys are generated, so a taken one is a fault, never a replacement. */
async function putNew(bucket: R2Bucket, key: ObjectKey, bytes: Uint8Array, httpMetadata: R2HTTPMetadata) {
  const onlyIf = new Headers({ "If-None-Match": "*" });
  const stored = await calling("put", () => bucket.put(key, bytes, { httpMetadata, onlyIf }));
  if (stored === null) throw new Error("The generated object key is taken");
}

interface PartUpload {
  upload(bytes: Uint8Array): Promise<void>;
  /** Uploads the last part, if there is one, and makes the object. */
  complete(last: Uint8Array): Promise<void>;
  /** Never throws: it runs while another error is on its way. R2 drops what it could not abort after seven days. */
  abort(): Promise<void>;
}

async function startParts(
  bucket: R2Bucket,
  key: ObjectKey,
  httpMetadata: R2HTTPMetadata,
  onOpened: PutOptions["onUploadOpened"],
): Promise<PartUpload> {
  const upload = await calling("createMultipartUpload", () => bucket.createMultipartUpload(key, { httpMetadata }));
  try {
    await onOpened?.(upload.uploadId);
  } catch (error) {
    await upload.abort().catch(() => undefined);
    throw error;
  }
  const uploaded: R2UploadedPart[] = [];
  const uploadPart = async (bytes: Uint8Array) => {
    uploaded.push(await calling("uploadPart", () => upload.uploadPart(uploaded.length + 1, bytes)));
  };
  return {
    upload: uploadPart,
    async complete(last) {
      if (last.length > 0) await uploadPart(last);
      await calling("completeMultipartUpload", () => upload.complete(uploaded));
    },
    async abort() {
      await upload.abort().catch(() => undefined);
    },
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

interface PartBuffer {
  /** Copies as much of the chunk as fits a part; returns what does not. */
  take(chunk: Uint8Array): Uint8Array;
  /** What is in the buffer, which is empty afterwards. The view is valid until the next `take`. */
  flush(): Uint8Array;
  /** Gives the memory back at once. Nothing may be called afterwards. */
  free(): void;
}

/** No more than one part is held; on the way to it a buffer is at most GROWTH times as large as its content. */
function bufferBytes(maxBytes: number): number {
  return Math.min(PART_BYTES, Math.max(FIRST_BUFFER_BYTES, GROWTH * maxBytes));
}

/** One part's memory. Grows with its content, so that small objects stay small. */
function createPartBuffer(maxBytes: number): PartBuffer {
  const limit = Math.min(PART_BYTES, Math.max(1, maxBytes));
  let bytes = new Uint8Array(Math.min(FIRST_BUFFER_BYTES, limit));
  let length = 0;
  return {
    take(chunk) {
      const taken = chunk.subarray(0, limit - length);
      if (length + taken.length > bytes.length) {
        const grownBytes = Math.min(limit, Math.max(bytes.length * GROWTH, length + taken.length));
        // Moves the content and frees the old memory at once, where the collector would take its time.
        bytes = new Uint8Array(bytes.buffer.transfer(grownBytes));
      }
      bytes.set(taken, length);
      length += taken.length;
      return chunk.subarray(taken.length);
    },
    flush() {
      const full = bytes.subarray(0, length);
      length = 0;
      return full;
    },
    free: () => void bytes.buffer.transfer(0),
  };
}
