/** The one form in which bytes move through the runtime: pulled, chunk by chunk, never held whole. */

/**
 * A pull source of bytes. `read` resolves with a non-empty view, or null at the end (and again on every later call).
 * The view is only valid until the next `read`: its buffer is recycled, so copy what must outlive it. A rejected `read`
 * is final.
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

const hexOfBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Two lower-case digits for each byte. */
export function hex(bytes: ArrayBuffer | Uint8Array): string {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += hexOfBytes[byte];
  return text;
}

/** Of a text, as `hex` writes it. */
export async function sha256(text: string): Promise<string> {
  return hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** This many random bytes, as `hex` writes them. */
export function randomHex(length: number): string {
  return hex(crypto.getRandomValues(new Uint8Array(length)));
}

/**
 * The result of the work, unless it takes too long: then it rejects with the error that `late` makes, and however the
 * work ends is ignored.
 */
export async function within<Result>(work: Promise<Result>, milliseconds: number, late: () => Error): Promise<Result> {
  let stop = () => {};
  const timeout = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(late()), milliseconds);
    stop = () => clearTimeout(timer);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    stop();
  }
}

/** The first bytes of a source, and the source as if they had not been read. */
export interface PeekedSource {
  /** A copy: up to `maxBytes` bytes, fewer only when the source is shorter. */
  readonly head: Uint8Array;
  /** Yields the head first. Replaces the source that was peeked at. */
  readonly source: ByteSource;
}

/** Reads ahead until `maxBytes` bytes are there or the source ends. */
export async function peekSource(source: ByteSource, maxBytes: number): Promise<PeekedSource> {
  const head = new Uint8Array(maxBytes);
  let length = 0;
  let rest: Uint8Array | null = null;
  while (length < maxBytes) {
    const chunk = await source.read();
    if (chunk === null) break;
    const taken = chunk.subarray(0, maxBytes - length);
    head.set(taken, length);
    length += taken.length;
    if (taken.length < chunk.length) rest = chunk.subarray(taken.length);
  }
  const seen = head.subarray(0, length);
  const waiting = [seen, rest].filter((chunk) => chunk !== null && chunk.length > 0);
  return {
    head: seen,
    // The rest is a view that the source recycles at its next read, which happens only after the view was handed out.
    source: { read: async () => waiting.shift() ?? source.read() },
  };
}

/** Lets each tap watch the chunks of a source, in order, before the reader sees them. */
export function tapSource(source: ByteSource, taps: readonly Tap<unknown>[]): ByteSource {
  return {
    async read() {
      const chunk = await source.read();
      if (chunk === null) return null;
      for (const tap of taps) {
        const pushed = tap.push(chunk);
        if (pushed !== undefined) await pushed;
      }
      return chunk;
    },
  };
}
