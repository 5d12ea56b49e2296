/**
 * The structure of a BMP (BITMAPFILEHEADER and BITMAPINFOHEADER of the Windows GDI): its pixels, as the header describes
 * them, and what the declared size counts behind them. Many writers leave that size empty, or count it wrongly.
 */
import { UnreadableImage } from "../sampler.ts";
import { skip, type Ending, type Walk } from "../structure/walk.ts";

const fileHeaderBytes = 14;
const coreHeaderBytes = 12;
/** OS/2's second version may be cut after any field from here on; the longest header has 124 bytes. */
const leastInfoHeaderBytes = 16;
const maxHeaderBytes = 1024;
const signature = 0x424d;
/** Compressions under which all rows have the same length: none, and none with masks for the colours. */
const plainCompressions: ReadonlySet<number> = new Set([0, 3, 6]);

/** Ends where the pixels do, or after the declared size where that is more. @throws UnreadableImage */
export function* walkBmp(ending: Ending): Walk {
  const head = yield fileHeaderBytes + 4;
  if (head.getUint16(0) !== signature) throw new UnreadableImage("no BMP signature");
  const declaredBytes = head.getUint32(2, true);
  const pixelsAt = head.getUint32(10, true);
  const headerBytes = head.getUint32(fileHeaderBytes, true);
  const isCore = headerBytes === coreHeaderBytes;
  if ((headerBytes < leastInfoHeaderBytes && !isCore) || headerBytes > maxHeaderBytes) {
    throw new UnreadableImage("a header that BMP lacks");
  }
  const headEnd = fileHeaderBytes + headerBytes;
  const header = yield headerBytes - 4;
  const pixelBytes = isCore ? corePixelBytes(header) : infoPixelBytes(header, headerBytes);
  const end = pixelBytes > 0 ? pixelsAt + pixelBytes : declaredBytes;
  if (pixelsAt < headEnd || pixelsAt >= end) throw new UnreadableImage("a file size that leaves out the pixels");
  yield skip(end - headEnd);
  if (declaredBytes <= end) return;
  // What a size counts beyond the pixels need not be there.
  ending.fault = null;
  yield skip(declaredBytes - end);
}

/** These and the next begin behind the header's own size. */
function corePixelBytes(header: DataView): number {
  return plainBytes(header.getUint16(0, true), header.getUint16(2, true), header.getUint16(6, true));
}

/** 0: only the size of the file tells. */
function infoPixelBytes(header: DataView, headerBytes: number): number {
  const fieldAt = (at: number) => (at + 4 < headerBytes ? header.getUint32(at, true) : 0);
  if (!plainCompressions.has(fieldAt(12))) return fieldAt(16);
  return plainBytes(header.getInt32(0, true), Math.abs(header.getInt32(4, true)), header.getUint16(10, true));
}

/** Rows are padded to four bytes. */
function plainBytes(width: number, height: number, bits: number): number {
  return Math.ceil((width * bits) / 32) * 4 * height;
}
