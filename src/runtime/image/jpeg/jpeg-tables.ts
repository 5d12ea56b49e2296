/** The tables that a JPEG defines between its scans (ITU-T T.81, B.2.4), each valid until it is replaced. */
import { UnreadableImage } from "../sampler.ts";
import { buildHuffmanTable, cutHuffmanTables, type HuffmanTable } from "./huffman.ts";
import * as marker from "./marker.ts";
import { standardTables } from "./standard-tables.ts";

/** Added to the slot of a Huffman table for AC. */
export const acClass = 0x10;

export interface JpegTables {
  /**
   * Takes a segment that defines tables.
   * @throws UnreadableImage or RangeError for a malformed one
   */
  read(code: number, body: Uint8Array): void;
  /** Units between restart markers, 0 for none. */
  restartInterval(): number;
  /**
   * An entry of a quantization table, in zigzag order.
   * @throws UnreadableImage when the table was not defined, RangeError when it was cut before
   */
  step(slot: number, index: number): number;
  /** By slot, and class. @throws UnreadableImage when it was not defined */
  huffmanTable(key: number): HuffmanTable;
}

export function createJpegTables(): JpegTables {
  let interval = 0;
  /** The entries, and the bytes of one. */
  const steps = new Map<number, readonly [entries: DataView, size: number]>();
  /** The definition, and the table once it is built: a hostile file may define more than it uses. */
  const huffmanTables = new Map<number, Uint8Array | HuffmanTable>();
  const tables: JpegTables = {
    read(code, body) {
      const view = new DataView(body.buffer, body.byteOffset, body.length);
      if (code === marker.restartInterval) interval = view.getUint16(0);
      else if (code === marker.huffmanTables) {
        for (const [key, definition] of cutHuffmanTables(body)) huffmanTables.set(key, definition);
      } else {
        for (let at = 0, size = 1; at < body.length; at += 1 + 64 * size) {
          const name = view.getUint8(at);
          size = name >= 0x10 ? 2 : 1;
          steps.set(name & 15, [new DataView(body.buffer, body.byteOffset + at + 1), size]);
        }
      }
    },
    restartInterval: () => interval,
    step(slot, index) {
      const [entries, size] = found(steps.get(slot));
      return size > 1 ? entries.getUint16(index * 2) : entries.getUint8(index);
    },
    huffmanTable(key) {
      let table = found(huffmanTables.get(key));
      if (table instanceof Uint8Array) table = buildHuffmanTable(table, key >= acClass);
      huffmanTables.set(key, table);
      return table;
    },
  };
  tables.read(marker.huffmanTables, standardTables);
  return tables;
}

function found<Table>(table: Table | undefined): Table {
  if (table === undefined) throw new UnreadableImage("no table");
  return table;
}
