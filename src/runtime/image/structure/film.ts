/** The boxes of the film that a motion photo carries (ISO/IEC 14496-12, 4.2). */
import { readBoxHead } from "../heif/boxes.ts";
import { UnreadableImage } from "../sampler.ts";
import { skip, type Walk } from "./walk.ts";

/** Behind the first, which is `ftyp`. */
const filmBoxes: ReadonlySet<string> = new Set("moov mdat free skip wide uuid udta meta moof mfra sidx".split(" "));

/**
 * From the body of the first box, which has so many bytes, to the box behind which the film is at its end.
 * @throws UnreadableImage
 */
export function* walkFilm(firstBodyBytes: number, isAtEnd: () => boolean): Walk {
  for (let bodyBytes = firstBodyBytes; ;) {
    if (bodyBytes < 0 || bodyBytes === Number.POSITIVE_INFINITY) throw new UnreadableImage("a box without an end");
    yield skip(bodyBytes);
    if (isAtEnd()) return;
    const head = yield* readBoxHead();
    if (!filmBoxes.has(head.name)) throw new UnreadableImage("a film that does not end where it should");
    bodyBytes = head.bodyBytes;
  }
}
