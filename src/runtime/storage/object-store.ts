/** The object store port: immutable objects under generated keys. */
import type { ByteSource } from "../bytes.ts";
import type { InFlight } from "./in-flight.ts";
import type { ObjectKey } from "./object-key.ts";

export interface PutOptions {
  /** Stored with the object; the detected media type. */
  readonly contentType: string;
  /** An upper bound on the size when one is known, so that small objects need small buffers. */
  readonly maxBytes: number;
  /**
   * Called with the id of a multipart upload once it is open, and awaited before the upload is completed: a later run
   * can then `abort` it should this one never come to its end. A failure fails the `put`.
   */
  readonly onUploadOpened?: (uploadId: string) => Promise<void>;
  /** Awaited before anything is sent, while the source is read already. A failure fails the `put`. */
  readonly ready?: Promise<void>;
  /** What the put shares with others of its call. */
  readonly inFlight: InFlight;
}

/** An object whose source has been read to its end. */
export interface PutObject {
  /** Bytes. */
  readonly size: number;
  /**
   * Resolves once the object is durable. Rejects with Problem `storage_unavailable`, or as `ready` and `onUploadOpened`
   * did; nothing stays then.
   */
  readonly stored: Promise<void>;
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
  /** The memory that a `put` of so many bytes takes at most, besides what it borrows. */
  bufferBytes(maxBytes: number): number;
  /**
   * Pulls the source to its end and stores it under a key that must be new. Resolves when another source can be read:
   * as soon as this one has ended where there is room to keep its last bytes until they are sent, else when they are.
   * When the source or the store fails before, nothing stays and the error is passed on: the source's own, or as
   * `stored` has it.
   */
  put(key: ObjectKey, source: ByteSource, options: PutOptions): Promise<PutObject>;
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
