/** Finds where a key stands in the text of a TOML file, which its parser does not tell. */

const bare = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/;
const header = /^\s*\[(\[?)([^\]]+)\]/;

const namesIn = (path: string): string[] =>
  Array.from(path.matchAll(/[\w-]+|"[^"]*"|'[^']*'/g), ([name]) => name.replace(/^(["'])(.*)\1$/, "$2"));

/** `:line:column`, counted from 1; null where it is in an inline table, or is not there. */
export function placeOfKey(text: string, path: readonly string[]): string | null {
  let table: readonly string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const [, isList, title] = header.exec(line) ?? [];
    // Keys below an entry of a list are nobody's here.
    if (title !== undefined) table = isList === "[" ? ["[["] : namesIn(title);
    const key = bare.exec(line)?.[1];
    if (key === undefined) continue;
    const names = [...table, ...namesIn(key)];
    if (names.length === path.length && names.every((name, at) => name === path[at])) {
      return `:${String(index + 1)}:${String(line.search(/\S/) + 1)}`;
    }
  }
  return null;
}
