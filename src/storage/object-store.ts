/**
 * The object store as the runtime needs it: immutable objects under generated keys. It knows nothing of files' rows,
 * owners or links.
 */
import type { ByteSource } from "../bytes.ts";
import type { ObjectKey } from "./object-key.ts";

export interface PutOptions {
  /** Stored with the object; the detected media type. */
  readonly contentType: string;
  /** An upper bound on the size when one is known, so that small objects need small buffers. */
  readonly maxBytes: number;
}

/** Bytes `offset` to `offset + length - 1`; both in bytes and inside the object. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface ObjectBody {
  /** The whole object or the range. The caller reads it to the end or cancels it. */
  readonly stream: ReadableStream<Uint8Array>;
  /** Size of the whole object in bytes. */
  readonly size: number;
}

export interface ObjectStore {
  /**
   * Pulls the source to its end and stores it under a key that must be new. Resolves with the size in bytes once the
   * object is durable. When the source or the store fails, nothing stays and the error is passed on: the source's own,
   * or Problem `storage_unavailable`.
   */
  put(key: ObjectKey, source: ByteSource, options: PutOptions): Promise<number>;
  /** Null when there is no such object. */
  get(key: ObjectKey, range?: ByteRange): Promise<ObjectBody | null>;
  /** Deletes what is there; a missing object is no error. */
  delete(keys: readonly ObjectKey[]): Promise<void>;
}
