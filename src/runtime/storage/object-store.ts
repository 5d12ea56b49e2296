/** The object store port: immutable objects under generated keys. */
import type { ByteSource } from "../bytes.ts";
import type { ObjectKey } from "./object-key.ts";

export interface PutOptions {
  /** Stored with the object; the detected media type. */
  readonly contentType: string;
  /** An upper bound on the size when one is known, so that small objects need small buffers. */
  readonly maxBytes: number;
  /**
   * Called with the id of a multipart upload before its first part is sent, and awaited: a later run can then `abort`
   * the upload should this one never come to its end. A failure fails the `put`.
   */
  readonly onUploadOpened?: (uploadId: string) => Promise<void>;
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

export interface ObjectPage {
  /** In the order of their UTF-8 bytes. Not all of them need be keys that this runtime would make. */
  readonly keys: readonly string[];
  /** False: keys follow the last one. */
  readonly isLast: boolean;
}

export interface ObjectStore {
  /** The memory that a `put` of so many bytes takes at most. */
  bufferBytes(maxBytes: number): number;
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
  /** True when there is such an object. */
  has(key: string): Promise<boolean>;
  /** At most `limit` (up to 1,000) keys that follow `after` in the order of their bytes; an empty `after` begins. */
  list(after: string, limit: number): Promise<ObjectPage>;
  /** Aborts a multipart upload that was begun and not completed. One that is no longer open is no error. */
  abort(key: ObjectKey, uploadId: string): Promise<void>;
}
