/**
 * Reads JSON that was written by hand (RFC 8259, with comments and a comma behind the last member or item, as in JSONC) and
 * knows where everything in it stands: a syntax error has a line and a column, and a member name that an object has
 * twice, which JSON.parse would hide, is reported.
 */
import { pointerStep, type Spot } from "./diagnostic.ts";

/** Both counted from 1; columns in UTF-16 units, as editors count them. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A part of one line. */
export interface TextSpan extends TextPosition {
  readonly length: number;
}

export type JsonText =
  | {
      readonly ok: true;
      /** Objects have no prototype, so `__proto__` is a name like any other. */
      readonly value: unknown;
      /** Places of members whose name came before in the same object. */
      readonly duplicates: readonly string[];
      /** Where that is which a JSON pointer names; null where there is no such value. */
      readonly spanOf: (place: string, spot?: Spot) => TextSpan | null;
    }
  | ({ readonly ok: false; readonly message: string } & TextPosition);

/** Offsets of a value, and of the name of the member that it is. */
interface Extent {
  readonly name: number | null;
  readonly start: number;
  readonly end: number;
}

class SyntaxFault extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const spaces = /(?:[ \t\n\r]|\/\/[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*/y;
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** What may stand between quotes; JSON.parse then refuses bare control characters. */
const text = /"(?:[^"\\\n\r]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
/** Deeper nesting is not an ABI, and would overflow the reader's stack. */
const maxDepth = 100;

/** Where the reading of one document stands. */
class Reader {
  readonly duplicates: string[] = [];
  /** Of every value, by its JSON pointer. */
  readonly extents = new Map<string, Extent>();
  readonly #source: string;
  #offset: number;

  constructor(source: string) {
    this.#source = source;
    this.#offset = source.startsWith("\uFEFF") ? 1 : 0;
  }

  readDocument(): unknown {
    this.#skipSpace();
    const value = this.#readPlaced("", null, 0);
    this.#skipSpace();
    if (this.#offset < this.#source.length) this.#fail("the end of the file");
    return value;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#source)?.[0] ?? "";
    this.#offset += found.length;
    return found;
  }

  #skipSpace(): void {
    this.#match(spaces);
  }

  #fail(expected: string): never {
    const found = this.#source[this.#offset];
    const what = found === undefined ? "the end" : JSON.stringify(found);
    throw new SyntaxFault(this.#offset, `expected ${expected}, found ${what}`);
  }

  /** Takes one of the punctuation marks, and the space around it. */
  #take(marks: string, expected: string): string {
    this.#skipSpace();
    const mark = this.#source[this.#offset];
    if (mark === undefined || !marks.includes(mark)) this.#fail(expected);
    this.#offset += 1;
    this.#skipSpace();
    return mark;
  }

  /** Takes the comma before another member or item, or the end. */
  #takeNext(end: string): boolean {
    if (this.#take(`,${end}`, `"," or "${end}"`) === end) return false;
    return !this.#skipEnd(end);
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
      const start = this.#offset;
      const name = this.#readText('a member name in "quotes"');
      const memberPlace = place + pointerStep(name);
      if (name in object) this.duplicates.push(memberPlace);
      this.#take(":", '":"');
      object[name] = this.#readPlaced(memberPlace, start, depth);
    } while (this.#takeNext("}"));
    return object;
  }

  #readArray(place: string, depth: number): unknown {
    const items: unknown[] = [];
    this.#take("[", "[");
    if (this.#skipEnd("]")) return items;
    do {
      items.push(this.#readPlaced(place + pointerStep(items.length), null, depth));
    } while (this.#takeNext("]"));
    return items;
  }

  #readPlaced(place: string, name: number | null, depth: number): unknown {
    const start = this.#offset;
    const value = this.#readValue(place, depth);
    this.extents.set(place, { name, start, end: this.#offset });
    return value;
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

function positionAt(source: string, offset: number): TextPosition {
  const before = source
    .slice(0, offset)
    .replace(/^\uFEFF/, "")
    .split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** One UTF-16 unit of a text, as it is written between quotes. */
const unit = /\\u[\da-fA-F]{4}|\\.|[^]/g;
/** What is underlined of SQL: a name with what it belongs to, a placeholder, or a sign. */
const word = /\$\{[\w.]+\}|[\w$]+(?:\.\w+)*|[^]/y;

/** Offsets of the word that stands at an index of the text whose quotes these are. */
function wordInText(source: string, { start, end }: Extent, index: number): [start: number, end: number] {
  const units = source.slice(start + 1, end - 1).match(unit) ?? [];
  const at = start + 1 + units.slice(0, index).join("").length;
  word.lastIndex = at;
  return [at, at + (word.exec(source)?.[0].length ?? 1)];
}

/** What is underlined: of a list or an object the name of the member, or the bracket. */
function extentOf(source: string, extent: Extent, spot: Spot | undefined): [start: number, end: number] {
  const { name, start, end } = extent;
  const mark = source[start] ?? "";
  if (typeof spot === "number" && mark === '"') return wordInText(source, extent, spot);
  if (name !== null && (spot === "name" || mark === "{" || mark === "[")) {
    text.lastIndex = name;
    return [name, name + (text.exec(source)?.[0].length ?? 1)];
  }
  return mark === "{" || mark === "[" ? [start, start + 1] : [start, end];
}

/** Parses a whole document. Never throws. */
export function parseJsonText(source: string): JsonText {
  const reader = new Reader(source);
  try {
    const value = reader.readDocument();
    const { duplicates, extents } = reader;
    const spanOf = (place: string, spot?: Spot) => {
      const extent = extents.get(place);
      if (extent === undefined) return null;
      const [start, end] = extentOf(source, extent, spot);
      return { ...positionAt(source, start), length: end - start };
    };
    return { ok: true, value, duplicates, spanOf };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    return { ok: false, ...positionAt(source, error.offset), message: error.message };
  }
}
