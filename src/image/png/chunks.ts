/** The chunk structure of a PNG (third edition, 5.2 and 5.3), as far as all who walk over one share it. */
import { UnreadableImage } from "../sampler.ts";
import { nameAt, type Step } from "../structure/walk.ts";

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

/** Chunk names are letters; the first is a capital where a reader must know the chunk. An empty one: no chunk begins so. */
export function chunkHeadAt(head: DataView): ChunkHead {
  const length = head.getUint32(0);
  const name = nameAt(head, 4);
  return length <= maxChunkBytes && /^[A-Za-z]{4}$/.test(name) ? { name, length } : { name: "", length: 0 };
}

/** @throws UnreadableImage */
export function* takeSignature(): Generator<Step, void, DataView> {
  if ((yield 8).getBigUint64(0) !== signature) throw new UnreadableImage("no PNG signature");
}
