/**
 * The one shape in which bytes move through the runtime: pulled, chunk by chunk, never held whole.
 * It knows nothing of HTTP, parts or objects.
 */

/**
 * A pull source of bytes. `read` resolves with a non-empty view, or null at the end (and again on every later call).
 * The view is only valid until the next `read`: its buffer is recycled, so keep a copy of what must outlive it.
 * A rejected `read` is final.
 */
export interface ByteSource {
  read(): Promise<Uint8Array | null>;
}

/** Watches the bytes of one source as they pass. `push` is awaited, so a slow tap slows the stream. */
export interface Tap<Result> {
  push(chunk: Uint8Array): void | Promise<void>;
  /** Called once, after the last chunk. */
  finish(): Result | Promise<Result>;
}
