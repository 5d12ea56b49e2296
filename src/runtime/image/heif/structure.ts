/**
 * The structure of an AVIF, HEIC or HEIF file (ISO/IEC 14496-12, 4.2): boxes that fill it, and only those that belong
 * to pictures. The content of the boxes is not checked.
 */
import { hasSequenceBrand, maxBrandBytes, readBoxHead } from "./boxes.ts";
import { UnreadableImage } from "../sampler.ts";
import { skip, type Ending, type Run, type Walk } from "../structure/walk.ts";

/** Boxes of the file itself; `free` and `skip` are padding, and `uuid` is where provenance and maker's notes are. */
const pictureBoxes: ReadonlySet<string> = new Set(["meta", "mdat", "free", "skip", "uuid"]);

/** Waits for a byte and leaves it. */
const awaitByte: Run = (bytes, from) => (from < bytes.length ? from : -1);

/** Nothing says which box is the last: the walk never ends, and allows an ending between boxes. @throws UnreadableImage */
export function* walkHeif(ending: Ending): Walk {
  const { name, bodyBytes } = yield* readBoxHead();
  if (name !== "ftyp" || bodyBytes < 0 || bodyBytes > maxBrandBytes) throw new UnreadableImage("no file type first");
  const isSequence = hasSequenceBrand(yield bodyBytes, bodyBytes);
  const seen = new Set<string>();
  for (;;) {
    ending.allowed = seen.has("meta") && seen.has("mdat");
    yield awaitByte;
    ending.allowed = false;
    const { name, bodyBytes } = yield* readBoxHead();
    // A film may only belong to a sequence of pictures: otherwise a phone has appended it to a single one.
    if (!pictureBoxes.has(name) && !(isSequence && name === "moov")) throw new UnreadableImage("a box out of place");
    if (bodyBytes < 0 || bodyBytes === Number.POSITIVE_INFINITY) throw new UnreadableImage("a box without an end");
    if (pictureBoxes.has(name)) seen.add(name);
    yield skip(bodyBytes);
  }
}
