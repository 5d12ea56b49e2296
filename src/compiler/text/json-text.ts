/**
 * Reads JSON (RFC 8259) that was written by hand: a syntax error has a line and a column, and a member name that an
 * object has twice, which JSON.parse would hide, is reported. Of JSONC, which editors' and wrangler's own files are in, it
 * takes comments and a comma behind the last member or item.
 */
import { pointerStep } from "./diagnostic.ts";

/** Both counted from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

export type JsonText =
  | {
      readonly ok: true;
      /** Objects have no prototype, so `__proto__` is a name like any other. */
      readonly value: unknown;
      /** Places of members whose name came before in the same object. */
      readonly duplicates: readonly string[];
      /** Where a member's name or a list's item stands. @param place its JSON pointer. @returns null where it does not */
      readonly positionOf: (place: string) => TextPosition | null;
    }
  | ({ readonly ok: false; readonly message: string } & TextPosition);

type Dialect = "json" | "jsonc";

class SyntaxFault extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const spaces: Readonly<Record<Dialect, RegExp>> = {
  json: /[ \t\n\r]*/y,
  jsonc: /(?:[ \t\n\r]|\/\/[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*/y,
};
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** What may stand between quotes; JSON.parse then refuses bare control characters. */
const text = /"(?:[^"\\\n\r]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
/** Deeper nesting is not an ABI, and would overflow the reader's stack. */
const maxDepth = 100;

/** Where the reading of one document stands. */
class Reader {
  readonly duplicates: string[] = [];
  /** Of members' names and lists' items, by their JSON pointer. */
  readonly offsets = new Map<string, number>();
  readonly #source: string;
  readonly #dialect: Dialect;
  #offset: number;

  constructor(source: string, dialect: Dialect) {
    this.#source = source;
    this.#dialect = dialect;
    this.#offset = source.startsWith("\uFEFF") ? 1 : 0;
  }

  readDocument(): unknown {
    this.#skipSpace();
    const value = this.#readValue("", 0);
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
    this.#match(spaces[this.#dialect]);
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
    return this.#dialect === "json" || !this.#skipEnd(end);
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
      this.offsets.set(memberPlace, start);
      this.#take(":", '":"');
      object[name] = this.#readValue(memberPlace, depth);
    } while (this.#takeNext("}"));
    return object;
  }

  #readArray(place: string, depth: number): unknown {
    const items: unknown[] = [];
    this.#take("[", "[");
    if (this.#skipEnd("]")) return items;
    do {
      const itemPlace = place + pointerStep(items.length);
      this.offsets.set(itemPlace, this.#offset);
      items.push(this.#readValue(itemPlace, depth));
    } while (this.#takeNext("]"));
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

function positionAt(source: string, offset: number): TextPosition {
  const before = source.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Parses a whole document. Never throws. */
export function parseJsonText(source: string, dialect: Dialect = "json"): JsonText {
  const reader = new Reader(source, dialect);
  try {
    const value = reader.readDocument();
    const { duplicates, offsets } = reader;
    const positionOf = (place: string) => {
      const offset = offsets.get(place);
      return offset === undefined ? null : positionAt(source, offset);
    };
    return { ok: true, value, duplicates, positionOf };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    return { ok: false, ...positionAt(source, error.offset), message: error.message };
  }
}
