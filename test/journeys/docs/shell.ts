/** Reads shell text as far as documentation uses it: words, quotes, comments, substitutions, continued lines. */

/** The simple commands of a text, each as its words, without variables that are set before it and redirections. */
export function commandsOf(text: string): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  let words: string[] = [];
  let word: string | null = null;
  const endWord = () => {
    if (word !== null) words.push(word);
    word = null;
  };
  const endCommand = () => {
    endWord();
    found.push(words);
    words = [];
  };
  const joined = text.replaceAll(/\\\n\s*/g, " ");
  for (let at = 0; at < joined.length; at += 1) {
    const character = joined[at] ?? "";
    const substitution = joined.startsWith("$(", at) ? readSubstitution(joined, at) : null;
    if (substitution !== null) {
      found.push(...commandsOf(substitution));
      word = `${word ?? ""}$()`;
      at += substitution.length + 2;
    } else if (character === "'" || character === '"') {
      const end = closingQuote(joined, at);
      const quoted = joined.slice(at + 1, end);
      if (character === '"') found.push(...substitutionsOf(quoted));
      word = (word ?? "") + quoted;
      at = end;
    } else if (character === "#" && word === null) {
      while (at + 1 < joined.length && joined[at + 1] !== "\n") at += 1;
    } else if (";|&\n()".includes(character)) endCommand();
    else if (/\s/.test(character)) endWord();
    else word = (word ?? "") + character;
  }
  endCommand();
  return found.map(withoutSettings).filter(({ length }) => length > 0);
}

/** @throws Error where nothing closes the quote */
function closingQuote(text: string, at: number): number {
  const quote = text[at] ?? "";
  let end = at + 1;
  while (end < text.length && text[end] !== quote) {
    if (quote === '"' && text.startsWith("$(", end)) end += (readSubstitution(text, end)?.length ?? 0) + 2;
    end += quote === '"' && text[end] === "\\" ? 2 : 1;
  }
  if (end >= text.length) throw new Error(`Nothing closes ${quote} in ${text}`);
  return end;
}

/** What stands between `$(` and its bracket. */
function readSubstitution(text: string, at: number): string | null {
  let depth = 0;
  for (let end = at + 1; end < text.length; end += 1) {
    if (text[end] === "(") depth += 1;
    if (text[end] === ")") depth -= 1;
    if (depth === 0) return text.slice(at + 2, end);
  }
  return null;
}

function substitutionsOf(text: string): readonly (readonly string[])[] {
  const at = text.indexOf("$(");
  const inner = at === -1 ? null : readSubstitution(text, at);
  if (inner === null) return [];
  return [...commandsOf(inner), ...substitutionsOf(text.slice(at + inner.length + 3))];
}

function withoutSettings(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => !/^\w+=/.test(word));
  return first === -1 ? [] : words.slice(first).filter((word) => !/^\d?[<>]/.test(word));
}
