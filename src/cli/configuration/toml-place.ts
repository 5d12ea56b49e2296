/** Finds where a key stands in the text of a TOML file, which its parser does not tell. */

const bare = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/;
const header = /^\s*\[(\[?)([^\]]+)\]/;

type Path = readonly (string | number)[];

const namesIn = (path: string): string[] =>
  Array.from(path.matchAll(/[\w-]+|"[^"]*"|'[^']*'/g), ([name]) => name.replace(/^(["'])(.*)\1$/, "$2"));

/** Knows how many entries each list of tables has so far: `[[a]]` begins the next, `[a.b]` is in the last. */
function createTablePaths(): (names: readonly string[], isList: boolean) => Path {
  const lists = new Map<string, number>();
  const withIndexes = (names: readonly string[]): (string | number)[] => {
    const path: (string | number)[] = [];
    for (const name of names) {
      path.push(name);
      const last = lists.get(JSON.stringify(path));
      if (last !== undefined) path.push(last);
    }
    return path;
  };
  return (names, isList) => {
    if (!isList) return withIndexes(names);
    const list = [...withIndexes(names.slice(0, -1)), ...names.slice(-1)];
    const key = JSON.stringify(list);
    const index = (lists.get(key) ?? -1) + 1;
    lists.set(key, index);
    return [...list, index];
  };
}

const isSame = (one: Path, other: Path): boolean =>
  one.length === other.length && one.every((step, at) => step === other[at]);

/**
 * `:line:column`, counted from 1, of a key, or of the header of a table; null where it is in an inline table, or is not
 * there.
 */
export function placeOfKey(text: string, path: Path): string | null {
  const pathOf = createTablePaths();
  let table: Path = [];
  for (const [index, line] of text.split("\n").entries()) {
    const place = `:${String(index + 1)}:${String(line.search(/\S/) + 1)}`;
    const [, bracket, title] = header.exec(line) ?? [];
    if (title !== undefined) {
      table = pathOf(namesIn(title), bracket === "[");
      if (isSame(table, path)) return place;
    }
    const key = bare.exec(line)?.[1];
    if (key !== undefined && isSame([...table, ...namesIn(key)], path)) return place;
  }
  return null;
}
