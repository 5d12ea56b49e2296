/**
 * The tables that a JPEG defines between its scans (ITU-T T.81, B.2.4), each valid until it is replaced. It applies none.
 */
import { UnreadableImage } from "../sampler.ts";
import { buildHuffmanTable, cutHuffmanTables, type HuffmanTable } from "./huffman.ts";
import * as marker from "./marker.ts";

const acClass = 0x10;

export class JpegTables {
  /** Units between restart markers, 0 for none. */
  restartInterval = 0;
  /** The first entry of each quantization table: DC's step. */
  readonly #dcSteps = new Map<number, number>();
  /** By class and slot. A hostile file may define more than it uses: they are built when a scan wants them. */
  readonly #huffmanTables = new Map<number, { definition: Uint8Array; built: HuffmanTable | null }>();

  /**
   * Takes a segment that defines tables; false for any other.
   * @throws UnreadableImage or RangeError for a malformed one
   */
  read(code: number, body: Uint8Array): boolean {
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    if (code === marker.quantizationTables) {
      for (let at = 0, wide = false; at < body.length; at += wide ? 129 : 65) {
        const name = view.getUint8(at);
        wide = name >= 0x10;
        this.#dcSteps.set(name & 15, wide ? view.getUint16(at + 1) : view.getUint8(at + 1));
      }
    } else if (code === marker.huffmanTables) {
      for (const [key, definition] of cutHuffmanTables(body)) {
        this.#huffmanTables.set(key, { definition, built: null });
      }
    } else if (code === marker.restartInterval) this.restartInterval = view.getUint16(0);
    else return false;
    return true;
  }

  /** @throws UnreadableImage when it was not defined, as the other getters do */
  dcStep(slot: number): number {
    return found(this.#dcSteps.get(slot));
  }

  dcTable(slot: number): HuffmanTable {
    return this.#built(slot);
  }

  acTable(slot: number): HuffmanTable {
    return this.#built(acClass | slot);
  }

  #built(key: number): HuffmanTable {
    const table = found(this.#huffmanTables.get(key));
    return (table.built ??= buildHuffmanTable(table.definition, key >= acClass));
  }
}

function found<Table>(table: Table | undefined): Table {
  if (table === undefined) throw new UnreadableImage("no table");
  return table;
}
