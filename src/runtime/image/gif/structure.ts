/** The structure of a GIF (GIF89a, appendix B) from its signature to the trailer. Pixels are not decoded. */
import {
  extensionBlock,
  imageBlock,
  trailerBlock,
  colorTableBytes,
  descriptorBytes,
  headBytes,
  readSubBlocks,
} from "./blocks.ts";
import { UnreadableImage } from "../sampler.ts";
import { nameAt, skip, type Walk } from "../structure/walk.ts";

/** Ends after the trailer. @throws UnreadableImage */
export function* walkGif(): Walk {
  const head = yield headBytes;
  if (nameAt(head, 0) !== "GIF8") throw new UnreadableImage("no GIF signature");
  yield skip(colorTableBytes(head.getUint8(10)));
  let images = 0;
  for (;;) {
    const kind = (yield 1).getUint8(0);
    if (kind === trailerBlock) break;
    if (kind === imageBlock) {
      images++;
      const packed = (yield descriptorBytes).getUint8(descriptorBytes - 1);
      yield skip(colorTableBytes(packed));
    } else if (kind !== extensionBlock) throw new UnreadableImage("bytes between blocks");
    // The label of an extension, or the code size of an image.
    yield 1;
    yield readSubBlocks();
  }
  if (images === 0) throw new UnreadableImage("no image");
}
