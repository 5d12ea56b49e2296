/** The structure of a PNG (third edition, 5 and 11.2) from its signature to IEND. Image data are not inflated. */
import { UnreadableImage } from "../sampler.ts";
import { checksum } from "./checksum.ts";
import { nameAt, type Run, type Walk } from "./walk.ts";

const signature = 0x89504e470d0a1a0an;
const headerBytes = 13;
const paletteColor = 3;
const maxChunkBytes = 0x7fffffff;
/** Chunk names are letters; the first is a capital where a reader must know the chunk. */
const chunkName = /^[A-Za-z]{4}$/u;

/** Ends after IEND. @throws UnreadableImage */
export function* walkPng(): Walk {
  if ((yield 8).getBigUint64(0) !== signature) throw new UnreadableImage("no PNG signature");
  const order = new ChunkOrder();
  for (let name = ""; name !== "IEND";) {
    const head = yield 8;
    const length = head.getUint32(0);
    name = nameAt(head, 4);
    if (length > maxChunkBytes || !chunkName.test(name)) throw new UnreadableImage("bytes that are no chunk");
    order.take(name, length);
    let sum = checksum(new Uint8Array(head.buffer), 4, 8);
    if (name === "IHDR") {
      const body = new Uint8Array((yield headerBytes).buffer);
      order.takeHeader(body);
      sum = checksum(body, 0, headerBytes, sum);
    } else {
      yield passOver(length, (bytes, from, to) => {
        sum = checksum(bytes, from, to, sum);
      });
    }
    if ((yield 4).getUint32(0) !== sum) throw new UnreadableImage(`a wrong checksum of ${name}`);
  }
}

/** As `skip`, and shows what it passes over. */
function passOver(count: number, see: (bytes: Uint8Array, from: number, to: number) => void): Run {
  let left = count;
  return (bytes, from) => {
    const to = Math.min(bytes.length, from + left);
    see(bytes, from, to);
    left -= to - from;
    return left === 0 ? to : -1;
  };
}

/** Which critical chunk may follow which (5.6). */
class ChunkOrder {
  #previous = "";
  #color = 0;
  readonly #seen = new Set<string>();

  takeHeader(body: Uint8Array): void {
    this.#color = body[9] ?? 0;
  }

  take(name: string, length: number): void {
    if ((name === "IHDR") !== (this.#previous === "")) throw new UnreadableImage("no header first, or two");
    if (this.#isMisplaced(name, length)) throw new UnreadableImage(`${name} out of place`);
    this.#previous = name;
    if (name < "a") this.#seen.add(name);
  }

  #isMisplaced(name: string, length: number): boolean {
    switch (name) {
      case "IHDR":
        return length !== headerBytes;
      case "PLTE":
        return this.#seen.has("PLTE") || this.#seen.has("IDAT") || length === 0 || length > 768 || length % 3 > 0;
      case "IDAT":
        // The image data are one run of chunks, after the palette that some pictures need.
        return this.#seen.has("IDAT")
          ? this.#previous !== "IDAT"
          : this.#color === paletteColor && !this.#seen.has("PLTE");
      case "IEND":
        return length !== 0 || !this.#seen.has("IDAT");
      default:
        return name < "a";
    }
  }
}
