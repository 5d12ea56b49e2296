/**
 * The tables that a JPEG defines between its scans (ITU-T T.81, B.2.4), each valid until it is replaced. It applies none.
 */
import { UnreadableImage } from "../sampler.ts";
import { buildHuffmanTable, cutHuffmanTables, type HuffmanTable } from "./huffman.ts";
import { marker } from "./segment-reader.ts";

const acClass = 0x10;

export class JpegTables {
  /** Units between restart markers, 0 for none. */
  restartInterval = 0;
  /** The first entry of each quantization table: DC's step. */
  readonly #dcSteps = new Map<number, number>();
  readonly #huffmanTables = new Map<number, Uint8Array>();
  /** Built when a scan wants them: a hostile file may define more than it uses. */
  readonly #built = new Map<Uint8Array, HuffmanTable>();

  /**
   * Takes a segment that defines tables; false for any other.
   * @throws UnreadableImage or RangeError for a malformed one
   */
  read(code: number, body: Uint8Array): boolean {
    if (code === marker.quantizationTables) this.#readQuantizationTables(body);
    else if (code === marker.huffmanTables) {
      for (const [key, table] of cutHuffmanTables(body)) this.#huffmanTables.set(key, table);
    } else if (code === marker.restartInterval) {
      this.restartInterval = new DataView(body.buffer, body.byteOffset, body.byteLength).getUint16(0);
    } else return false;
    return true;
  }

  #readQuantizationTables(body: Uint8Array): void {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    for (let at = 0; at < body.length;) {
      const name = view.getUint8(at);
      const wide = name >= 0x10;
      this.#dcSteps.set(name & 15, wide ? view.getUint16(at + 1) : view.getUint8(at + 1));
      at += wide ? 129 : 65;
    }
  }

  /** @throws UnreadableImage when it was not defined, as the other getters do */
  dcStep(slot: number): number {
    return found(this.#dcSteps.get(slot), "quantization");
  }

  dcTable(slot: number): HuffmanTable {
    return this.#build(slot);
  }

  acTable(slot: number): HuffmanTable {
    return this.#build(acClass | slot);
  }

  #build(key: number): HuffmanTable {
    const definition = found(this.#huffmanTables.get(key), "Huffman");
    const table = this.#built.get(definition) ?? buildHuffmanTable(definition);
    this.#built.set(definition, table);
    return table;
  }
}

function found<Table>(table: Table | undefined, kind: string): Table {
  if (table === undefined) throw new UnreadableImage(`a ${kind} table is missing`);
  return table;
}
