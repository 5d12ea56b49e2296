/** Reads streams into memory that is used again and again. */

/** Fills views and gives the filled part back; empty at the end of the stream. */
export interface ByteReader {
  read(view: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  cancel(reason: unknown): Promise<void>;
  releaseLock(): void;
}

/** Reads a byte stream into the view itself: the platform's bytes are never on the JavaScript heap twice. */
function createByteReader(reader: ReadableStreamBYOBReader): ByteReader {
  return {
    async read(view) {
      // Returns whatever is there: a slow client's bytes are seen as they arrive, and a fast one's fill the view all
      // the same.
      const { value } = await reader.read(view);
      // A stream that was cancelled meanwhile gives the buffer back to nobody.
      return value ?? new Uint8Array(0);
    },
    cancel: (reason) => reader.cancel(reason),
    releaseLock: () => reader.releaseLock(),
  };
}

/** For streams that are not byte streams: copies each chunk, however large, through the view. */
function createChunkReader(reader: ReadableStreamDefaultReader<Uint8Array>): ByteReader {
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async read(view) {
      while (rest.byteLength === 0) {
        const { value, done } = await reader.read();
        if (done) return view.subarray(0, 0);
        rest = value;
      }
      const count = Math.min(rest.byteLength, view.byteLength);
      view.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return view.subarray(0, count);
    },
    cancel: (reason) => reader.cancel(reason),
    releaseLock: () => reader.releaseLock(),
  };
}

export function openByteReader(body: ReadableStream<Uint8Array>): ByteReader {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: "byob" });
  } catch {
    return createChunkReader(body.getReader());
  }
  return createByteReader(reader);
}
