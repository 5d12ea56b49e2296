/** The structure of a BMP, as far as its header describes it: the size of the file, and pixels that begin within it. */
import { UnreadableImage } from "../sampler.ts";
import { skip, type Walk } from "../structure/walk.ts";

const headBytes = 14;
const signature = 0x424d;

/** Ends after the declared size. @throws UnreadableImage */
export function* walkBmp(): Walk {
  const head = yield headBytes;
  const fileBytes = head.getUint32(2, true);
  const pixelsAt = head.getUint32(10, true);
  if (head.getUint16(0) !== signature) throw new UnreadableImage("no BMP signature");
  if (pixelsAt <= headBytes || pixelsAt >= fileBytes)
    throw new UnreadableImage("a file size that leaves out the pixels");
  yield skip(fileBytes - headBytes);
}
