/** The chunk structure of a PNG (third edition, 5.2 and 5.3), for everything that walks over one. */
import { UnreadableImage } from "../sampler.ts";
import { nameAt, type ReadRequest } from "../structure/walk.ts";

export const signature = 0x89504e470d0a1a0an;
export const checksumBytes = 4;
export const headerBytes = 13;
export const maxPaletteBytes = 768;
const maxChunkBytes = 0x7fffffff;

export interface ChunkHead {
  readonly name: string;
  /** Bytes of the body, which a checksum follows. */
  readonly length: number;
}

/** IDAT as a number: a picture has thousands, and one comparison tells them from the others. */
const pixelName = 0x49444154;

/**
 * Chunk names are letters; the first is a capital where a reader must know the chunk. An empty name: no chunk begins
 * like this.
 */
export function chunkHeadAt(head: DataView): ChunkHead {
  const length = head.getUint32(0);
  const name = head.getUint32(4) === pixelName ? "IDAT" : /^[A-Za-z]{4}$/.exec(nameAt(head, 4))?.[0];
  return name === undefined || length > maxChunkBytes ? { name: "", length: 0 } : { name, length };
}

/** @throws UnreadableImage */
export function* takeSignature(): Generator<ReadRequest, void, DataView> {
  if ((yield 8).getBigUint64(0) !== signature) throw new UnreadableImage("no PNG signature");
}
