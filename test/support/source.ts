/** Byte sources for tests. */
import type { ByteSource } from "../../src/runtime/bytes.ts";

/** Hands out the bytes in chunks through one recycled buffer, as the multipart reader does. */
export function sourceOf(bytes: Uint8Array, chunkBytes = bytes.length || 1): ByteSource {
  const buffer = new Uint8Array(chunkBytes);
  let position = 0;
  return {
    read() {
      buffer.fill(0xee);
      if (position >= bytes.length) return Promise.resolve(null);
      const chunk = bytes.subarray(position, position + chunkBytes);
      position += chunk.length;
      buffer.set(chunk);
      return Promise.resolve(buffer.subarray(0, chunk.length));
    },
  };
}

/** Fails after the bytes, as a client that goes away does. */
export function failingSource(bytes: Uint8Array, chunkBytes: number, error: Error): ByteSource {
  const source = sourceOf(bytes, chunkBytes);
  return { read: async () => (await source.read()) ?? Promise.reject(error) };
}

/** Bytes that repeat nowhere soon. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
