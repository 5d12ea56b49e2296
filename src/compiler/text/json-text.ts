/**
 * Reads JSON (RFC 8259) that was written by hand: a syntax error has a line and a column, and a member name that an
 * object has twice, which JSON.parse would hide, is reported.
 */
import { pointerStep } from "./diagnostic.ts";

export type JsonText =
  | {
      readonly ok: true;
      /** Objects have no prototype, so `__proto__` is a name like any other. */
      readonly value: unknown;
      /** Places of members whose name came before in the same object. */
      readonly duplicates: readonly string[];
    }
  | { readonly ok: false; readonly line: number; readonly column: number; readonly message: string };

class SyntaxFault extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const space = /[ \t\n\r]*/y;
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** What may stand between quotes; JSON.parse then refuses bare control characters. */
const text = /"(?:[^"\\\n\r]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
/** Deeper nesting is not an ABI, and would overflow the reader's stack. */
const maxDepth = 100;

/** Where the reading of one document stands. */
class Reader {
  readonly duplicates: string[] = [];
  readonly #source: string;
  #offset: number;

  constructor(source: string) {
    this.#source = source;
    this.#offset = source.startsWith("\uFEFF") ? 1 : 0;
  }

  readDocument(): unknown {
    this.#match(space);
    const value = this.#readValue("", 0);
    this.#match(space);
    if (this.#offset < this.#source.length) this.#fail("the end of the file");
    return value;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#source)?.[0] ?? "";
    this.#offset += found.length;
    return found;
  }

  #fail(expected: string): never {
    const found = this.#source[this.#offset];
    const what = found === undefined ? "the end" : JSON.stringify(found);
    throw new SyntaxFault(this.#offset, `expected ${expected}, found ${what}`);
  }

  /** Takes one of the punctuation marks, and the space around it. */
  #take(marks: string, expected: string): string {
    this.#match(space);
    const mark = this.#source[this.#offset];
    if (mark === undefined || !marks.includes(mark)) this.#fail(expected);
    this.#offset += 1;
    this.#match(space);
    return mark;
  }

  #skipEnd(mark: string): boolean {
    if (this.#source[this.#offset] !== mark) return false;
    this.#offset += 1;
    return true;
  }

  #readText(expected: string): string {
    const start = this.#offset;
    if (this.#source[start] !== '"') this.#fail(expected);
    const found = this.#match(text);
    if (found === "") throw new SyntaxFault(start, "this text does not end on its line, or has a bad escape");
    try {
      return String(JSON.parse(found));
    } catch {
      throw new SyntaxFault(start, "this text holds a control character");
    }
  }

  #readObject(place: string, depth: number): unknown {
    const object = Object.create(null) as Record<string, unknown>;
    this.#take("{", "{");
    if (this.#skipEnd("}")) return object;
    do {
      const name = this.#readText('a member name in "quotes"');
      const memberPlace = place + pointerStep(name);
      if (name in object) this.duplicates.push(memberPlace);
      this.#take(":", '":"');
      object[name] = this.#readValue(memberPlace, depth);
    } while (this.#take(",}", '"," or "}"') === ",");
    return object;
  }

  #readArray(place: string, depth: number): unknown {
    const items: unknown[] = [];
    this.#take("[", "[");
    if (this.#skipEnd("]")) return items;
    do items.push(this.#readValue(place + pointerStep(items.length), depth));
    while (this.#take(",]", '"," or "]"') === ",");
    return items;
  }

  #readValue(place: string, depth: number): unknown {
    if (depth > maxDepth) throw new SyntaxFault(this.#offset, `nested deeper than ${String(maxDepth)} levels`);
    const mark = this.#source[this.#offset];
    if (mark === "{") return this.#readObject(place, depth + 1);
    if (mark === "[") return this.#readArray(place, depth + 1);
    if (mark === '"') return this.#readText("a value");
    const found = this.#match(scalar);
    return found === "" ? this.#fail("a value") : (JSON.parse(found) as unknown);
  }
}

/** Parses a whole document. Never throws. */
export function parseJsonText(source: string): JsonText {
  const reader = new Reader(source);
  try {
    return { ok: true, value: reader.readDocument(), duplicates: reader.duplicates };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    const before = source.slice(0, error.offset).split("\n");
    return { ok: false, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message: error.message };
  }
}
