/**
 * Reads JSON (RFC 8259) for people who write it by hand: a syntax error has a line and a column, and a member name
 * that an object holds twice is reported, which JSON.parse hides. It knows nothing of ABIs.
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

/** Parses a whole document. Never throws. */
export function parseJsonText(source: string): JsonText {
  const duplicates: string[] = [];
  let offset = source.startsWith("\uFEFF") ? 1 : 0;

  function match(pattern: RegExp): string | null {
    pattern.lastIndex = offset;
    const found = pattern.exec(source)?.[0] ?? null;
    offset += found?.length ?? 0;
    return found;
  }
  function fail(expected: string): never {
    const found = source[offset];
    throw new SyntaxFault(
      offset,
      `expected ${expected}, found ${found === undefined ? "the end" : JSON.stringify(found)}`,
    );
  }
  /** Takes one of the punctuation marks, and the space around it. */
  function take(marks: string, expected: string): string {
    match(space);
    const mark = source[offset];
    if (mark === undefined || !marks.includes(mark)) fail(expected);
    offset += 1;
    match(space);
    return mark;
  }
  function readText(expected: string): string {
    if (source[offset] !== '"') fail(expected);
    const found = match(text);
    if (found === null) throw new SyntaxFault(offset, "this text does not end on its line, or has a bad escape");
    try {
      return String(JSON.parse(found));
    } catch {
      throw new SyntaxFault(offset - found.length, "this text holds a control character");
    }
  }
  function readObject(place: string, depth: number): unknown {
    const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    take("{", "{");
    if (source[offset] === "}") {
      offset += 1;
      return object;
    }
    do {
      const name = readText('a member name in "quotes"');
      const memberPlace = place + pointerStep(name);
      if (name in object) duplicates.push(memberPlace);
      take(":", '":"');
      object[name] = readValue(memberPlace, depth);
    } while (take(",}", '"," or "}"') === ",");
    return object;
  }
  function readArray(place: string, depth: number): unknown {
    const items: unknown[] = [];
    take("[", "[");
    if (source[offset] === "]") {
      offset += 1;
      return items;
    }
    do items.push(readValue(place + pointerStep(items.length), depth));
    while (take(",]", '"," or "]"') === ",");
    return items;
  }
  function readValue(place: string, depth: number): unknown {
    if (depth > maxDepth) throw new SyntaxFault(offset, `nested deeper than ${String(maxDepth)} levels`);
    const mark = source[offset];
    if (mark === "{") return readObject(place, depth + 1);
    if (mark === "[") return readArray(place, depth + 1);
    if (mark === '"') return readText("a value");
    const found = match(scalar);
    return found === null || found === "" ? fail("a value") : (JSON.parse(found) as unknown);
  }

  try {
    match(space);
    const value = readValue("", 0);
    match(space);
    if (offset < source.length) fail("the end of the file");
    return { ok: true, value, duplicates };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    const before = source.slice(0, error.offset).split("\n");
    return { ok: false, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message: error.message };
  }
}
