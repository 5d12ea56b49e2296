/** Pulls the bytes between two delimiters: the content of a part, or the preamble. */
import type { ByteSource } from "../bytes.ts";
import type { BodyWindow } from "./body-window.ts";
import { readDelimiterLine } from "./delimiter-line.ts";
import type { DelimiterLine, LineBreak } from "./delimiter-line.ts";
import type { DelimiterSearch } from "./delimiter-search.ts";

/** The line that ended a stretch. */
export type EndingLine = Extract<DelimiterLine, { readonly kind: "next" | "last" }>;

/** How stretches of one body end. */
export interface Delimiter {
  /** For the line break and the boundary behind it. */
  readonly search: DelimiterSearch;
  /** Null: not decided yet. */
  readonly lineBreak: LineBreak | null;
}

/** Takes bytes from the window until it has taken the delimiter's line. Only one may be in use at a time. */
export class PartBody implements ByteSource {
  readonly #window: BodyWindow;
  readonly #delimiter: Delimiter;
  /** Bytes to leave out before the first one; see the constructor. */
  #skip: number;
  #ending: EndingLine | null = null;
  #passed = false;

  /**
   * The window starts `blankBytes` before the content, at the empty line that ends the headers: in a part without any
   * content that line's break may also be the delimiter's (RFC 2046 §5.1.1, `body-part`).
   */
  constructor(window: BodyWindow, delimiter: Delimiter, blankBytes: number) {
    this.#window = window;
    this.#delimiter = delimiter;
    this.#skip = blankBytes;
  }

  /**
   * As ByteSource has it; rejects with Problem("body_malformed") when the body ends without the delimiter, so that a
   * truncated part never reaches its null, and with what `BodyWindow.fill` throws. A plain Error when the part was left
   * behind before its end.
   */
  async read(): Promise<Uint8Array | null> {
    if (this.#passed) throw new Error("The next part has been asked for; this one can no longer be read.");
    return this.#next();
  }

  /** Reads and forgets the rest. From now on only a part that was read to its end says so. */
  async drain(): Promise<EndingLine> {
    this.#passed = this.#ending === null;
    while (this.#ending === null) await this.#next();
    return this.#ending;
  }

  async #next(): Promise<Uint8Array | null> {
    while (this.#ending === null) {
      const view = this.#take();
      if (view !== null) return view;
      if (this.#ending === null) await this.#window.fill();
    }
    return null;
  }

  /** What is certainly content in the window, or null when there is none; takes the delimiter once it comes first. */
  #take(): Uint8Array | null {
    const window = this.#window;
    const { search, lineBreak } = this.#delimiter;
    let from = window.start;
    let line: DelimiterLine | null = null;
    for (;;) {
      from = search.find(window.bytes, from, window.end);
      if (from === -1) break;
      line = readDelimiterLine(window, from + search.length, lineBreak);
      if (line.kind !== "content") break;
      from++;
    }
    // When none was found: all but the last bytes of the window, which may be the beginning of one.
    const contentEnd = from === -1 ? window.end - search.length + 1 : from;
    if (contentEnd >= window.start + this.#skip) {
      window.start += this.#skip;
      this.#skip = 0;
    }
    if (contentEnd === window.start && (line?.kind === "next" || line?.kind === "last")) {
      window.start = line.end;
      this.#ending = line;
      return null;
    }
    if (contentEnd <= window.start + this.#skip) return null;
    const view = window.bytes.subarray(window.start, contentEnd);
    window.start = contentEnd;
    return view;
  }
}
