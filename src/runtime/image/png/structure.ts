/** The structure of a PNG (third edition, 5 and 11.2) from its signature to IEND. Image data is not inflated. */
import { UnreadableImage } from "../sampler.ts";
import { checksum } from "../structure/checksum.ts";
import { chunkHeadAt, headerBytes, maxPaletteBytes, takeSignature } from "./chunks.ts";
import { passOver, type Walk } from "../structure/walk.ts";

const paletteColor = 3;

/** Ends after IEND. @throws UnreadableImage */
export function* walkPng(): Walk {
  yield* takeSignature();
  const order = new ChunkOrder();
  for (let name = ""; name !== "IEND";) {
    const head = chunkHeadAt(yield 8);
    const { length } = head;
    name = head.name;
    if (name === "") throw new UnreadableImage("bytes that are no chunk");
    if (order.isMisplaced(name, length)) throw new UnreadableImage(`${name} out of place`);
    let sum = checksum(
      Uint8Array.from(name, (letter) => letter.charCodeAt(0)),
      0,
      4,
    );
    if (name === "IHDR") {
      const body = yield headerBytes;
      order.color = body.getUint8(9);
      sum = checksum(new Uint8Array(body.buffer), 0, headerBytes, sum);
    } else {
      yield passOver(length, (bytes, from, to) => {
        sum = checksum(bytes, from, to, sum);
      });
    }
    if ((yield 4).getUint32(0) !== sum) throw new UnreadableImage(`a wrong checksum of ${name}`);
  }
}

/** Which critical chunk may follow which (5.6). */
class ChunkOrder {
  /** IHDR's colour type. */
  color = 0;
  #previous = "";
  #hasPalette = false;
  #hasPixels = false;

  isMisplaced(name: string, length: number): boolean {
    const previous = this.#previous;
    this.#previous = name;
    if ((name === "IHDR") !== (previous === "")) return true;
    switch (name) {
      case "IHDR":
        return length !== headerBytes;
      case "PLTE": {
        const isLate = this.#hasPalette || this.#hasPixels;
        this.#hasPalette = true;
        return isLate || length === 0 || length > maxPaletteBytes || length % 3 > 0;
      }
      case "IDAT": {
        // The image data is one run of chunks, after the palette that some pictures need.
        const isLate = this.#hasPixels && previous !== name;
        this.#hasPixels = true;
        return isLate || (this.color === paletteColor && !this.#hasPalette);
      }
      case "IEND":
        return length !== 0 || !this.#hasPixels;
      default:
        return name < "a";
    }
  }
}
