/** Splits SQL of either database into its words, as far as names are looked for in it. */

export interface Word {
  /** In lower-case letters and without quotes; a sign on its own; empty for a text. */
  readonly text: string;
  /** What a text holds: SQLite takes it for a name where it expects one. */
  readonly held: string;
  /** Counted from 1. */
  readonly line: number;
  /** Its offset. */
  readonly at: number;
}

const token =
  /--[^\n]*|\/\*[^]*?\*\/|\$(?<tag>\w*)\$(?<body>[^]*?)\$\k<tag>\$|\b[eE]'(?:[^'\\]|''|\\[^])*'|'(?<held>(?:[^']|'')*)'|"(?<quoted>(?:[^"]|"")*)"|`(?<ticked>[^`]*)`|\[(?<bracketed>[^\]]*)\]|[\p{L}_][\p{L}\p{N}_$]*|\S/gu;

const isComment = (text: string): boolean => text.startsWith("--") || text.startsWith("/*");

/** The words in order, those of function bodies among them. */
export function readWords(sql: string, firstLine = 1, offset = 0): Word[] {
  let line = firstLine;
  let read = 0;
  return [...sql.matchAll(token)].flatMap((found) => {
    const [text] = found;
    line += sql.slice(read, found.index).split("\n").length - 1;
    read = found.index;
    const at = offset + read;
    if (isComment(text)) return [];
    const { body, held, quoted, ticked, bracketed } = found.groups ?? {};
    if (body !== undefined) return readWords(body, line, at + text.indexOf(body, 2));
    if (held !== undefined || /^e'/i.test(text)) return [{ text: "", held: (held ?? "").toLowerCase(), line, at }];
    return [{ text: (quoted ?? ticked ?? bracketed ?? text).toLowerCase(), held: "", line, at }];
  });
}

/** The line of the first word at or behind an offset; null where only comments follow. */
export function lineFrom(sql: string, offset: number): number | null {
  return readWords(sql.slice(offset), sql.slice(0, offset).split("\n").length)[0]?.line ?? null;
}
