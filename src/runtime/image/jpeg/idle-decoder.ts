/**
 * A decoder that never decodes. V8 drops optimized code at a full collection when no object of the shapes it was made for is
 * alive, and the next picture would take three times as long: one idle decoder, held by the sampler's class, prevents that.
 */
import { soleSeat } from "../../admission/turns.ts";
import { EntropyBuffer } from "./entropy-buffer.ts";
import { addLevel, readFrame } from "./frame.ts";
import { buildHuffmanTable } from "./huffman.ts";
import { decodeUnit, ScanDecoder } from "./scan-decoder.ts";

/** A baseline frame of 8 × 8 pixels in three components. */
const frameBody = Uint8Array.of(8, 0, 8, 0, 8, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0);

/** Everything that is alive while a picture is decoded, in the same shapes. About 300 KB. */
export function createIdleDecoder(): readonly object[] {
  const frame = readFrame(0xc0, new DataView(frameBody.buffer), 64);
  const table = buildHuffmanTable(new Uint8Array(16), true);
  const parts = frame.components.map((component) => ({
    component,
    average: addLevel(component, 0),
    dcTable: table,
    acTable: table,
  }));
  return [new ScanDecoder(frame, parts, 0, soleSeat, decodeUnit), new EntropyBuffer()];
}
