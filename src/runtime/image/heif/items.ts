/**
 * The items of a HEIF file (ISO/IEC 14496-12, 8.11): pictures, of which it is made, and what it tells about them. The
 * latter, and thumbnails, stay in the list under the type `free`, which readers pass over, without a name and without
 * their bytes.
 */
import { UnreadableImage } from "../sampler.ts";
import { blankGaps, gapsBetween, type Range } from "../strip/ranges.ts";
import { nameAt } from "../structure/walk.ts";
import { fillingBoxes, fullBoxBytes, idAt } from "./boxes.ts";

/** Coded pictures, tiles of them, and pictures that are made from others. */
const pictureTypes: ReadonlySet<string> = new Set(
  "av01 hvc1 hvt1 hev1 lhv1 avc1 vvc1 evc1 jpeg j2k1 unci grid iovl iden tmap sato mski".split(" "),
);
const droppedType = Uint8Array.from("free", (letter) => letter.charCodeAt(0));
/** How it is told where bytes are: in the file, in `idat`; or that they are those of another item. */
const [inFile, inData] = [0, 1];

interface Item {
  readonly id: number;
  readonly type: string;
  /** The type in the list; empty in entries that have none. */
  readonly typeBytes: Uint8Array;
}

interface Extent {
  readonly id: number;
  readonly method: number;
  readonly from: number;
  readonly bytes: number;
}

export class HeifItems {
  readonly #items: Item[] = [];
  readonly #extents: Extent[] = [];
  readonly #thumbnails = new Set<number>();
  /** The body of `idat`. */
  #data: DataView | null = null;

  /**
   * Takes a box about items. False: the box is none of these.
   * @throws UnreadableImage when it holds something else, RangeError when it ends within a field
   */
  take(name: string, body: DataView): boolean {
    if (name === "iinf") this.#readList(body);
    else if (name === "iref") this.#readReferences(body);
    else if (name === "iloc") this.#readExtents(body);
    else if (name === "idat" && this.#data === null) this.#data = body;
    else return false;
    return true;
  }

  /**
   * Drops what is no picture, and returns where in the file the bytes of pictures are. `place`: of the first byte of the
   * boxes' buffer.
   */
  finish(place: number): Range[] {
    const dropped = new Set(this.#thumbnails);
    for (const { id, type } of this.#items) if (!pictureTypes.has(type)) dropped.add(id);
    const kept = new Set<number>();
    for (const { id, typeBytes } of this.#items) {
      if (!dropped.has(id)) kept.add(id);
      else if (typeBytes.length > 0) typeBytes.set(droppedType);
    }
    const data = this.#data;
    const dataPlace = place + (data?.byteOffset ?? 0);
    const ranges = this.#extents.flatMap(({ id, method, from, bytes }): Range[] => {
      if (!kept.has(id) || method > inData) return [];
      const start = method === inFile ? from : dataPlace + from;
      return [[start, start + bytes]];
    });
    if (data !== null) blankGaps(bytesIn(data), dataPlace, gapsBetween(ranges));
    return ranges;
  }

  /** (8.11.6) */
  #readList(body: DataView): void {
    const lead = fullBoxBytes + (body.getUint8(0) === 0 ? 2 : 4);
    for (const { name, body: entry } of fillingBoxes(body, lead)) {
      if (name !== "infe") throw new UnreadableImage("a list of items with something else in it");
      const version = entry.getUint8(0);
      const isLong = version > 2;
      // Behind the number of a protection. The first versions have no type.
      const typeAt = fullBoxBytes + (isLong ? 4 : 2) + 2;
      const type = version < 2 ? "" : nameAt(entry, typeAt);
      const typeBytes = bytesIn(entry).subarray(typeAt, typeAt + type.length);
      this.#items.push({ id: idAt(entry, fullBoxBytes, isLong), type, typeBytes });
      bytesIn(entry).fill(0, typeAt + type.length);
    }
  }

  /** (8.11.12) */
  #readReferences(body: DataView): void {
    const isLong = body.getUint8(0) > 0;
    for (const { name, body: reference } of fillingBoxes(body, fullBoxBytes)) {
      if (name === "thmb") this.#thumbnails.add(idAt(reference, 0, isLong));
    }
  }

  /** (8.11.3) Each kind of number has a length of its own: 0, 4 or 8 bytes. */
  #readExtents(body: DataView): void {
    const version = body.getUint8(0);
    const isLong = version > 1;
    const lengths = body.getUint16(fullBoxBytes);
    const [ofOffset, ofBytes, ofBase] = [lengths >> 12, (lengths >> 8) & 15, (lengths >> 4) & 15];
    const ofIndex = version === 0 ? 0 : lengths & 15;
    let at = fullBoxBytes + 2;
    const take = (length: number): number => {
      at += length;
      if (length === 8) return Number(body.getBigUint64(at - 8));
      if (length === 4) return body.getUint32(at - 4);
      return length === 2 ? body.getUint16(at - 2) : 0;
    };
    const idLength = isLong ? 4 : 2;
    for (let left = take(idLength); left > 0; left--) {
      const id = take(idLength);
      const method = version === 0 ? inFile : take(2) & 15;
      // Behind the number of another file, in which a picture that is whole has nothing.
      const isHere = take(2) === 0;
      const base = take(ofBase);
      const count = take(2);
      // Extents that are written in no bytes would cost nothing to claim.
      for (let extent = ofIndex + ofOffset + ofBytes === 0 ? Math.min(count, 1) : count; extent > 0; extent--) {
        take(ofIndex);
        const from = base + take(ofOffset);
        // No length would be all of the file, what tells about pictures included: nothing is kept for it.
        const bytes = take(ofBytes);
        if (isHere) this.#extents.push({ id, method, from, bytes });
      }
    }
  }
}

export function bytesIn(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
