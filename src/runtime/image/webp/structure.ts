/** The structure of a WebP (RFC 9649, 2.3 to 2.7): a RIFF that its chunks fill. Streams of pixels are not decoded. */
import { UnreadableImage } from "../sampler.ts";
import { nameAt, skip, type Walk } from "../structure/walk.ts";

const chunkHeadBytes = 8;
const firstChunks: ReadonlySet<string> = new Set(["VP8 ", "VP8L", "VP8X"]);
const imageChunks: ReadonlySet<string> = new Set(["VP8 ", "VP8L", "ANMF"]);

/** Ends where the RIFF does. @throws UnreadableImage */
export function* walkWebp(): Walk {
  const head = yield 12;
  if (nameAt(head, 0) !== "RIFF" || nameAt(head, 8) !== "WEBP") throw new UnreadableImage("no WebP signature");
  let left = head.getUint32(4, true) - 4;
  let first = "";
  let hasImage = false;
  while (left !== 0) {
    if (left < chunkHeadBytes) throw new UnreadableImage("chunks do not fill the RIFF");
    const chunk = yield chunkHeadBytes;
    const name = nameAt(chunk, 0);
    const length = chunk.getUint32(4, true);
    left -= chunkHeadBytes + length;
    // Some writers do not count the padding of the last chunk, or leave it away.
    const padding = left === 0 ? 0 : length & 1;
    left -= padding;
    if (left < 0) throw new UnreadableImage("a chunk overruns the RIFF");
    // Only the extended format has more than one chunk.
    if (first === "" ? !firstChunks.has(name) : first !== "VP8X") throw new UnreadableImage("a chunk out of place");
    first ||= name;
    hasImage ||= imageChunks.has(name);
    yield skip(length);
    if (padding === 1 && (yield 1).getUint8(0) !== 0) throw new UnreadableImage("padding that is not empty");
  }
  if (!hasImage) throw new UnreadableImage("no image");
}
