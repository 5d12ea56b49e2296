/** One part's memory. Grows with its content, so that small objects stay small. */

/**
 * The least size that R2 allows for a part that is not the last:
 * https://developers.cloudflare.com/r2/objects/multipart-objects/
 */
const PART_BYTES = 5 * 1024 * 1024;
/** The size that a buffer starts with: most pictures never need a whole part. */
const FIRST_BUFFER_BYTES = 256 * 1024;
const GROWTH = 4;

export interface PartBuffer {
  /** Copies as much of the chunk as fits a part; returns what does not. */
  take(chunk: Uint8Array): Uint8Array;
  /** Hands over what is in the buffer, with its memory; the buffer is empty afterwards. */
  hand(): Uint8Array<ArrayBuffer>;
}

/** The most memory that a buffer takes: on the way to a whole part at most GROWTH times its content. */
export function bufferBytes(maxBytes: number): number {
  return Math.min(PART_BYTES, Math.max(FIRST_BUFFER_BYTES, GROWTH * maxBytes));
}

/** @param mostFirstBytes the most that is taken at once for the parts behind the first */
export function createPartBuffer(maxBytes: number, partBytes = PART_BYTES, mostFirstBytes = partBytes): PartBuffer {
  const limit = Math.min(partBytes, Math.max(1, maxBytes));
  let bytes = new Uint8Array(0);
  /** The next part of an object is most likely as long as this one. */
  let firstBytes = Math.min(FIRST_BUFFER_BYTES, limit);
  let length = 0;
  return {
    take(chunk) {
      const taken = chunk.subarray(0, limit - length);
      if (length + taken.length > bytes.length) {
        const grownBytes = Math.max(firstBytes, bytes.length * GROWTH, length + taken.length);
        // Moves the content and frees the old memory at once, where the collector would take its time.
        bytes = new Uint8Array(bytes.buffer.transfer(Math.min(limit, grownBytes)));
      }
      bytes.set(taken, length);
      length += taken.length;
      return chunk.subarray(taken.length);
    },
    hand() {
      // What is sent while more is read takes no more memory than it must, unless that is the smaller half.
      const isLoose = length * 2 < bytes.length;
      const full = isLoose ? new Uint8Array(bytes.buffer.transfer(length)) : bytes.subarray(0, length);
      firstBytes = Math.min(mostFirstBytes, Math.max(firstBytes, bytes.length));
      bytes = new Uint8Array(0);
      length = 0;
      return full;
    },
  };
}

/** Gives the memory back at once. */
export function free(bytes: Uint8Array<ArrayBuffer>): void {
  bytes.buffer.transfer(0);
}
