/**
 * The structure of an AVIF, HEIC or HEIF file (ISO/IEC 14496-12, 4.2): boxes that fill it, and only those that belong
 * to pictures. The content of most boxes is not checked.
 */
import { boxHeadBytes, fullBoxBytes, hasSequenceBrand, maxBrandBytes, readBoxHead, readRestOfHead } from "./boxes.ts";
import { UnreadableImage } from "../sampler.ts";
import { isPadding, passPadding } from "../structure/behind.ts";
import { walkFilm } from "../structure/film.ts";
import { inSpan, skip, type Ending, type Run, type Span, type Walk } from "../structure/walk.ts";

/**
 * Boxes of the file itself: `free`, `skip` and `wide` are padding, `uuid` is where provenance and maker's notes are,
 * `sefd` holds what Samsung's phones add, and `mpvd` the film of a motion photo (Motion Photo 1.0).
 */
const pictureBoxes: ReadonlySet<string> = new Set("meta mdat free skip wide uuid sefd mpvd".split(" "));

/** Nothing says which box is the last: the walk never ends, and tells where the file may. @throws UnreadableImage */
export function* walkHeif(ending: Ending): Walk {
  const { name, bodyBytes } = yield* readBoxHead();
  if (name !== "ftyp" || bodyBytes < 0 || bodyBytes > maxBrandBytes) throw new UnreadableImage("no file type first");
  const isSequence = hasSequenceBrand(yield bodyBytes, bodyBytes);
  const file = new HeifFile(ending);
  for (;;) {
    const head = new DataView(new ArrayBuffer(boxHeadBytes));
    yield file.awaitHead(head);
    // Padding has no end that could be passed.
    if (ending.fault === null) yield passPadding;
    const { name, bodyBytes } = yield* readRestOfHead(head);
    // A film may only belong to a sequence of pictures: otherwise something has appended it to a single one.
    if (!pictureBoxes.has(name) && !(isSequence && name === "moov")) throw new UnreadableImage("a box out of place");
    yield* file.passBody(name, { at: 0, bytes: bodyBytes });
  }
}

class HeifFile {
  readonly #ending: Ending;
  /** Why a file must not end within a box. */
  readonly #cut: string | null;
  readonly #seen = new Set<string>();

  constructor(ending: Ending) {
    this.#ending = ending;
    this.#cut = ending.fault;
  }

  /** Takes eight bytes. If all of them are padding, the file may still end behind them. */
  awaitHead(head: DataView): Run {
    let filled = 0;
    this.#allowEnding();
    return (bytes, from) => {
      let at = from;
      for (; filled < boxHeadBytes && at < bytes.length; filled++, at++) {
        const byte = bytes[at] as number;
        head.setUint8(filled, byte);
        if (!isPadding(byte)) this.#ending.fault = this.#cut;
      }
      return filled === boxHeadBytes ? at : -1;
    };
  }

  /** The body of one of the file's boxes. Only the last box may have no size. */
  *passBody(name: string, span: Span): Walk {
    this.#seen.add(name);
    const isEndless = span.bytes === Number.POSITIVE_INFINITY;
    if (span.bytes < 0 || (isEndless && name !== "meta" && name !== "mdat")) {
      throw new UnreadableImage("a box without an end");
    }
    if (isEndless && name === "mdat") this.#allowEnding();
    if (name === "meta") yield* inSpan(this.#passMeta(span), span);
    else if (name === "mpvd") yield* inSpan(passMotion(span), span);
    else yield skip(span.bytes);
  }

  *#passMeta(span: Span): Walk {
    yield skip(fullBoxBytes);
    while (span.at < span.bytes) {
      if (span.bytes === Number.POSITIVE_INFINITY) this.#allowEnding();
      yield awaitByte;
      this.#ending.fault = this.#cut;
      const { name, bodyBytes } = yield* readBoxHead();
      if (bodyBytes < 0 || bodyBytes === Number.POSITIVE_INFINITY) throw new UnreadableImage("a box without an end");
      if (name === "idat") this.#seen.add(name);
      yield skip(bodyBytes);
    }
  }

  /** If the picture is whole. Its pixels may lie in `meta` itself. */
  #allowEnding(): void {
    const seen = this.#seen;
    const isWhole = (seen.has("meta") || seen.has("moov")) && (seen.has("mdat") || seen.has("idat"));
    this.#ending.fault = isWhole ? null : this.#cut;
  }
}

/** Waits for a byte and leaves it. */
const awaitByte: Run = (bytes, from) => (from < bytes.length ? from : -1);

function* passMotion(span: Span): Walk {
  const { name, bodyBytes } = yield* readBoxHead();
  if (name !== "ftyp") throw new UnreadableImage("a motion photo without a film");
  yield* walkFilm(bodyBytes, () => span.at === span.bytes);
}
